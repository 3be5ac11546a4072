"""Sources of kind `hub`: table files of a data set on the Hugging Face hub, fetched by the hub's client.

HF_ENDPOINT, HF_HOME and HF_TOKEN have the meaning that the client (huggingface_hub) gives them. Code that comes with a
data set is never run: its files have to be tables.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from brandmlm.config.params.sources import HubSource
from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.files import advice
from brandmlm.core.hub_client import SET_TOKEN, explain_failure, is_damaged, progress_bar_for
from brandmlm.core.retries import with_retries
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile, pick_files
from brandmlm.data.sources.remote import too_large
from brandmlm.data.tables import ReadOptions
from brandmlm.data.tables.packing import is_table_name


def pick_split(names: Sequence[str], split: str, options: ReadOptions) -> list[str]:
    """The files of a split, by their names: `train.csv`, `train/a.parquet`, `data/train-00000-of-00002.parquet`.

    Raises:
        UserError: there is none, or they lie in several folders or forms; the message lists the files.
    """
    named = re.compile(rf"(?:^|[/._-]){re.escape(split)}(?:[/._-]|$)", re.I)
    tables = sorted(name for name in names if is_table_name(name))
    found = [name for name in tables if named.search(name)]
    kinds = {(str(PurePosixPath(name).parent), "".join(PurePosixPath(name).suffixes[-1:])) for name in found}
    if len(kinds) == 1:
        return found
    listed = ", ".join((found or tables or sorted(names))[:20]) or "no files"
    problem = f"several sets of files of split {split!r}" if found else f"no table of split {split!r}"
    raise options.error(f"{problem} in the data set, but {listed}; name the files as {options.setting('file')} instead")


def _list_files(source: HubSource) -> tuple[str, dict[str, int]]:
    """The commit of the revision, and the repository's files with their sizes in bytes."""
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.constants import HF_HUB_DOWNLOAD_TIMEOUT
    from huggingface_hub.utils import logging

    logging.set_verbosity_error()  # its warnings show signed addresses
    clean_token(get_token() or "", source.repository, SET_TOKEN)
    info = HfApi().dataset_info(
        source.repository, revision=source.revision, files_metadata=True, timeout=HF_HUB_DOWNLOAD_TIMEOUT
    )
    return str(info.sha), {file.rfilename: file.size or 0 for file in info.siblings or []}


def _download(repository: str, file: str, commit: str) -> Path:
    """A file in the client's cache, downloaded where it is not there or damaged."""
    from huggingface_hub import hf_hub_download

    fetch: Any = partial(
        hf_hub_download, repository, file, repo_type="dataset", revision=commit, tqdm_class=progress_bar_for(file)
    )
    path = Path(fetch())
    if is_damaged(path):
        path = Path(fetch(force_download=True))
        if is_damaged(path):
            raise UserError(f"{repository}: {file} differs from what the hub lists, twice; try again later")
    return path


def retrieve(source: HubSource, job: Job) -> Retrieved:
    """Download the files of a data set that `source` picks; see `sources.retrieve`."""
    from huggingface_hub.constants import HF_HUB_CACHE, HF_HUB_OFFLINE

    name, explain = f"hub:{source.repository}", partial(explain_failure, key=job.key)
    if HF_HUB_OFFLINE:
        raise UserError(f"{name}: HF_HUB_OFFLINE forbids asking the hub; unset it")
    try:
        commit, sizes = with_retries(name, lambda: _list_files(source), explain)
        options = job.options(name)
        picked = (
            pick_split(list(sizes), source.split, options)
            if source.split
            else pick_files(list(sizes), source.file, options, "the data set")
        )
        total = sum(sizes[file] for file in picked)
        if total > job.limits.max_bytes:
            raise too_large(name, total, job.limits)
        files = []
        for file in picked:
            one = RetrievedFile(job.target(file), f"{name}/{file}")
            cached = with_retries(one.name, partial(_download, source.repository, file, commit), explain)
            shutil.copyfile(cached, one.path)
            files.append(one)
    except OSError as error:
        raise UserError(
            f"{name}: the cache {HF_HUB_CACHE} cannot be written ({error.strerror or error}); {advice(error)}, or "
            "set HF_HOME to another disk"
        ) from None
    origin = files[0].name if len(files) == 1 else f"{name}/{source.split or source.file}"
    return Retrieved(origin, files, commit)
