"""What `dvc.lock` shows: which stages ran on other inputs, and which results are out of date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import parse_yaml
from brandmlm.reporting.formatting import escape

Lock = Mapping[str, Any]  # the `stages` of a dvc.lock, by name

MAX_REASONS: Final = 5  # named in a line


def parse_lock(data: bytes | None, where: str) -> dict[str, Any]:
    """The stages of a dvc.lock, by name; empty without a file.

    Raises:
        UserError: The file is not valid YAML, or not a lock.
    """
    if not data:
        return {}
    document = parse_yaml(data, f"{where}: dvc.lock (a conflict left in it? see docs/experiments-howto.md)") or {}
    stages = document.get("stages", {}) if isinstance(document, dict) else None
    if not isinstance(stages, dict):
        raise UserError(f"{where}: dvc.lock is not what DVC writes; restore it from git (`git checkout HEAD dvc.lock`)")
    return stages


def entry_digest(entry: Mapping[str, Any]) -> str:
    """A digest of a stage's inputs and outputs: the hash of its entry in dvc.lock."""
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _hashes(entry: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {item["path"]: item.get("md5", item.get("hash", "")) for item in entry.get(kind, [])}


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _params(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A stage's params by their full names; the lock holds whole sections."""
    return {name: value for values in entry.get("params", {}).values() for name, value in _leaves(values)}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Keys of either mapping whose values differ."""
    return [key for key in dict.fromkeys((*before, *after)) if before.get(key) != after.get(key)]


@dataclass(frozen=True)
class StageChange:
    """A stage that ran on other inputs for the head than for the base, or gave other outputs."""

    name: str
    causes: tuple[str, ...]  # inputs that differ: params, files, the command
    seconds: float | None = None  # None if this machine has not timed the run


def compare_locks(base: Lock, head: Lock, times: Mapping[str, tuple[str, float]]) -> list[StageChange]:
    """The stages whose entries differ.

    Args:
        base: The lock of the base.
        head: The lock of the head.
        times: By stage, the digest of the entry whose run was timed, and its seconds.
    """
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


def list_reasons(reasons: Sequence[str]) -> str:
    """The first few of many reasons, as Markdown."""
    more = f" and {len(reasons) - MAX_REASONS} more" if len(reasons) > MAX_REASONS else ""
    return f"{escape(', '.join(reasons[:MAX_REASONS]))}{more}"


def by_reason(stale: Mapping[str, Sequence[str]]) -> list[str]:
    """One line of Markdown per set of reasons, with the stages that share it: an edit of a module affects many."""
    stages: dict[tuple[str, ...], list[str]] = {}
    for stage, reasons in stale.items():
        stages.setdefault(tuple(reasons), []).append(f"`{stage}`")
    return [f"{', '.join(names)} ({list_reasons(reasons)})" for reasons, names in stages.items()]


def stale_stages(status: Mapping[str, Any], outs: Iterable[str], kept: Iterable[str]) -> dict[str, list[str]]:
    """The stages whose inputs or outputs changed since their last run, with the reasons.

    Args:
        status: As `dvc status --json` prints it.
        outs: The outputs of all stages.
        kept: The outputs that are in git. Any other output that is merely absent here does not count: it may be in a
            remote.
    """
    kept = tuple(kept)
    cached = tuple(path for path in outs if path not in kept)

    def absent(path: str, how: str) -> bool:
        inside = any(path == out or path.startswith(f"{out}/") for out in cached)
        return inside and how in ("deleted", "not in cache")

    stale = {}
    for stage, entries in status.items():
        why: list[str] = []
        for entry in entries:
            if isinstance(entry, str):
                # "always changed" means a stage without deps, not one that is out of date.
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
    """The stages whose params or code in a commit differ from those in the committed lock, with the reasons.

    `fresh` is the lock after `dvc repro` on a clean checkout. Other hardware rounds differently, so that outputs may
    differ there: an input that another stage made counts only if that stage gave the same in both.
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


def same_inputs(base: Lock, head: Lock) -> bool:
    """Whether two runs had the same params, code and data, so that only hardware or chance can tell their results
    apart."""
    return bool(base) and bool(head) and not stale_commit(base, head)
