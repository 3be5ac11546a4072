"""What the pipeline made an output from, by the workspace's dvc.lock and git."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from brandmlm.commands.git import lock_commit
from brandmlm.core.errors import UserError
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.lock_builds import find_stage, pipeline_build
from brandmlm.reporting.provenance import Build, Commit

LOCK: Final = Path("dvc.lock")


def recorded_build(output: Path) -> Build:
    """What an output in the workspace was made from, for `write_statement` in a folder that is made from it.

    Names the commit that brought dvc.lock; none if dvc.lock is not committed.

    Args:
        output: Its path from the project's root, such as `data/models/filtered`.

    Raises:
        UserError: dvc.lock is missing or has no such output.
    """
    if not LOCK.is_file():
        raise UserError(f"{LOCK}: not found; run `make repro` to make it")
    lock = parse_lock(LOCK.read_bytes(), "workspace")
    found = lock_commit()
    return pipeline_build(lock, find_stage(lock, output.as_posix()), Commit(*found) if found else None)
