"""What a revision of the project holds: read from git or, for the workspace, from the files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dvc.exceptions import DvcException
from dvc.repo import Repo

from brandmlm.commands.locks import parse_lock
from brandmlm.config.variants import VARIANTS
from brandmlm.core.errors import UserError

# What the report stage writes.
METRICS: Final = "metrics/metrics.json"

PLOTS: Final = "plots"


def git(*words: str, ok: bool = True) -> bytes | None:
    """The output of a git command in the current folder; None where it fails and need not be `ok`."""
    done = subprocess.run(["git", *words], capture_output=True, check=False)
    if done.returncode:
        if ok:
            raise UserError(f"git {words[0]}: {done.stderr.decode(errors='replace')}")
        return None
    return done.stdout


def need_repository(what: str) -> None:
    """Raises UserError outside a git repository, which `what` cannot do without."""
    if git("rev-parse", "--git-dir", ok=False) is None:
        raise UserError(f"{what} need git, and this folder is no repository; run `git init` and commit")


def merge_base(base: str) -> str:
    """The commit at which HEAD left the branch `base`. Raises UserError where git does not know it."""
    need_repository("comparisons")
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
    predictions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # rows of plots/tokens, by model
    plots: Mapping[str, bytes] = field(default_factory=dict)  # every file under plots/, by its path


def _document(data: bytes | None, kind: type, where: str) -> Any:
    """A JSON file's mapping or list (`kind`), empty where there is no file. Raises UserError where it holds no such."""
    if data is None:
        return kind()
    try:
        document = json.loads(data)
    except ValueError as error:
        raise UserError(f"{where} is not valid JSON (a conflict left in it?): {error}") from None
    if not isinstance(document, kind):
        raise UserError(f"{where} is not what `report` writes; run `dvc repro --force --single-item report`")
    return document


def _revision(label: str, metrics: bytes | None, lock: bytes | None, plots: dict[str, bytes]) -> Revision:
    predictions = {}
    for model in VARIANTS:
        path = f"{PLOTS}/tokens/{model}.json"
        rows = _document(plots.get(path), list, f"{label}: {path}")
        predictions[model] = [row for row in rows if row["rank"] is not None]
    return Revision(label, _document(metrics, dict, f"{label}: {METRICS}"), parse_lock(lock, label), predictions, plots)


def read_commit(revision: str) -> Revision:
    """What a commit holds. A commit from before the first run has no metrics, no lock and no plots."""
    listed = (git("ls-tree", "-r", "-z", "--name-only", revision, f"{PLOTS}/") or b"").decode().split("\0")
    plots = {path: git("cat-file", "blob", f"{revision}:{path}") or b"" for path in listed if path}
    metrics, lock = (git("cat-file", "blob", f"{revision}:{path}", ok=False) for path in (METRICS, "dvc.lock"))
    return _revision(revision[:7], metrics, lock, plots)


def read_workspace() -> Revision:
    plots = {path.as_posix(): path.read_bytes() for path in sorted(Path(PLOTS).rglob("*")) if path.is_file()}
    metrics, lock = (path.read_bytes() if path.exists() else None for path in (Path(METRICS), Path("dvc.lock")))
    return _revision("workspace", metrics, lock, plots)


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
