"""What changed between two revisions of a run, and whether the gates let it through: pure functions, no files.

A *base* is compared with a *head*. Metrics are trees as in `metrics.json`; where a metric `name` has siblings
`name_low` and `name_high`, they are its interval, and a change whose two intervals overlap is noise. Gates (the section
`gates` of `params.yaml`) look at the values and not at the intervals: every model is scored on the same rows with the
same masks, so a worse value is a worse model on these rows, however wide the interval over other rows would be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from brandmlm.commands.locks import differing, some
from brandmlm.config.params.gates import Gate
from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.probes import CLAIM_MEASURES
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.formatting import exact_percent, number

Better = Literal["lower", "higher"]

Verdict = Literal["better", "worse", "noise", "changed", "same", "new", "missing", "not a number"]

# Endings of metrics that are shares of 1.
SHARES: Final = ("_mass", "accuracy", "without_unwanted", "pass_rate", "preference")

PERCENT: Final = "_percent"  # ending of metrics in per cent

SHOWN: Final = 20  # rows of the table on top

# Which way is better, by the full name; the first that matches counts. What matches none has no better side (counts).
DIRECTIONS: Final[tuple[tuple[str, Better], ...]] = (
    # After a negation unwanted words are right; what is said of other brands is no aim, as long as it is no slander.
    (r"probes\.\w+\.(claim|product|brand|other_brand)\.unwanted_\w+", "lower"),
    (r"probes\.\w+\.(claim|product|brand|other_brand)\.without_unwanted", "higher"),
    (r"probes\.\w+\.(claim|brand)\.wanted_\w+", "higher"),
    (r"behaviour\..*\.(pass_rate|without_unwanted|wanted_in_top|preference)", "higher"),
    (r"behaviour\..*\.unwanted_in_top", "lower"),
    (r"evaluation\..*\.(pseudo_)?perplexity", "lower"),
    (r"evaluation\..*\.accuracy", "higher"),
    (r"evaluation\..*\.ece", "lower"),
    (r"differences\..*\.perplexity_percent", "lower"),
    (r"training\..*\.best_validation_(loss|perplexity)", "lower"),
)

# Rows of the table on top, after the gated ones: of v2, then of v1.
HEADLINE: Final = tuple(
    name
    for model in ("filtered", "full")
    for name in (
        *(f"evaluation.{model}.{part}.perplexity" for part in HEADLINE_SETS),
        f"evaluation.{model}.real.accuracy",
        *(f"probes.{model}.claim.{measure}" for measure in CLAIM_MEASURES),
    )
)

VERDICTS: Final[tuple[Verdict, ...]] = (
    "better", "worse", "noise", "changed", "new", "missing", "not a number", "same",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One metric at base and head; None where a side has none."""

    name: str
    base: float | None
    head: float | None
    better: Better | None
    base_interval: tuple[float, float] | None = None
    head_interval: tuple[float, float] | None = None

    @property
    def verdict(self) -> Verdict:
        if self.head is None:
            return "missing"
        if not math.isfinite(self.head):
            return "not a number"
        if self.base is None or not math.isfinite(self.base):
            return "new"
        if self.base == self.head:
            return "same"
        if self.base_interval and self.head_interval:
            (low, high), (other_low, other_high) = self.base_interval, self.head_interval
            if low <= other_high and other_low <= high:
                return "noise"
        if self.better is None:
            return "changed"
        return "better" if (self.head < self.base) == (self.better == "lower") else "worse"

    @property
    def title(self) -> str:
        """The name as a reader of the tables knows it."""
        kind, *rest = self.name.split(".")
        if kind == "evaluation" and len(rest) == 3 and rest[0] in VARIANTS:
            return f"{VARIANTS[rest[0]]}: {rest[2]}, {rest[1]} text"
        if kind == "probes" and len(rest) == 3 and rest[0] in VARIANTS:
            return f"{VARIANTS[rest[0]]}: {rest[2].replace('_', ' ')}, {rest[1].replace('_', ' ')} probes"
        if kind == "behaviour" and len(rest) == 4 and rest[0] in VARIANTS:
            return f"{VARIANTS[rest[0]]}: {rest[3].replace('_', ' ')}, {rest[2].replace('_', ' ')} cases of {rest[1]}"
        return self.name

    def show(self, value: float | None, interval: tuple[float, float] | None = None) -> str:
        if value is None:
            return "–"
        if not math.isfinite(value):
            return str(value)
        counts = self.better is None and value.is_integer()
        text = exact_percent if self.name.endswith(SHARES) else "{:,.0f}".format if counts else number
        shown = text(value)
        return f"{shown} ({text(interval[0])} to {text(interval[1])})" if interval else shown

    @property
    def base_text(self) -> str:
        return self.show(self.base, self.base_interval)

    @property
    def head_text(self) -> str:
        return self.show(self.head, self.head_interval)

    @property
    def delta_text(self) -> str:
        """How much it moved: in per cent of the base, or as it is where the base is 0 or itself a share or per cent."""
        if self.base is None or self.head is None or not math.isfinite(self.base) or not math.isfinite(self.head):
            return ""
        delta = self.head - self.base
        if delta == 0:
            return ""
        sign = "+" if delta > 0 else "−"
        if self.base and not self.name.endswith((*SHARES, PERCENT, "_in_top")):
            return f"{sign}{100 * abs(delta / self.base):.1f} %"
        points = " points" if self.name.endswith(PERCENT) else ""
        return sign + self.show(abs(delta)).replace(" %", " points") + points


