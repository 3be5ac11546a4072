"""One writer at a time for an output or a folder of checkpoints, across processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

WAIT_S: Final = 10.0  # for a process that is about to end


def lock_file(path: Path) -> Path:
    """The file that stands for the lock of `path`."""
    return path.with_name(f".{path.name}.lock")


@contextmanager
def exclusive(path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes from writing `path`; the system releases the lock of a process that is killed.

    The lock is a file beside `path`, deleted at the end. A process may lock what it has locked already.

    Raises:
        UserError: another process has the lock.
        OSError: the file cannot be made.
    """
    from filelock import FileLock, Timeout  # 0.1 s, which only a writer pays

    file = lock_file(Path(path).absolute())
    lock = FileLock(file, is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=WAIT_S)
    except Timeout:
        raise UserError(f"{path}: another process is writing it; wait for it, or stop it, and run this again") from None
    try:
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):
                file.unlink()  # while it is locked: one who waits for it notices, and makes a new one
        lock.release()
