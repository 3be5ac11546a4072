"""The outputs that dvc.lock records, compared with the bytes in the workspace and in DVC's cache.

DVC trusts a file whose size and time it has seen before, so it does not notice a byte that changed on the disk. Here
all bytes are read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from brandmlm.core.errors import UserError

FOLDER_SUFFIX: Final = ".dir"  # the end of a folder's digest: that of the list of its files

_CHANGED: Final = (
    "not the bytes that dvc.lock records; remove it, then bring it back with `dvc checkout` or `git checkout`, or make "
    "it with `dvc repro`"
)

Lock = Mapping[str, Mapping[str, Any]]  # the `stages` of a dvc.lock, by name


def recorded_outputs(lock: Lock) -> dict[str, str]:
    """The MD5 digest of every output in a dvc.lock, by path.

    Raises:
        UserError: an entry is not what DVC writes.
    """
    try:
        return {str(out["path"]): str(out["md5"]) for entry in lock.values() for out in entry.get("outs", ())}
    except (KeyError, TypeError, AttributeError):
        raise UserError("dvc.lock: not what DVC writes; restore it with `git checkout HEAD dvc.lock`") from None


def md5(path: Path) -> str:
    """The MD5 digest of a file, by which DVC names it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def cached(cache: Path, digest: str) -> Path:
    """Where the cache (`files/md5` in DVC's folder) holds an object."""
    return cache / digest[:2] / digest[2:]


def folder_files(cache: Path, digest: str) -> dict[str, str] | None:
    """The files of a recorded folder and their digests, from its list in the cache; None if it is not there or damaged.

    The list is checked by its own digest.
    """
    try:
        data = cached(cache, digest).read_bytes()
    except OSError:
        return None
    if f"{hashlib.md5(data, usedforsecurity=False).hexdigest()}{FOLDER_SUFFIX}" != digest:
        return None
    return {entry["relpath"]: entry["md5"] for entry in json.loads(data)}


def folder_digest(folder: Path) -> str:
    """The digest by which DVC records a folder: that of the list of its files."""
    files = sorted((file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    entries = [{"md5": md5(file), "relpath": name} for name, file in files]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + FOLDER_SUFFIX


def digest(path: Path) -> str:
    """The digest by which DVC records a file or a folder."""
    return folder_digest(path) if path.is_dir() else md5(path)


def check_output(path: Path, digest: str, cache: Path) -> Iterator[str]:
    """Yield a line for each fault of an output in the workspace: a file that is missing, superfluous or changed."""
    if not path.exists():
        yield f"{path}: missing; bring it back with `dvc checkout` or `dvc pull`, or make it with `dvc repro`"
        return
    if not digest.endswith(FOLDER_SUFFIX):
        if not path.is_file() or md5(path) != digest:
            yield f"{path}: {_CHANGED}"
        return
    files = folder_files(cache, digest)
    if files is None or not path.is_dir():
        if not path.is_dir() or folder_digest(path) != digest:
            yield f"{path}: {_CHANGED}"
        return
    found = {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()}
    for name in sorted(files.keys() | found):
        if name not in found:
            yield f"{path / name}: missing; bring it back with `dvc checkout --force`"
        elif name not in files:
            yield f"{path / name}: not in dvc.lock; remove it"
        elif md5(path / name) != files[name]:
            yield f"{path / name}: {_CHANGED}"


def cached_objects(digests: Iterable[str], cache: Path) -> dict[str, Path]:
    """The objects that the cache holds of recorded outputs, those inside folders too, by digest."""
    wanted = set(digests)
    for digest in [digest for digest in wanted if digest.endswith(FOLDER_SUFFIX)]:
        wanted.update((folder_files(cache, digest) or {}).values())
    return {digest: file for digest in sorted(wanted) if (file := cached(cache, digest)).is_file()}


def check_object(digest: str, file: Path) -> str | None:
    """The fault of a cached object: a line if its bytes are not those that its name says."""
    if md5(file) == digest.removesuffix(FOLDER_SUFFIX):
        return None
    return f"{file}: damaged; remove it, then `dvc pull`, or make what it held with `dvc repro --force`"
