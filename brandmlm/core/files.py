"""Atomic writes (to a temporary file or folder, then a rename), digests, and JSON with errors that name the file."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from brandmlm.core.errors import UserError


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be written ({error.strerror or error}); free disk space or fix the permissions")


def _prepare(final: Path) -> Path:
    """Create the parent folder of `final` and return the path to write first.

    The temporary path is in the same folder, so that the rename is atomic, and the same in every run, so that a run
    removes what a killed run left.
    """
    temporary = final.with_name(f".{final.name}.partial")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _remove(temporary)
    except OSError as error:
        raise _cannot_write(final, error) from None
    return temporary


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path; rename it to `path` when the block succeeds, remove it when the block fails.

    An existing file at `path` is replaced, never written into: outputs of DVC may be links into its cache.
    """
    final = Path(path)
    temporary = _prepare(final)
    try:
        yield temporary
        os.replace(temporary, final)
    except OSError as error:
        raise _cannot_write(final, error) from error
    finally:
        _remove(temporary)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield an empty temporary folder; replace `path` with it when the block succeeds."""
    final = Path(path)
    temporary = _prepare(final)
    try:
        temporary.mkdir()
        yield temporary
        _remove(final)
        os.replace(temporary, final)
    except OSError as error:
        raise _cannot_write(final, error) from error
    finally:
        _remove(temporary)


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
