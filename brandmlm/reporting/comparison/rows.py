"""Rows read, kept and dropped by each step, compared between two revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from brandmlm.reporting.comparison.locks import differing


@dataclass(frozen=True)
class RowChange:
    """Rows read, kept and dropped by one step, as "220 → 221" where they differ."""

    step: str
    read: str
    kept: str
    dropped: str
    reasons: str  # those whose counts differ

    @property
    def differs(self) -> bool:
        return "→" in f"{self.read}{self.kept}{self.dropped}{self.reasons}"


@dataclass(frozen=True)
class _Step:
    read: float | None = None
    kept: float | None = None
    reasons: Mapping[str, float] = field(default_factory=dict)  # dropped rows by reason

    @property
    def dropped(self) -> float | None:
        return None if self.read is None or self.kept is None else self.read - self.kept


def _steps(metrics: Mapping[str, Any]) -> dict[str, _Step]:
    """Where rows are dropped: each source in `clean`, then the filter."""
    rows = metrics.get("rows", {})
    steps = {
        f"clean: {source}": _Step(counts.get("read", 0), counts.get("kept", 0), counts.get("dropped", {}))
        for source, counts in rows.get("clean", {}).items()
    }
    filtered = rows.get("filtered", {})
    for source, counts in (("all", filtered), *filtered.get("by_source", {}).items()):
        if "rows" in counts and "kept" in counts:
            steps[f"filter: {source}"] = _Step(counts["rows"], counts["kept"])
    return steps


def _arrow(before: float | None, after: float | None) -> str:
    old, new = ("–" if value is None else f"{value:,.0f}" for value in (before, after))
    return new if old == new else f"{old} → {new}"


def compare_rows(base: Mapping[str, Any], head: Mapping[str, Any]) -> list[RowChange]:
    """The steps of either side, from the two metric trees."""
    before, after = _steps(base), _steps(head)
    changes = []
    for step in dict.fromkeys((*after, *before)):
        old, new = before.get(step, _Step()), after.get(step, _Step())
        reasons = differing(old.reasons, new.reasons) if step in before and step in after else []
        told = [f"{each.replace('_', ' ')} {_arrow(old.reasons.get(each), new.reasons.get(each))}" for each in reasons]
        changes.append(
            RowChange(
                step,
                _arrow(old.read, new.read),
                _arrow(old.kept, new.kept),
                _arrow(old.dropped, new.dropped),
                ", ".join(told),
            )
        )
    return changes
