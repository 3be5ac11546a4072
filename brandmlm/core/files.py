"""Files: written beside their final name and renamed when whole, read with errors that name them."""

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


def _beside(path: Path) -> Path:
    """The temporary name for `path`: in the same folder (so a rename is atomic) and the same at every run (so a
    killed run's remains are found and removed by the next)."""
    return path.with_name(f".{path.name}.partial")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{path}: cannot be written ({error.strerror or error}); free space on the disk or mend its rights"
    )


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write; rename it to `path` when the block ends without an error, else remove it.

    An older file at `path` is replaced, never written into: DVC's outputs may be links into its cache.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = _beside(final)
    _remove(partial)
    try:
        yield partial
        os.replace(partial, final)
    except OSError as error:
        raise _cannot_write(final, error) from error
    finally:
        _remove(partial)


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty temporary folder; it takes the place of `path` when the block ends without an error."""
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = _beside(final)
    _remove(partial)
    partial.mkdir()
    try:
        yield partial
        _remove(final)
        os.replace(partial, final)
    except OSError as error:
        raise _cannot_write(final, error) from error
    finally:
        _remove(partial)


def sha256(path: str | os.PathLike[str]) -> str:
    """Hex sha256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finite(value: Any, name: str = "value") -> None:
    """Raise ValueError where a number inside nested dicts and lists is NaN or infinite (it would be no JSON)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            finite(inner, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            finite(inner, f"{name}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}: only finite numbers are written")


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write JSON with the keys in the order given, two blanks of indent, finite numbers only."""
    finite(value, Path(path).name)
    with atomic_file(path) as partial:
        partial.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: str | os.PathLike[str]) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: not found; run `dvc repro` to make it") from None
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON ({error})") from error
