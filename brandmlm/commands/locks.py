"""What dvc.lock tells: which stages ran on something else, and which results are out of date. Pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from brandmlm.core.errors import UserError
from brandmlm.reporting.formatting import escape

Lock = Mapping[str, Any]  # dvc.lock's `stages`

SOME: Final = 5  # reasons that a line names, of many


def parse_lock(data: bytes | None, where: str) -> dict[str, Any]:
    """The stages of a dvc.lock, by name; none where there is no file yet. Raises UserError where it is no YAML."""
    if not data:
        return {}
    try:
        document = YAML(typ="safe", pure=True).load(data) or {}
    except YAMLError as error:
        raise UserError(
            f"{where}: dvc.lock is not valid YAML (a conflict left in it? see docs/experiments-howto.md): {error}"
        ) from None
    stages = document.get("stages", {}) if isinstance(document, dict) else None
    if not isinstance(stages, dict):
        raise UserError(f"{where}: dvc.lock is not what DVC writes; take it from git (`git checkout HEAD dvc.lock`)")
    return stages


def entry_digest(entry: Mapping[str, Any]) -> str:
    """A name for what a stage ran on and what came out: the hash of its entry in dvc.lock."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _hashes(entry: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {item["path"]: item.get("md5", item.get("hash", "")) for item in entry.get(kind, [])}


def _params(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for values in entry.get("params", {}).values() for key, value in values.items()}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Keys of either mapping whose values are not the same in both."""
    return [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]


@dataclass(frozen=True)
class StageChange:
    """A stage that ran for the head with something else than for the base, or gave something else."""

    name: str
    causes: tuple[str, ...]  # what it read that differs: params, files, the command
    seconds: float | None = None  # None where no run of it was timed here


def compare_locks(base: Lock, head: Lock, times: Mapping[str, tuple[str, float]]) -> list[StageChange]:
    """The stages whose entries differ. `times`: by stage, the digest of the entry that was timed, and its seconds."""
    changes = []
    for name in dict.fromkeys((*head, *base)):
        before, after = base.get(name), head.get(name)
        if before == after:
            continue
        if before is None or after is None:
            causes = ["new stage" if before is None else "stage removed"]
        else:
            causes = ["command"] if before.get("cmd") != after.get("cmd") else []
            causes += differing(_params(before), _params(after))
            causes += differing(_hashes(before, "deps"), _hashes(after, "deps"))
            causes = causes or ["same inputs, other results"]
        digest, seconds = times.get(name, ("", 0.0))
        timed = after is not None and digest == entry_digest(after)
        changes.append(StageChange(name, tuple(causes), seconds if timed else None))
    return changes


def some(reasons: Sequence[str]) -> str:
    """The first few of many reasons, as Markdown."""
    more = f" and {len(reasons) - SOME} more" if len(reasons) > SOME else ""
    return f"{escape(', '.join(reasons[:SOME]))}{more}"


def by_reason(stale: Mapping[str, Sequence[str]]) -> list[str]:
    """One line of Markdown for each set of reasons, with the stages that share it: an edit of a module touches many."""
    stages: dict[tuple[str, ...], list[str]] = {}
    for stage, reasons in stale.items():
        stages.setdefault(tuple(reasons), []).append(f"`{stage}`")
    return [f"{', '.join(names)} ({some(reasons)})" for reasons, names in stages.items()]


def stale_stages(status: Mapping[str, Any], outs: Iterable[str], kept: Iterable[str]) -> dict[str, list[str]]:
    """What `dvc status` finds changed since its last run, by stage.

    `outs` are all the stages' outputs, `kept` those of them that are in git. An output that is merely not on this
    machine does not count: it may be in a remote.
    """
    kept = tuple(kept)
    made = tuple(path for path in outs if path not in kept)

    def absent(path: str, how: str) -> bool:
        inside = any(path == out or path.startswith(f"{out}/") for out in made)
        return inside and how in ("deleted", "not in cache")

    stale = {}
    for stage, entries in status.items():
        why: list[str] = []
        for entry in entries:
            if isinstance(entry, str):
                # "always changed" is a stage without deps, not one whose run is out of date.
                why += [] if entry == "always changed" else [entry.removeprefix("changed ")]
                continue
            for paths in entry.values():
                for path, how in paths.items():
                    if isinstance(how, Mapping):  # params, by file
                        why += [f"param {key} {state}" for key, state in how.items()]
                    elif not absent(path, how):
                        why.append(f"{path} {how}")
        if why:
            stale[stage] = why
    return stale


def stale_commit(committed: Lock, fresh: Lock) -> dict[str, list[str]]:
    """What the committed params and code have otherwise than the committed lock, by stage.

    `fresh` is the lock after `dvc repro` on a clean checkout. Results may differ there (other hardware rounds
    otherwise), so what a stage made counts only where the stage before it gave the same.
    """
    makers = {path: name for name, entry in fresh.items() for path in _hashes(entry, "outs")}

    def maker(path: str) -> str | None:
        return next((makers[out] for out in makers if path == out or path.startswith(f"{out}/")), None)

    stale = {name: ["no longer a stage"] for name in committed if name not in fresh}
    for name, entry in fresh.items():
        before = committed.get(name)
        if before is None:
            stale[name] = ["not in it"]
            continue
        why = ["command"] if before.get("cmd") != entry.get("cmd") else []
        why += [f"param {key}" for key in differing(_params(before), _params(entry))]
        for path in differing(_hashes(before, "deps"), _hashes(entry, "deps")):
            stage = maker(path)
            if stage is None or _hashes(committed.get(stage, {}), "outs") == _hashes(fresh[stage], "outs"):
                why.append(path)
        if why:
            stale[name] = why
    return stale
