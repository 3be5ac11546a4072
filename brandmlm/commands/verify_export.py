"""Check an exported folder against its statement, and the statement against the dvc.lock that it was made with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from brandmlm.commands.git import git
from brandmlm.core.recorded import Lock, recorded_outputs
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.lock_builds import find_stage, pipeline_build, stage_build
from brandmlm.reporting.provenance import STATEMENT, Build, Statement, check_build, check_files, read_statement

LOCK: Final = Path("dvc.lock")

MOST_COMMITS: Final = 500  # of dvc.lock in which a statement's inputs are looked for


def _build(lock: Lock, statement: Statement) -> Build | None:
    """What a lock says of a statement's stage; None if it has no such stage."""
    if statement.stage not in lock:
        return None
    if statement.is_whole:
        return pipeline_build(lock, statement.stage, statement.commit)
    return stage_build(lock, statement.stage)


def _committed_locks(statement: Statement) -> Iterator[tuple[str, bytes]]:
    """Yield the commits that a statement may be from, newest first, and their locks: one, if the statement names it."""
    if statement.commit:
        path = f"{statement.commit.project}/{LOCK}".removeprefix("/")
        specs = {statement.commit.digest: f"{statement.commit.digest}:{path}"}
    else:
        listed = git("log", f"--max-count={MOST_COMMITS}", "--format=%H", "--", str(LOCK), ok=False) or b""
        specs = {commit: f"{commit}:./{LOCK}" for commit in listed.decode().split()}
    for commit, spec in specs.items():
        if data := git("cat-file", "blob", spec, ok=False):
            yield commit, data


def _against_history(folder: Path, statement: Statement) -> tuple[list[str], str]:
    """Compare with the locks in git, then with the workspace's: the faults, and what was compared."""
    faults, where = [], ""
    for commit, data in _committed_locks(statement):
        build = _build(parse_lock(data, commit[:7]), statement)
        found = [*check_build(statement, build, folder, f"{LOCK} of {commit[:7]}")] if build else []
        if build and not found:
            return [], f"made from what {LOCK} of commit {commit[:7]} records"
        if statement.commit:
            no_stage = [f"{folder / STATEMENT}: {statement.stage}: no stage of {LOCK} of {commit[:7]}"]
            faults, where = (found if build else no_stage), f"compared with commit {commit[:7]}"
    if statement.commit:
        return (
            faults,
            where or f"its commit {statement.commit.digest[:7]} is not in this repository: inputs not checked",
        )
    build = _build(parse_lock(LOCK.read_bytes(), "workspace"), statement) if LOCK.is_file() else None
    if build is None:
        return [], f"no {LOCK} here that has its stage {statement.stage}: inputs not checked"
    return [*check_build(statement, build, folder, str(LOCK))], f"compared with the workspace's {LOCK}"


def check_export(folder: Path, in_project: bool) -> tuple[list[str], str]:
    """A line for each fault of an exported folder, wherever it lies, and what was checked.

    Args:
        folder: The folder.
        in_project: Whether the current folder is a project's root, with whose dvc.lock to compare.

    Raises:
        UserError: The folder has no statement that can be read.
    """
    statement = read_statement(folder)
    faults = [*check_files(folder, statement)]
    checked = f"{folder}: {len(statement.subjects)} files of {STATEMENT}"
    if not in_project:
        return faults, f"{checked}; no project here: inputs not checked"
    more, compared = _against_history(folder, statement)
    return faults + more, f"{checked}; {compared}"


def check_workspace_exports(lock: Lock) -> Iterator[str]:
    """Yield a line for each fault of the statements in the outputs that a lock records."""
    for path in recorded_outputs(lock):
        folder = Path(path)
        if (folder / STATEMENT).exists():
            statement = read_statement(folder)
            yield from check_files(folder, statement)
            yield from check_build(statement, stage_build(lock, find_stage(lock, path)), folder, str(LOCK))
