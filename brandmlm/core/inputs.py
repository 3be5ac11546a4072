"""The inputs of the stage that this process runs, which must not change meanwhile.

DVC digests a stage's inputs when the stage has ended. An edit during the run would be recorded, and kept in the run
cache, as if the stage had run with it. So what a stage reads is noted when it is read, code before it is imported, and
compared before an output gets its name. Where no DVC runs the stage, nothing is recorded and nothing compared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

SMALL: Final = 1_000_000  # bytes; of a larger file only size, time and inode are compared

Stamp = tuple[int, int, int] | None  # size, time of change (ns), inode; None: not there


@dataclass(frozen=True)
class _Noted:
    stamp: Stamp
    read: Callable[[Path], object]  # what counts of the file; called again only if the stamp differs
    content: object


_noted: dict[Path, _Noted] | None = None  # None: no stage of DVC runs in this process
_modules: dict[Path, Stamp] = {}  # before they were imported


def stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _digest(path: Path) -> object:
    """The digest of a small file; for another one an object that equals no other."""
    try:
        if path.stat().st_size <= SMALL:
            return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        pass
    return object()


def _files(folder: Path) -> Iterator[Path]:
    """The files in a folder, without hidden ones: a partial output, a lock."""
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(".") and path.name != "__pycache__":
            if path.is_dir():
                yield from _files(path)
            else:
                yield path


def stamp_modules(project: Path, packages: Iterable[str]) -> None:
    """Note the modules of packages, before they are imported."""
    if "DVC_STAGE" in os.environ:
        for package in packages:
            _modules.update((path, stamp(path)) for path in _files(project / package) if path.suffix == ".py")


def begin() -> None:
    """Forget what an earlier stage in this process read; note from now on what this one reads."""
    global _noted
    _noted = {} if "DVC_STAGE" in os.environ else None


def end() -> None:
    """No stage runs any more."""
    global _noted
    _noted = None


def are_noted() -> bool:
    """Whether DVC runs a stage in this process."""
    return _noted is not None


def note(path: Path, read: Callable[[Path], object] = _digest) -> None:
    """Note an input before it is read: a file, or a folder with its files.

    Args:
        read: returns what counts of the file. Not called for a file in a folder.
    """
    if _noted is None:
        return
    if path.is_dir():
        _noted[path] = _Noted(None, lambda folder: [*_files(folder)], [*_files(path)])
        for file in _files(path):
            _noted[file] = _Noted(stamp(file), lambda file: object(), None)
    else:
        _noted[path] = _Noted(stamp(path), read, read(path))


def note_content(path: Path, read: Callable[[Path], object], content: object) -> None:
    """Note a file that was read already, a module before it was imported if it is one."""
    if _noted is not None:
        _noted[path] = _Noted(_modules.get(path, stamp(path)), read, content)


def _differs(path: Path, noted: _Noted) -> bool:
    now = stamp(path)
    if now is None or (now == noted.stamp and not path.is_dir()):
        return now != noted.stamp
    try:
        return noted.read(path) != noted.content
    except (OSError, ValueError, SyntaxError, UserError):  # in the middle of an edit
        return True


def check_unchanged() -> None:
    """Raise UserError if an input of the running stage is not what it was when the stage read it."""
    for path, noted in (_noted or {}).items():
        if _differs(path, noted):
            raise UserError(f"{path}: changed while the stage ran; run again")
