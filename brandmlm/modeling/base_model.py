"""Bring the base into the project: a checkpoint with a masked-LM head and its tokenizer, in a form all stages can load.

In: the `base` of params.yaml (a folder in an installed package, a folder of the user's, a repository on a model hub).
Out: a folder with `config.json`, `model.safetensors` and the tokenizer's files; from a hub also `origin.json`, which
commit and files they were made of. Weights are read from safetensors alone (other formats can
run code), digests are checked where pinned, code that comes with a checkpoint is never run. A checkpoint without a
masked-LM head gets that of the adapter which params.yaml names (merged into the weights), or else a new one. The same
checkpoint gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, sha256, write_json
from brandmlm.modeling.bases.hub import VOCABULARIES
from brandmlm.modeling.checkpoint import save_checkpoint

HEAD_SEED: Final = 0

# What transformers no longer writes and other programs still look for.
EXTRAS: Final = ("vocab.txt", "vocab.json", "merges.txt", "special_tokens_map.json")


def check_files(folder: Path, digests: Mapping[str, str]) -> None:
    """Raise UserError where the folder holds no safe, complete checkpoint, or not the one that is pinned.

    `digests`: sha256 by file name.
    """
    for name, pinned in sorted(digests.items()):
        file = folder / name
        if not file.is_file():
            raise UserError(f"{file}: not found, but base.digests pins it; complete the folder or remove the pin")
        found = sha256(file)
        if found != pinned:
            raise UserError(
                f"{file}: its sha256 is {found}, pinned is {pinned}; bring the file back as it was, or, if the new one "
                "is meant, set base.digests in params.yaml to its digest"
            )
    if not (folder / "config.json").is_file():
        raise UserError(f"{folder}: no config.json, so no checkpoint; check base in params.yaml")
    weights = sorted(folder.glob("model*.safetensors"))
    if not weights:
        if any(folder.glob("pytorch_model*.bin")):
            raise UserError(
                f"{folder}: weights only as pytorch_model.bin, a format that can run code; if you trust its origin, "
                'convert it: python -c "from transformers import AutoModel as M; '
                f"M.from_pretrained('{folder}', use_safetensors=False).save_pretrained('{folder}')\" "
                "(AutoModelForMaskedLM where it has a masked-LM head)"
            )
        raise UserError(f"{folder}: no model.safetensors; check base in params.yaml")
    for file in weights:
        try:
            with safe_open(file, framework="pt"):
                pass
        except (SafetensorError, OSError) as error:
            raise UserError(f"{file}: truncated or altered ({error}); download it again") from None
    # transformers would make an empty tokenizer and say nothing.
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise UserError(f"{folder}: no tokenizer ({', '.join(VOCABULARIES[:2])}, ...); add the tokenizer's files to it")


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers without its bars and reports: what is missing in a checkpoint is ours to say."""
    verbosity = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def load_model(folder: Path) -> tuple[PreTrainedModel, bool]:
    """The checkpoint as a masked language model (float32), and whether its head had to be made anew.

    Raises UserError where weights are missing, of other shapes than its config says, or not finite.
    """
    try:
        with _quiet():
            model, info = AutoModelForMaskedLM.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype="float32",
                output_loading_info=True,
            )
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, AttributeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"{folder}: cannot be loaded as a masked language model ({reason}); take another base"
        ) from None
    missing = set(info["missing_keys"])
    # Tied weights are made of others: the checkpoint need not hold them.
    names = set(dict(model.named_parameters())) - set(model.all_tied_weights_keys)
    head = {name for name in names if not name.startswith(f"{model.base_model_prefix}.")}
    lacking = sorted(missing & names)
    fresh = bool(head) and head <= missing
    if lacking and (not fresh or not missing & names <= head):
        raise UserError(f"{folder}: weights are missing ({lacking[0]}, {len(lacking)} in all); take a whole checkpoint")
    if fresh:
        init_head(model, head)
    broken = next((name for name, value in model.named_parameters() if not value.isfinite().all()), None)
    if broken:
        raise UserError(f"{folder}: {broken} holds numbers that are not finite; download the checkpoint again")
    return model, fresh


def init_head(model: PreTrainedModel, head: set[str]) -> None:
    """Give the parameters named in `head` their starting values: matrices N(0, initializer_range) from a fixed seed,
    norms 1, biases 0 (Devlin et al. 2019, BERT, as published code has it); tie the decoder to the word embeddings."""
    generator = torch.Generator().manual_seed(HEAD_SEED)
    output, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            if name not in head:
                continue
            if value.ndim > 1:
                value.normal_(0.0, getattr(model.config, "initializer_range", 0.02), generator=generator)
            else:
                value.fill_(0.0 if name.endswith("bias") else 1.0)
    output.weight = embeddings.weight
    model.config.tie_word_embeddings = True


def max_positions(model: PreTrainedModel) -> int | None:
    """The longest sequence, in tokens, that the model can place; None where it knows no bound."""
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    if isinstance(table, torch.nn.Embedding):
        # RoBERTa numbers positions from behind the padding's own.
        return table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    bound: int | None = getattr(model.config, "max_position_embeddings", None)
    return bound


def load_tokenizer(folder: Path, model: PreTrainedModel) -> PreTrainedTokenizerBase:
    """The checkpoint's tokenizer, without settings of its own for truncation and padding: stages decide on these.

    Raises UserError where it cannot be loaded, has no mask token, or does not fit the model.
    """
    try:
        with _quiet():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the tokenizers library raises no narrower class
        reason = str(error).strip().partition("\n")[0]
        raise UserError(f"{folder}: the tokenizer cannot be loaded ({reason}); download its files again") from None
    if tokenizer.mask_token_id is None:
        raise UserError(f"{folder}: its tokenizer has no mask token; take the base of a masked language model")
    embeddings = model.get_input_embeddings()
    rows = embeddings.num_embeddings if isinstance(embeddings, torch.nn.Embedding) else model.config.vocab_size
    if len(tokenizer) > rows:
        raise UserError(
            f"{folder}: its tokenizer has {len(tokenizer):,} tokens, the model {rows:,}; take the model's own tokenizer"
        )
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    for setting in ("max_length", "stride", "truncation_strategy", "pad_to_multiple_of"):
        tokenizer.init_kwargs.pop(setting, None)
    tokenizer.model_max_length = max_positions(model) or tokenizer.model_max_length
    return tokenizer


def write_base(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    source: Path,
    origin: Mapping[str, object] | None,
    out: Path,
) -> None:
    """Write the checkpoint into the folder `out`, with the tokenizer files of the source that transformers drops."""
    with atomic_folder(out) as partial:
        with _quiet():
            save_checkpoint(model, tokenizer, partial)
        for name in EXTRAS:
            if (source / name).is_file() and not (partial / name).exists():
                shutil.copyfile(source / name, partial / name)
        if origin is not None:
            write_json(partial / "origin.json", origin)
