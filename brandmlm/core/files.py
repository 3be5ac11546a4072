"""Atomic writes (to a temporary file or folder, then a rename), digests, and JSON with errors that name the file."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from brandmlm.core.errors import UserError
from brandmlm.core.inputs import check_unchanged
from brandmlm.core.locks import exclusive, lock_file

# What to do about an error of the system, by its cause.
_REMEDIES: Final = {
    errno.ENOSPC: "free space on the disk and run it again",
    errno.EDQUOT: "free space in your quota and run it again",
    errno.EFBIG: "raise the limit on the size of files (`ulimit -f`) and run it again",
    errno.EACCES: "fix the permissions",
    errno.EPERM: "fix the permissions",
    errno.EROFS: "the disk is read-only: run it in another folder",
    errno.ENOENT: "something removed it meanwhile: run it again",
}

_TEMPORARY: Final = re.compile(r"\.(.+)\.partial")  # the name of a file or folder that is being written

_OS_ERROR: Final = re.compile(r"\(os error (\d+)\)")

# What SQLite, in which DVC and DVCLive keep what they know of files, says about the disk, without the system's number.
_SQLITE_ERRORS: Final = {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
    "unable to open database file": errno.EIO,
}


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def system_error(error: BaseException | None) -> OSError | None:
    """The error of the system behind an exception; None if there is none.

    Writers in C++ and Rust raise errors of their own: the first while a Python file object's error is handled, the
    others with the system's number in the text. SQLite has its own words.
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno:
            return error
        found = _OS_ERROR.search(str(error))
        number = int(found[1]) if found else _SQLITE_ERRORS.get(str(error))
        if number:
            return OSError(number, os.strerror(number))
        error = error.__cause__ or error.__context__
    return None


def advice(error: OSError) -> str:
    """What to do about an error of the system, by its cause."""
    return _REMEDIES.get(error.errno or 0, "check the disk, and run it again")


def remedy(error: OSError) -> str:
    """What the system says, and what to do about it."""
    reason = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
    return f"{reason}; {advice(error)}"


def _final(path: Path) -> Path:
    """The path that a temporary one (see `_writing`), or one below it, gets in the end."""
    parts = ((part, _TEMPORARY.fullmatch(part)) for part in path.parts)
    return Path(*(found[1] if found else part for part, found in parts))


def explain_os_error(error: OSError, final: Path) -> UserError:
    """One line for a failed write; it names the file at fault, which may be another than the one that is written.

    Args:
        final: The file or folder that is written.
    """
    final = _final(final)
    named = final
    if isinstance(error.filename, str | bytes | os.PathLike):
        named = _final(Path(os.fsdecode(error.filename)))
    if named.absolute() == lock_file(final.absolute()):
        named = final
    if error.errno == errno.ENOENT and named != final and final not in named.parents:
        return UserError(f"{named}: {os.strerror(error.errno)}; restore it, or run `dvc repro` to make it")
    return UserError(f"{named}: {remedy(error)}")


@contextmanager
def _writing(final: Path) -> Iterator[Path]:
    """Create the parent folder of `final`, lock `final`, and yield the path to write first; remove that at the end.

    The temporary path is in the same folder, so that the rename is atomic, and the same in every run, so that a run
    removes what a killed run left.

    Raises:
        UserError: another process writes `final`, or the system refuses; the message names the file at fault.
    """
    temporary = final.with_name(f".{final.name}.partial")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(final):
            _remove(temporary)
            try:
                yield temporary
            finally:
                with suppress(OSError):  # the error of the block is the one to tell
                    _remove(temporary)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise explain_os_error(error, final) from error


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path; rename it to `path` when the block succeeds, remove it when the block fails.

    The block fails, too, if an input of the running stage has changed (`brandmlm.core.inputs`).

    An existing file at `path` is replaced, never written into: outputs of DVC may be links into its cache.
    """
    final = Path(path)
    with _writing(final) as temporary:
        yield temporary
        check_unchanged()
        os.replace(temporary, final)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty temporary folder; replace `path` with it when the block succeeds."""
    final = Path(path)
    with _writing(final) as temporary:
        temporary.mkdir()
        yield temporary
        check_unchanged()
        _remove(final)
        os.replace(temporary, final)


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the hex SHA-256 digest of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_finite(value: Any, name: str = "value") -> None:
    """Raise ValueError if nested dicts and lists hold a NaN or infinite number, which JSON cannot express."""
    if isinstance(value, dict):
        for key, inner in value.items():
            check_finite(inner, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            check_finite(inner, f"{name}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}; only finite numbers can be written")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write JSON atomically: keys in their order, indented by two blanks, finite numbers only."""
    check_finite(value, Path(path).name)
    with atomic_file(path) as partial:
        partial.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file. Raises UserError if it is missing or not valid JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: not found; run `dvc repro` to make it") from None
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON ({error})") from error
