"""Gates: whether the metrics of a head may be merged.

Gates (the section `gates` of `params.yaml`) check values and not intervals: all models are scored on the same rows with
the same masks, so a worse value is a worse model on these rows, however wide its interval over other rows is. They let
pass what another seed, or other hardware, would have given as well: a worsening within the known noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brandmlm.config.params.gates import Gate
from brandmlm.evaluation.probes import CLAIM_MEASURES
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.comparison.locks import list_reasons
from brandmlm.reporting.comparison.metrics import FRACTIONS, MetricChange
from brandmlm.reporting.formatting import code, escape

MAX_ROWS: Final = 14  # of the table at the top of the page


def _headline_of(model: str) -> tuple[str, ...]:
    return (
        *(f"evaluation.{model}.{test_set}.perplexity" for test_set in HEADLINE_SETS),
        f"evaluation.{model}.real.accuracy",
        *(f"probes.{model}.claim.{measure}" for measure in CLAIM_MEASURES),
    )


HEADLINE: Final = _headline_of("filtered")  # rows of the table at the top, after the gated ones

FOLDED: Final = _headline_of("full")  # rows of the folded table below it


@dataclass(frozen=True)
class GateResult:
    """A gate applied to a change; `failure` is the reason why it does not pass.

    `by_noise`: it passes only because the worsening is within the known noise. `warning`: why it cannot fail at all.
    """

    gate: str
    metric: str
    limit: str
    failure: str | None = None
    by_noise: bool = False
    warning: str | None = None


def limit_text(gate: Gate) -> str:
    """The allowed worsening as the tables print it: "≤ +5 %"."""
    if not gate.may_worsen:
        return "no worse"
    relation, sign = ("≤", "+") if gate.better == "lower" else ("≥", "−")
    if gate.relative:
        return f"{relation} {sign}{100 * gate.may_worsen:g} %"
    if gate.metric.endswith(FRACTIONS):
        return f"{relation} {sign}{100 * gate.may_worsen:g} {'point' if gate.may_worsen == 0.01 else 'points'}"
    return f"{relation} {sign}{gate.may_worsen:g}"


def check_gate(name: str, gate: Gate, change: MetricChange | None) -> GateResult:
    """Apply a gate to its metric. A metric that the base does not have is new, and passes."""
    failure = _failure(name, gate, change)
    by_noise = not failure and change is not None and _excess(gate, change) > 0
    return GateResult(name, gate.metric, limit_text(gate), failure, by_noise, _warning(name, gate, change))


def _excess(gate: Gate, change: MetricChange) -> float:
    """By how much more than the gate and rounding allow a metric got worse; not above 0 where a side lacks it."""
    if change.outcome in ("missing", "not a number", "new"):
        return -1.0
    assert change.base is not None and change.head is not None
    worsening = (change.head - change.base) * (1 if gate.better == "lower" else -1)
    allowed = gate.may_worsen * abs(change.base) if gate.relative else gate.may_worsen
    return worsening - allowed - change.rounding


def _failure(name: str, gate: Gate, change: MetricChange | None) -> str | None:
    if change is None:
        return f"{code(gate.metric)} is in neither side's metrics: correct {code(f'gates.{name}.metric')}"
    title = escape(change.title)
    if change.outcome == "missing":
        return f"{title} is missing: the base has it ({change.base_text}), the head does not"
    if change.outcome == "not a number":
        return f"{title} is {change.head}: no finite number"
    if change.outcome == "new":
        return None
    assert change.base is not None and change.head is not None
    if _excess(gate, change) > 0 and abs(change.head - change.base) > change.noise:
        return f"{title} went from {change.base_text} to {change.head_text} (allowed: {limit_text(gate)})"
    return None


def _room(gate: Gate, base: float) -> float:
    """The most by which a metric can get worse: down to 0, or up to 1 where it is a share; infinite otherwise."""
    if gate.better == "higher":
        return base
    return 1 - base if gate.metric.endswith(FRACTIONS) else math.inf


def _warning(name: str, gate: Gate, change: MetricChange | None) -> str | None:
    """Why a gate cannot fail: no worsening of its metric exceeds the known noise."""
    if change is None or change.base is None or not math.isfinite(change.base) or not change.known_noise:
        return None
    room = _room(gate, change.base)
    if room > change.known_noise:
        return None
    noise, most = (change.format(value).replace(" %", " points") for value in (change.known_noise, room))
    return (
        f"The gate {code(name)} cannot fail: the known noise of its metric is {noise}, and from "
        f"{change.format(change.base)} it can get worse by {most} at most"
    )


def check_gates(changes: Sequence[MetricChange], gates: Mapping[str, Gate]) -> list[GateResult]:
    """The result of every gate, and a failure if metrics without a gate are not finite numbers."""
    by_name = {change.name: change for change in changes}
    results = [check_gate(name, gate, by_name.get(gate.metric)) for name, gate in gates.items()]
    gated = {gate.metric for gate in gates.values()}
    others = [change for change in changes if change.outcome == "not a number" and change.name not in gated]
    if others:
        why = f"no finite number: {list_reasons([f'{change.name} is {change.head}' for change in others])}"
        results.append(GateResult("", others[0].name, "", why))
    return results


def headline(changes: Sequence[MetricChange], results: Sequence[GateResult]) -> list[MetricChange]:
    """The rows of the table at the top: failures, gated metrics, then the metrics of v2 in `HEADLINE` that changed."""
    by_name = {change.name: change for change in changes}
    failing = [result.metric for result in results if result.failure]
    gated = [result.metric for result in results]
    changed = [name for name in HEADLINE if name in by_name and by_name[name].outcome != "same"]
    return [by_name[name] for name in dict.fromkeys((*failing, *gated, *changed)) if name in by_name][:MAX_ROWS]


def folded(changes: Sequence[MetricChange], results: Sequence[GateResult]) -> list[MetricChange]:
    """The rows of the folded table: the metrics of v1 in `FOLDED` that changed and are not at the top."""
    top = {change.name for change in headline(changes, results)}
    changed = [change for change in changes if change.outcome != "same"]
    return [change for change in changed if change.name in FOLDED and change.name not in top]
