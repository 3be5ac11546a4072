"""Bases of kind `hub`: a checkpoint on a model hub, fetched by the hub's client into its cache on this machine.

HF_ENDPOINT, HF_HOME, HF_TOKEN and HF_HUB_OFFLINE have the meaning that the client (huggingface_hub) gives them.

Files are downloaded one by one: the client's `snapshot_download` does so in threads that ignore Ctrl-C until their file
is complete, asks for its listing without a timeout, and compares sizes only.
"""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from brandmlm.config.params.base import HubBase
from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.files import advice, sha256
from brandmlm.core.hub_client import SET_TOKEN, explain_failure, is_damaged, progress_bar_for
from brandmlm.core.retries import with_retries

# What later steps read; a repository may hold the same weights in five more formats.
FILES: Final = (
    "config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
)

# Each of these holds a vocabulary.
VOCABULARIES: Final = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")


def _matching(names: list[str]) -> list[str]:
    return sorted(name for name in names if any(fnmatchcase(name, pattern) for pattern in FILES))


def _complete(folder: Path, base: HubBase) -> bool:
    """Whether a folder of the cache has the files that are needed; `_download` fetches the weights last."""
    index = folder / "model.safetensors.index.json"
    weights = {"model.safetensors"}
    if index.is_file() and not (folder / "model.safetensors").is_file():
        weights = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    has_vocabulary = any((folder / name).is_file() for name in VOCABULARIES)
    return has_vocabulary and all((folder / name).is_file() for name in {"config.json", *weights, *base.digests})


def _cached(base: HubBase) -> Path | None:
    """The checkpoint's folder in the cache, without asking the hub; None if it is missing or incomplete."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(base.repository, revision=base.revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    return folder if _complete(folder, base) else None


def _download(base: HubBase) -> Path:
    """Download the needed files into the cache, after checking the sizes and digests that the hub lists."""
    from huggingface_hub import HfApi, get_token, hf_hub_download
    from huggingface_hub.constants import HF_HUB_DOWNLOAD_TIMEOUT
    from huggingface_hub.utils import logging

    logging.set_verbosity_error()  # its warnings show signed addresses
    name, api = f"{base.repository} at {base.revision}", HfApi()
    clean_token(get_token() or "", name, SET_TOKEN)
    # The commit that a branch points to now; the client notes it in the cache for later offline runs.
    commit = api.resolve_revision(base.repository, revision=base.revision).resolved
    info = api.model_info(base.repository, revision=commit, files_metadata=True, timeout=HF_HUB_DOWNLOAD_TIMEOUT)
    listed = {file.rfilename: file for file in info.siblings or []}
    wanted = sorted({*_matching(list(listed)), *base.digests}, key=lambda file: (file.endswith(".safetensors"), file))
    missing = [file for file in wanted if file not in listed]
    if missing:
        raise UserError(f"{name}: {missing[0]} is not in it, but base.digests in params.yaml pins it; remove the pin")
    if not any(file.endswith(".safetensors") for file in wanted):
        raise UserError(
            f"{name}: no model.safetensors; use another revision (the hub's converter offers one as refs/pr/…) or base"
        )
    size = sum(listed[file].size or 0 for file in wanted)
    if size > base.max_megabytes * 1_000_000:
        raise UserError(
            f"{name}: {size / 1e6:,.0f} MB, over the limit of {base.max_megabytes:,} MB; "
            "raise base.max_megabytes in params.yaml if that is right"
        )
    for file, pinned in sorted(base.digests.items()):
        lfs = listed[file].lfs
        if lfs is not None and lfs.sha256 != pinned:
            raise UserError(
                f"{name}: {file} has the sha256 {lfs.sha256} there, pinned is {pinned}; correct base.revision, or, if "
                "the new file is meant, base.digests in params.yaml"
            )
    paths = [
        hf_hub_download(base.repository, file, revision=commit, tqdm_class=progress_bar_for(file)) for file in wanted
    ]
    return Path(paths[0]).parent


def _repair(base: HubBase, folder: Path) -> None:
    """Download the damaged files of the cache again."""
    from huggingface_hub import hf_hub_download

    for file in sorted(folder.iterdir()):
        if file.is_file() and is_damaged(file):
            hf_hub_download(
                base.repository,
                file.name,
                revision=folder.name,
                force_download=True,
                tqdm_class=progress_bar_for(file.name),
            )
            if is_damaged(file):
                raise UserError(
                    f"{base.repository}: {file.name} differs from what the hub lists, twice; try again later"
                )


def locate(base: HubBase) -> Path:
    """Return the checkpoint's folder in the client's cache, after downloading what is missing there.

    A commit that is in the cache needs no request. The folder's name is the commit.

    Raises:
        UserError: The checkpoint cannot be fetched.
    """
    from huggingface_hub.constants import HF_HUB_CACHE, HF_HUB_OFFLINE
    from huggingface_hub.file_download import REGEX_COMMIT_HASH

    name = f"{base.repository} at {base.revision}"
    pinned = REGEX_COMMIT_HASH.fullmatch(base.revision) is not None
    folder = _cached(base) if pinned or HF_HUB_OFFLINE else None
    try:
        if folder is None:
            if HF_HUB_OFFLINE:
                raise UserError(
                    f"{name}: missing or incomplete in the cache ({HF_HUB_CACHE}), and HF_HUB_OFFLINE forbids asking "
                    "the hub; unset it"
                )
            folder = with_retries(name, lambda: _download(base), explain_failure)
        if not HF_HUB_OFFLINE:
            found = folder
            with_retries(name, lambda: _repair(base, found), explain_failure)
    except OSError as error:
        raise UserError(
            f"{name}: the cache {HF_HUB_CACHE} cannot be written ({error.strerror or error}); {advice(error)}, or "
            "set HF_HOME to another disk"
        ) from None
    return folder


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of the checkpoint, by name."""
    return {name: sha256(folder / name) for name in _matching(os.listdir(folder))}
