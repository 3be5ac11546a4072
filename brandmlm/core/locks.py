"""One writer at a time for an output or a folder of checkpoints, across processes.

With the standard library alone: the stage `code` runs before any package is known to be installed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

try:
    import fcntl
except ImportError:  # no such system call (Windows): the user sees to it
    fcntl = None  # type: ignore[assignment]

WAIT_S: Final = 10.0  # for a process that is about to end
_POLL_S: Final = 0.05

_held: set[Path] = set()  # by this process


def lock_file(path: Path) -> Path:
    """The file that is the lock of `path`."""
    return path.with_name(f".{path.name}.lock")


def _try_lock(file: Path) -> int | None:
    """The descriptor of the locked file; None if another process has it."""
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink:  # or the one who had it has deleted it meanwhile
            return descriptor
    except BlockingIOError:
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


@contextmanager
def exclusive(path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes from writing `path`; the system releases the lock of a process that is killed.

    The lock is a file beside `path`, deleted at the end. A process may lock what it has locked already.

    Raises:
        UserError: another process has the lock.
        OSError: the file cannot be made.
    """
    file = lock_file(Path(path).absolute())
    if fcntl is None or file in _held:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + WAIT_S
    while (descriptor := _try_lock(file)) is None:
        if time.monotonic() > deadline:
            raise UserError(f"{path}: another process is writing it; wait for it, or stop it, and run this again")
        time.sleep(_POLL_S)
    _held.add(file)
    try:
        yield
    finally:
        _held.discard(file)
        with suppress(OSError):
            file.unlink()  # while it is locked: one who waits for it notices, and makes a new one
        os.close(descriptor)
