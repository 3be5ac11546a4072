"""What the pipeline made an output from, by the workspace's dvc.lock and git."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from brandmlm.commands.git import archive, lock_commit
from brandmlm.core.errors import UserError
from brandmlm.core.recorded import digest, recorded_outputs
from brandmlm.core.stage_code import check_code
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.lock_builds import find_stage, pipeline_build
from brandmlm.reporting.provenance import Build, Commit

LOCK: Final = Path("dvc.lock")

CODE: Final = Path("data/code")  # with a file per stage: what the stage ran on


def check_commit_code(commit: str) -> None:
    """Compare the code of a commit with the code that ran, as the stage `code` has noted it.

    Raises:
        UserError: they differ: dvc.lock was committed without the code that made it.
    """
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive(commit))) as files:
            files.extractall(folder, filter="data")
        for file in sorted(CODE.iterdir()):
            try:
                check_code(file, Path(folder))
            except UserError as error:
                place = str(error).partition(":")[0]
                raise UserError(
                    f"{LOCK}: commit {commit[:7]} has not the code that ran ({place}); commit code and {LOCK} together"
                ) from None


def recorded_build(output: Path) -> Build:
    """What an output in the workspace was made from, for `write_statement` in a folder that is made from it.

    Names the commit that brought dvc.lock; none if dvc.lock is not committed.

    Args:
        output: Its path from the project's root, such as `data/models/filtered`.

    Raises:
        UserError: dvc.lock is missing or has no such output, the output has other bytes than it records, or the commit
            has other code than ran.
    """
    if not LOCK.is_file():
        raise UserError(f"{LOCK}: not found; run `make repro` to make it")
    lock = parse_lock(LOCK.read_bytes(), "workspace")
    stage, found = find_stage(lock, output.as_posix()), lock_commit()
    if digest(output) != recorded_outputs(lock).get(output.as_posix()):
        raise UserError(f"{output}: not the bytes that {LOCK} records; `brand-mlm verify` tells which and what to do")
    if found:
        check_commit_code(found[0])
    return pipeline_build(lock, stage, Commit(*found) if found else None)