def flatten(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of nested mappings, their keys joined by dots."""
    for key, value in tree.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def _intervals(values: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Take the interval ends out of the values; by the metric they belong to."""
    found = {
        name: (values[name + LOW], values[name + HIGH])
        for name in values
        if name + LOW in values and name + HIGH in values
    }
    for name in found:
        del values[name + LOW], values[name + HIGH]
    return found


def direction(name: str, gates: Iterable[Gate] = ()) -> Better | None:
    """Which way a metric is better: as its gate says, else as its name says."""
    for gate in gates:
        if gate.metric == name:
            return gate.better
    return next((better for pattern, better in DIRECTIONS if re.fullmatch(pattern, name)), None)


def compare_metrics(
    base: Mapping[str, Any], head: Mapping[str, Any], gates: Mapping[str, Gate] | None = None
) -> list[Change]:
    """Every metric of either side, in the order of the head's file."""
    gates = gates or {}
    before, after = dict(flatten(base)), dict(flatten(head))
    before_intervals, after_intervals = _intervals(before), _intervals(after)
    return [
        Change(
            name,
            before.get(name),
            after.get(name),
            direction(name, gates.values()),
            before_intervals.get(name),
            after_intervals.get(name),
        )
        for name in dict.fromkeys((*after, *before))
    ]


@dataclass(frozen=True)
class GateResult:
    """What a gate says of a change; `failure` is why it does not let it through."""

    gate: str
    metric: str
    limit: str
    failure: str | None = None


def limit_text(gate: Gate) -> str:
    """The most a metric may get worse, as a reader sees it: "≤ +5 %"."""
    relation, sign = ("≤", "+") if gate.better == "lower" else ("≥", "−")
    points = gate.metric.endswith(SHARES)
    amount = f"{100 * gate.may_worsen:g} {'%' if gate.relative else 'points' if gate.may_worsen != 0.01 else 'point'}"
    amount = amount if gate.relative or points else f"{gate.may_worsen:g}"
    return f"{relation} {sign}{amount}" if gate.may_worsen else "no worse"


def check_gate(name: str, gate: Gate, change: Change | None) -> GateResult:
    """Whether a gate lets a change of its metric through. A metric that the base has not is new, and passes."""
    limit = limit_text(gate)

    def failed(why: str) -> GateResult:
        return GateResult(name, gate.metric, limit, why)

    if change is None:
        return failed(f"`{gate.metric}` is in neither side's metrics: mend `gates.{name}.metric`")
    if change.verdict == "missing":
        return failed(f"{change.title} is missing: the base has it ({change.base_text}), the head has not")
    if change.verdict == "not a number":
        return failed(f"{change.title} is {change.head}: no finite number")
    if change.verdict == "new":
        return GateResult(name, gate.metric, limit)
    assert change.base is not None and change.head is not None
    worsening = (change.head - change.base) * (1 if gate.better == "lower" else -1)
    allowed = gate.may_worsen * abs(change.base) if gate.relative else gate.may_worsen
    if worsening > allowed * (1 + 1e-9):
        return failed(f"{change.title} went from {change.base_text} to {change.head_text} (allowed: {limit})")
    return GateResult(name, gate.metric, limit)


def check_gates(changes: Sequence[Change], gates: Mapping[str, Gate]) -> list[GateResult]:
    """Every gate's judgement, and one more where metrics without a gate are no finite numbers."""
    by_name = {change.name: change for change in changes}
    judgements = [check_gate(name, gate, by_name.get(gate.metric)) for name, gate in gates.items()]
    gated = {gate.metric for gate in gates.values()}
    others = [change for change in changes if change.verdict == "not a number" and change.name not in gated]
    if others:
        why = f"no finite number: {some([f'{change.name} is {change.head}' for change in others])}"
        judgements.append(GateResult("", others[0].name, "", why))
    return judgements


def headline(changes: Sequence[Change], judgements: Sequence[GateResult]) -> list[Change]:
    """The rows of the table on top, at most `SHOWN`: failures, gated metrics, what else changed of the best known."""
    by_name = {change.name: change for change in changes}
    failing = [judgement.metric for judgement in judgements if judgement.failure]
    gated = [judgement.metric for judgement in judgements]
    moved = [name for name in HEADLINE if name in by_name and by_name[name].verdict != "same"]
    return [by_name[name] for name in dict.fromkeys((*failing, *gated, *moved)) if name in by_name][:SHOWN]


@dataclass(frozen=True)
class TokenChange:
    """A probe whose likeliest tokens are others than before, each list by rank."""

    sentence: str
    entered: tuple[str, ...]
    left: tuple[str, ...]


Predictions = Sequence[Mapping[str, Any]]  # rows of plots/tokens/<model>.json


def compare_tokens(base: Predictions, head: Predictions) -> list[TokenChange]:
    """Per probe of both sides, the tokens that entered the likeliest ones and those that left them."""

    def by_sentence(predictions: Predictions) -> dict[str, list[str]]:
        labels: dict[str, list[str]] = {}
        for offer in sorted(predictions, key=lambda row: (row["order"], row["rank"])):
            labels.setdefault(offer["sentence"], []).append(offer["label"])
        return labels

    before, after = by_sentence(base), by_sentence(head)
    return [
        TokenChange(
            sentence,
            tuple(label for label in labels if label not in before[sentence]),
            tuple(label for label in before[sentence] if label not in labels),
        )
        for sentence, labels in after.items()
        if sentence in before and set(labels) != set(before[sentence])
    ]


@dataclass(frozen=True)
class RowChange:
    """Rows read, kept and dropped by one step, as "220 → 221" where they differ."""

    step: str
    read: str
    kept: str
    dropped: str
    reasons: str  # those that differ


def _arrow(before: float | None, after: float | None) -> str:
    old, new = ("–" if value is None else f"{value:,.0f}" for value in (before, after))
    return new if old == new else f"{old} → {new}"


def compare_rows(base: Mapping[str, Any], head: Mapping[str, Any]) -> list[RowChange]:
    """Where rows were dropped: each source in `clean`, then the filter, from the two metric trees."""

    def steps(tree: Mapping[str, Any]) -> dict[str, tuple[float, float, Mapping[str, float]]]:
        rows = tree.get("rows", {})
        found = {
            f"clean: {source}": (of.get("read", 0), of.get("kept", 0), of.get("dropped", {}))
            for source, of in rows.get("clean", {}).items()
        }
        filtered = rows.get("filtered", {})
        for source, of in (("all", filtered), *filtered.get("by_source", {}).items()):
            if "rows" in of and "kept" in of:
                found[f"filter: {source}"] = (of["rows"], of["kept"], {})
        return found

    before, after = steps(base), steps(head)
    changes = []
    for step in dict.fromkeys((*after, *before)):
        read, kept, reasons = before.get(step, (None, None, {}))
        new_read, new_kept, new_reasons = after.get(step, (None, None, {}))
        dropped = None if read is None or kept is None else read - kept
        new_dropped = None if new_read is None or new_kept is None else new_read - new_kept
        other = [] if read is None or new_read is None else differing(reasons, new_reasons)
        changes.append(
            RowChange(
                step,
                _arrow(read, new_read),
                _arrow(kept, new_kept),
                _arrow(dropped, new_dropped),
                ", ".join(
                    f"{reason.replace('_', ' ')} {_arrow(reasons.get(reason), new_reasons.get(reason))}"
                    for reason in other
                ),
            )
        )
    return changes
