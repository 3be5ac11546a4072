"""Downloads of earlier runs: which files are still what a source asks for."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from brandmlm.config.params.sources import AnySource, FileSource, HubSource, KaggleSource, SampleSource
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json, sha256
from brandmlm.data.raw_source import FILES, ORIGIN
from brandmlm.data.sources.file import find_paths, is_address
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile

# The keys that say which files to retrieve. A version or revision is compared with the one that was retrieved.
_REQUEST_KEYS: Final = ("kind", "path", "dataset", "repository", "file", "split")


def digest_files(paths: Sequence[Path]) -> str:
    """The SHA-256 of a file; of several files, that of their digests in order."""
    digests = [sha256(path) for path in paths]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def request_digest(source: AnySource) -> str:
    """Identifies which files are asked for, without showing them: an address may hold a password."""
    asked = {key: getattr(source, key) for key in _REQUEST_KEYS if getattr(source, key, None) is not None}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def asked_digest(source: AnySource) -> str:
    """Identifies what is asked for, the version included."""
    version = getattr(source, "version", None) or getattr(source, "revision", None)
    return hashlib.sha256(f"{request_digest(source)} {version}".encode()).hexdigest()[:16]


def matches(source: AnySource, origin: Mapping[str, Any]) -> bool:
    """Whether what was retrieved, by its `origin.json`, is what `source` asks for now."""
    if origin.get("request") != request_digest(source):
        return False
    if isinstance(source, KaggleSource):
        return source.version in (None, origin.get("version"))
    if isinstance(source, HubSource):
        return source.revision in (origin.get("version"), origin.get("revision"))
    return True


def _is_local(source: AnySource) -> bool:
    """Whether the files are on this machine. They may change at any time, and are read again."""
    return isinstance(source, SampleSource) or (isinstance(source, FileSource) and not is_address(source.path))


def is_edited(source: AnySource, folder: Path) -> bool:
    """Whether files of the user's changed since they were fetched into `folder`. DVC does not see that."""
    if not isinstance(source, FileSource) or is_address(source.path):
        return False
    try:
        origin = read_json(folder / ORIGIN)
        paths = [path for _, path in find_paths(source.path)]
        return bool(matches(source, origin) and paths and digest_files(paths) != origin.get("sha256"))
    except (UserError, OSError, AttributeError):
        return False  # not fetched yet, or not there any more, which `fetch` says


def find_kept(source: AnySource, folder: Path, unused: Path) -> tuple[dict[str, Any], Retrieved] | None:
    """The files of an earlier run that are still what `source` asks for, and their origin; None if there are none.

    Args:
        source: what is asked for; local files are always read again.
        folder: the source's folder.
        unused: the folder of downloads that no source used in the last run.
    """
    if _is_local(source):
        return None
    if found := _read_kept(source, folder):
        return found
    pinned = source.sha256 is not None or getattr(source, "version", None) is not None
    for place in sorted(unused.glob("*")):
        # What is not pinned may have a newer version by now, unless it was asked for just like this.
        if (pinned or place.name == asked_digest(source)) and (found := _read_kept(source, place)):
            return found
    return None


def _read_kept(source: AnySource, folder: Path) -> tuple[dict[str, Any], Retrieved] | None:
    if not (folder / ORIGIN).is_file():
        return None
    try:
        origin = read_json(folder / ORIGIN)
        if not matches(source, origin) or source.sha256 not in (None, origin["sha256"]):
            return None
        files = [RetrievedFile(folder / FILES / each["file"], each["from"]) for each in origin["files"]]
        if digest_files([file.path for file in files]) != origin["sha256"]:
            return None
    except (UserError, OSError, KeyError, TypeError, AttributeError):
        return None  # of another version of the project, or damaged
    return origin, Retrieved(origin["retrieved_from"], files, origin.get("version"))


def retire(folder: Path, unused: Path) -> None:
    """Take a source's folder out of the output; a download stays among the unused, in case a later run asks for it."""
    try:
        origin = read_json(folder / ORIGIN)
        place = unused / str(origin["asked"])
        remote = origin["kind"] in ("kaggle", "dataworld", "hub") or is_address(origin["retrieved_from"])
    except (UserError, OSError, KeyError, TypeError):
        remote = False
    if remote:
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(place)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def copy_kept(kept: Retrieved, job: Job) -> Retrieved:
    files = [RetrievedFile(job.folder / file.path.name, file.name) for file in kept.files]
    for old, new in zip(kept.files, files, strict=True):
        shutil.copyfile(old.path, new.path)
    return Retrieved(kept.retrieved_from, files, kept.version)
