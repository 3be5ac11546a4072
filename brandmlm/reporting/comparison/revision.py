"""The two sides of a comparison: the files of a revision, parsed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brandmlm.config.published import DETAILS, METRICS, PLOTS
from brandmlm.config.variants import VARIANTS
from brandmlm.core.errors import UserError
from brandmlm.reporting.comparison.locks import parse_lock


@dataclass(frozen=True)
class Revision:
    """One side of a comparison."""

    label: str
    metrics: Mapping[str, Any] = field(default_factory=dict)  # as in details.json
    lock: Mapping[str, Any] = field(default_factory=dict)  # dvc.lock's `stages`
    predictions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)  # rows of plots/tokens, by model
    plots: Mapping[str, bytes] = field(default_factory=dict)  # every file under plots/, by its path


@dataclass(frozen=True)
class State:
    """The workspace against the base, as DVC reports it."""

    status: Mapping[str, Any]  # as `dvc status --json`
    params: Mapping[str, tuple[Any, Any]]  # old and new value, by name
    outs: tuple[str, ...]  # of all stages
    kept: tuple[str, ...]  # those of them that are in git


def _parse(data: bytes | None, kind: type, where: str) -> Any:
    """A JSON file's mapping or list (`kind`); empty without a file."""
    if data is None:
        return kind()
    try:
        document = json.loads(data)
    except ValueError as error:
        raise UserError(f"{where} is not valid JSON (a conflict left in it?): {error}") from None
    if not isinstance(document, kind):
        raise UserError(f"{where} is not what `report` writes; run `dvc repro --force --single-item report`")
    return document


def read_details(read: Callable[[str], bytes | None]) -> tuple[str, bytes | None]:
    """The file that has all numbers of a revision, and its bytes; None without one.

    `read`: from a path to the file's bytes, None for a file that is not there.
    """
    details = read(DETAILS)
    return (METRICS, read(METRICS)) if details is None else (DETAILS, details)


def parse_revision(
    label: str, details: tuple[str, bytes | None], lock: bytes | None, plots: dict[str, bytes]
) -> Revision:
    """A revision from the bytes of its files; None for a file that it does not have.

    Args:
        label: What messages and pages call it.
        details: As `read_details` finds them.
        lock: Of dvc.lock.
        plots: Of every file under plots/, by path.

    Raises:
        UserError: A file is damaged, or is not what the pipeline writes.
    """
    predictions = {}
    for model in VARIANTS:
        path = f"{PLOTS}/tokens/{model}.json"
        rows = _parse(plots.get(path), list, f"{label}: {path}")
        predictions[model] = [row for row in rows if row["rank"] is not None]
    path, data = details
    return Revision(label, _parse(data, dict, f"{label}: {path}"), parse_lock(lock, label), predictions, plots)
