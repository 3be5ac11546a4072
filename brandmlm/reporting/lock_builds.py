"""What an output was made from, as a dvc.lock records it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from brandmlm.core.errors import UserError
from brandmlm.core.recorded import Lock
from brandmlm.reporting.provenance import Build, Commit


def _paths(lock: Lock, stage: str, kind: str) -> dict[str, str]:
    """The digests of a stage's `deps` or `outs`, by path."""
    try:
        return {str(item["path"]): str(item["md5"]) for item in lock[stage].get(kind, ())}
    except (KeyError, TypeError, AttributeError):
        raise UserError("dvc.lock: not what DVC writes; restore it with `git checkout HEAD dvc.lock`") from None


def _params(lock: Lock, stage: str) -> dict[str, Any]:
    return {name: value for values in lock[stage].get("params", {}).values() for name, value in values.items()}


def _makers(lock: Lock) -> dict[PurePosixPath, str]:
    """The stage that makes each output."""
    return {PurePosixPath(path): stage for stage in lock for path in _paths(lock, stage, "outs")}


def _maker(makers: dict[PurePosixPath, str], path: str) -> tuple[PurePosixPath, str] | None:
    """The output that a path is or is in, and the stage that makes it; None for a file of the user's."""
    pure = PurePosixPath(path)
    return next(((out, makers[out]) for out in (pure, *pure.parents) if out in makers), None)


def _need(lock: Lock, stage: str) -> None:
    if stage not in lock:
        raise UserError(f"dvc.lock: no stage {stage}; run `make repro` to make it")


def find_stage(lock: Lock, output: str) -> str:
    """The stage that makes an output. Raises UserError if none does."""
    found = _maker(_makers(lock), output)
    if found is None:
        raise UserError(f"dvc.lock: no stage makes {output}; run `make repro` to make it")
    return found[1]


def upstream(lock: Lock, stage: str) -> list[str]:
    """A stage and all stages whose outputs it needs, directly or not."""
    _need(lock, stage)
    makers, found, waiting = _makers(lock), dict[str, None](), [stage]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            made_by = (_maker(makers, path) for path in _paths(lock, name, "deps"))
            waiting += [maker for _, maker in filter(None, made_by)]
    return [*found]


def stage_build(lock: Lock, stage: str) -> Build:
    """What a stage made its output from: its own inputs and params."""
    _need(lock, stage)
    return Build(stage, _paths(lock, stage, "deps"), _params(lock, stage))


def pipeline_build(lock: Lock, stage: str, commit: Commit | None) -> Build:
    """What the pipeline made a stage's output from: inputs, outputs and params of all stages up to this one."""
    inputs, params = dict[str, str](), dict[str, Any]()
    for name in upstream(lock, stage):
        inputs |= _paths(lock, name, "deps") | _paths(lock, name, "outs")
        params |= _params(lock, name)
    return Build(stage, inputs, params, commit, is_whole=True)


def broken_links(lock: Lock) -> Iterator[str]:
    """Yield a line for each stage that ran on other bytes than dvc.lock records for the stage that makes them.

    A file inside a folder that is an output has a digest of its own and is not compared.
    """
    makers = _makers(lock)
    for stage in lock:
        for path, digest in _paths(lock, stage, "deps").items():
            found = _maker(makers, path)
            if found and str(found[0]) == path and _paths(lock, found[1], "outs")[path] != digest:
                yield f"dvc.lock: {stage} ran on other bytes of {path} than {found[1]} made; run `make repro`"
