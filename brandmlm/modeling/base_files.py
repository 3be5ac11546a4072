"""The files of a base checkpoint: checked before it is loaded, written in the form that all stages load."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, sha256, write_json
from brandmlm.modeling.base_model import quiet_transformers
from brandmlm.modeling.bases.hub import VOCABULARIES
from brandmlm.modeling.checkpoint import save_checkpoint

# Files that transformers no longer writes and other programs still look for.
EXTRAS: Final = ("vocab.txt", "vocab.json", "merges.txt", "special_tokens_map.json")


def check_files(folder: Path, digests: Mapping[str, str]) -> None:
    """Check that a folder holds a complete checkpoint in safetensors, with a tokenizer, and the pinned files.

    Args:
        folder: The checkpoint's folder.
        digests: Pinned SHA-256 digests by file name.

    Raises:
        UserError: A file is missing, damaged, or not the pinned one.
    """
    for name, pinned in sorted(digests.items()):
        file = folder / name
        if not file.is_file():
            raise UserError(f"{file}: not found, but base.digests pins it; complete the folder or remove the pin")
        found = sha256(file)
        if found != pinned:
            raise UserError(
                f"{file}: its sha256 is {found}, but {pinned} is pinned; restore the file, or set base.digests in "
                "params.yaml to the digest of the new one"
            )
    if not (folder / "config.json").is_file():
        raise UserError(f"{folder}: no config.json, so this is not a checkpoint; check base in params.yaml")
    weights = sorted(folder.glob("model*.safetensors"))
    if not weights:
        if any(folder.glob("pytorch_model*.bin")):
            raise UserError(
                f"{folder}: weights only as pytorch_model.bin, a format that can run code; if you trust its origin, "
                'convert it: python -c "from transformers import AutoModel as M; '
                f"M.from_pretrained('{folder}', use_safetensors=False).save_pretrained('{folder}')\" "
                "(AutoModelForMaskedLM if it has a masked-LM head)"
            )
        raise UserError(f"{folder}: no model.safetensors; check base in params.yaml")
    for file in weights:
        try:
            with safe_open(file, framework="pt"):
                pass
        except (SafetensorError, OSError) as error:
            raise UserError(f"{file}: truncated or altered ({error}); download it again") from None
    # transformers would create an empty tokenizer without a warning.
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise UserError(f"{folder}: no tokenizer ({', '.join(VOCABULARIES[:2])}, ...); add the tokenizer's files to it")


def write_base(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    source: Path,
    origin: Mapping[str, object] | None,
    out: Path,
) -> None:
    """Write a checkpoint; the same one gives the same bytes.

    Args:
        model: The model with its masked-LM head.
        tokenizer: Its tokenizer.
        source: Folder of the original checkpoint, from which `EXTRAS` are copied.
        origin: The content of `origin.json`; None writes no such file.
        out: The folder to fill.
    """
    with atomic_folder(out) as partial:
        with quiet_transformers():
            save_checkpoint(model, tokenizer, partial)
        for name in EXTRAS:
            if (source / name).is_file() and not (partial / name).exists():
                shutil.copyfile(source / name, partial / name)
        if origin is not None:
            write_json(partial / "origin.json", origin)
