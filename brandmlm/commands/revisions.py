"""Read the two sides of a comparison: a commit from git, the workspace from its files, its state from DVC."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo

from brandmlm.commands.git import list_files, read_file
from brandmlm.config.published import PLOTS
from brandmlm.core.errors import UserError
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.comparison.revision import Revision, State, parse_revision, read_details


def read_commit(revision: str) -> Revision:
    """The files of a commit. A commit from before the first run has no metrics, no lock and no plots."""
    plots = {path: read_file(revision, path) or b"" for path in list_files(revision, PLOTS)}
    details = read_details(partial(read_file, revision))
    return parse_revision(revision[:7], details, read_file(revision, "dvc.lock"), plots)


def read_workspace() -> Revision:
    """The files of the workspace."""
    plots = {path.as_posix(): path.read_bytes() for path in sorted(Path(PLOTS).rglob("*")) if path.is_file()}
    return parse_revision("workspace", read_details(read_here), read_here("dvc.lock"), plots)


def read_here(path: str) -> bytes | None:
    """The bytes of a file of the workspace; None without it."""
    return Path(path).read_bytes() if Path(path).is_file() else None


def committed_lock() -> dict[str, Any]:
    """The stages of HEAD's dvc.lock."""
    return parse_lock(read_file("HEAD", "dvc.lock"), "HEAD")


def read_state(base: str) -> State:
    """The workspace's status, and its params that differ from the base's."""
    try:
        with Repo(".") as repo:
            outs = [(out.def_path, out.use_cache) for stage in repo.index.stages for out in stage.outs]
            difference = repo.params.diff(a_rev=base).get("diff", {})  # no key if nothing differs
            status = repo.status()
    except DvcException as error:
        raise UserError(f"DVC cannot read the project: {error}") from None
    params = {
        name: (values.get("old"), values.get("new")) for file in difference.values() for name, values in file.items()
    }
    kept = tuple(path for path, cached in outs if not cached)
    return State(status, params, tuple(path for path, _ in outs), kept)
