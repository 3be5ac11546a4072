"""What a revision of the project holds: read from git or, for the workspace, from the files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import dvc.api
from dvc.exceptions import DvcException
from dvc.repo import Repo

from stages.cli import UserError
from stages.comparison import MODELS
from tools.locks import parse_lock

PLOTS: Final = "plots"  # the folder of the report stage


def git(*words: str, ok: bool = True) -> bytes | None:
    """The output of a git command in the current folder; None where it fails and need not be `ok`."""
    done = subprocess.run(["git", *words], capture_output=True, check=False)
    if done.returncode:
        if ok:
            raise UserError(f"git {words[0]}: {done.stderr.decode(errors='replace')}")
        return None
    return done.stdout


def merge_base(base: str) -> str:
    """The commit at which HEAD left the branch `base`. Raises UserError where git does not know it."""
    if git("rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", ok=False) is None:
        raise UserError(f"{base}: no such revision; run `git fetch origin`, or name another with `BASE=…`")
    found = git("merge-base", base, "HEAD", ok=False)
    if found is not None:
        return found.decode().strip()
    if git("rev-parse", "--is-shallow-repository") == b"true\n":
        raise UserError(f"{base}: the history is cut before HEAD and it meet; run `git fetch --unshallow origin`")
    raise UserError(f"{base}: has no history in common with HEAD; name another revision with `BASE=…`")


@dataclass(frozen=True)
class Revision:
    """What one side of a comparison consists of."""

    label: str
    metrics: Mapping[str, Any] = field(default_factory=dict)
    lock: Mapping[str, Any] = field(default_factory=dict)  # dvc.lock's `stages`
    offers: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # rows of plots/tokens, by model
    plots: Mapping[str, bytes] = field(default_factory=dict)  # every file under plots/, by its path


def _metrics(revision: str | None) -> dict[str, Any]:
    """All metrics of a revision (None: the workspace); empty where there are none yet."""
    try:
        return dict(dvc.api.metrics_show(rev=revision))
    except FileNotFoundError:
        return {}
    except DvcException as error:
        raise UserError(f"{revision or 'workspace'}: the metrics cannot be read: {error}") from None


def _revision(label: str, revision: str | None, plots: dict[str, bytes], lock: bytes | None) -> Revision:
    offers = {}
    for model in MODELS:
        data = plots.get(f"{PLOTS}/tokens/{model}.json")
        rows = json.loads(data) if data else []
        offers[model] = [row for row in rows if row["rank"] is not None]
    return Revision(label, _metrics(revision), parse_lock(lock, label), offers, plots)


def read_commit(revision: str) -> Revision:
    """What a commit holds. A commit from before the first run has no metrics, no lock and no plots."""
    listed = (git("ls-tree", "-r", "-z", "--name-only", revision, f"{PLOTS}/") or b"").decode().split("\0")
    plots = {path: git("cat-file", "blob", f"{revision}:{path}") or b"" for path in listed if path}
    lock = git("cat-file", "blob", f"{revision}:dvc.lock", ok=False)
    return _revision(revision[:7], revision, plots, lock)


def read_workspace() -> Revision:
    plots = {path.as_posix(): path.read_bytes() for path in sorted(Path(PLOTS).rglob("*")) if path.is_file()}
    lock = Path("dvc.lock")
    return _revision("workspace", None, plots, lock.read_bytes() if lock.exists() else None)


def committed_lock() -> dict[str, Any]:
    return parse_lock(git("cat-file", "blob", "HEAD:dvc.lock", ok=False), "HEAD")


@dataclass(frozen=True)
class State:
    """What DVC says of the workspace against the base."""

    status: Mapping[str, Any]  # as `dvc status --json`
    params: Mapping[str, tuple[Any, Any]]  # old and new, by name
    outs: tuple[str, ...]  # of all stages
    kept: tuple[str, ...]  # those of them that are in git


def read_state(base: str) -> State:
    """The workspace's status, and its params that differ from the base's."""
    try:
        with Repo(".") as repo:
            outs = [(out.def_path, out.use_cache) for stage in repo.index.stages for out in stage.outs]
            difference = repo.params.diff(a_rev=base).get("diff", {})  # no key where nothing differs
            status = repo.status()
    except DvcException as error:
        raise UserError(f"DVC cannot read the project: {error}") from None
    params = {
        name: (values.get("old"), values.get("new")) for file in difference.values() for name, values in file.items()
    }
    kept = tuple(path for path, cached in outs if not cached)
    return State(status, params, tuple(path for path, _ in outs), kept)
