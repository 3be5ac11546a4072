"""Metrics of two revisions, compared one by one.

Metrics are trees as in `details.json`. Where a metric `name` has siblings `name_low` and `name_high`, they are its
interval. A change is noise if its two intervals overlap, or if it is not larger than the known noise
(`brandmlm.reporting.comparison.noise`) or than rounding.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from brandmlm.config.params.gates import Gate
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.reporting.comparison.noise import Noise
from brandmlm.reporting.comparison.renamed_metrics import with_current_names
from brandmlm.reporting.comparison.titles import metric_title
from brandmlm.reporting.formatting import exact_percent, number
from brandmlm.reporting.rounding import ROUNDING

Better = Literal["lower", "higher"]

Outcome = Literal["better", "worse", "noise", "changed", "same", "new", "missing", "not a number"]

# In the order in which they are counted on the page.
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "better", "worse", "noise", "changed", "new", "missing", "not a number", "same",
)  # fmt: skip

# Endings of metrics that are fractions of 1.
FRACTIONS: Final = ("_mass", "accuracy", "without_unwanted", "pass_rate", "preference")

PERCENT: Final = "_percent"  # ending of metrics in per cent

# The better direction by full name; the first match counts. A metric that matches none (a count) has no direction.
DIRECTIONS: Final[tuple[tuple[str, Better], ...]] = (
    # Negated sentences need unwanted words. Praise of other brands is no aim; slander of them is to be avoided.
    (r"probes\.\w+\.(claim|product|brand|other_brand)\.unwanted_\w+", "lower"),
    (r"probes\.\w+\.(claim|product|brand|other_brand)\.without_unwanted", "higher"),
    (r"probes\.\w+\.(claim|brand)\.wanted_\w+", "higher"),
    # A claim that is not about the brand should stay as it is with base; praise in a denial is wrong, faults are right.
    (r"behaviour\..*\.(locality|no_brand|negation)\.wanted_(in_top|mass)", "lower"),
    (r"behaviour\..*\.negation\.unwanted_(in_top|mass)", "higher"),
    (r"behaviour\..*\.negation\.without_unwanted", "lower"),
    (r"behaviour\..*\.(pass_rate|without_unwanted|wanted_\w+|\w*preference)", "higher"),
    (r"behaviour\..*\.(unwanted_\w+|kl)", "lower"),
    (r"minimal_pairs\..*\.accuracy", "higher"),
    (r"evaluation\..*\.(pseudo_)?perplexity", "lower"),
    (r"evaluation\..*\.accuracy", "higher"),
    (r"evaluation\..*\.ece", "lower"),
    (r"differences\..*\.perplexity_percent", "lower"),
    (r"training\..*\.(best_checkpoint_loss|validation_(loss|perplexity))", "lower"),
)

Interval = tuple[float, float]


@dataclass(frozen=True)
class MetricChange:
    """One metric at base and head; None on a side that does not have it."""

    name: str
    base: float | None
    head: float | None
    better: Better | None
    base_interval: Interval | None = None
    head_interval: Interval | None = None
    known_noise: float = 0.0  # largest difference of two runs that is noise

    @property
    def rounding(self) -> float:
        """The largest difference that is rounding; 0 for a count. Both sides have the metric."""
        assert self.base is not None and self.head is not None
        if self.better is None and self.base.is_integer() and self.head.is_integer():
            return 0.0
        return ROUNDING * max(abs(self.base), abs(self.head))

    @property
    def noise(self) -> float:
        """The largest difference that is noise. Both sides have the metric."""
        return max(self.known_noise, self.rounding)

    @property
    def outcome(self) -> Outcome:
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
        if abs(self.head - self.base) <= self.noise:
            return "noise"
        if self.better is None:
            return "changed"
        return "better" if (self.head < self.base) == (self.better == "lower") else "worse"

    @property
    def title(self) -> str:
        """The name as the tables of the report print it."""
        return metric_title(self.name)

    def format(self, value: float | None, interval: Interval | None = None) -> str:
        if value is None:
            return "–"
        if not math.isfinite(value):
            return str(value)
        is_count = self.better is None and value.is_integer()
        text = exact_percent if self.name.endswith(FRACTIONS) else "{:,.0f}".format if is_count else number
        return f"{text(value)} ({text(interval[0])} to {text(interval[1])})" if interval else text(value)

    @property
    def base_text(self) -> str:
        return self.format(self.base, self.base_interval)

    @property
    def head_text(self) -> str:
        return self.format(self.head, self.head_interval)

    @property
    def delta_text(self) -> str:
        """The difference, in per cent of the base; absolute if the base is 0, or itself a fraction or a percentage."""
        if self.base is None or self.head is None or not math.isfinite(self.base) or not math.isfinite(self.head):
            return ""
        delta = self.head - self.base
        if delta == 0:
            return ""
        sign = "+" if delta > 0 else "−"
        if self.base and not self.name.endswith((*FRACTIONS, PERCENT, "_in_top")):
            return f"{sign}{100 * abs(delta / self.base):.1f} %"
        points = " points" if self.name.endswith(PERCENT) else ""
        return sign + self.format(abs(delta)).replace(" %", " points") + points


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """The numbers of nested mappings, with their keys joined by dots."""
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)


def without_counts(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The same nested mappings without whole numbers, which are counts: a perplexity of four digits is a float, too."""
    return {
        key: without_counts(value) if isinstance(value, Mapping) else value
        for key, value in tree.items()
        if not isinstance(value, int)
    }


def _pop_intervals(values: dict[str, float]) -> dict[str, Interval]:
    """Remove the interval ends from the values; return them by the metric that they belong to."""
    found = {
        name: (values[name + LOW], values[name + HIGH])
        for name in values
        if name + LOW in values and name + HIGH in values
    }
    for name in found:
        del values[name + LOW], values[name + HIGH]
    return found


def direction(name: str, gates: Iterable[Gate] = ()) -> Better | None:
    """Which direction is better for a metric: as its gate says, else as `DIRECTIONS` says."""
    for gate in gates:
        if gate.metric == name:
            return gate.better
    return next((better for pattern, better in DIRECTIONS if re.fullmatch(pattern, name)), None)


def compare_metrics(
    base: Mapping[str, Any],
    head: Mapping[str, Any],
    gates: Mapping[str, Gate] | None = None,
    noise: Noise | None = None,
) -> list[MetricChange]:
    """Every metric of either side under its current name, in the order of the head's file."""
    gates = gates or {}
    before, after = (with_current_names(dict(flatten(tree))) for tree in (base, head))
    before_intervals, after_intervals = _pop_intervals(before), _pop_intervals(after)
    return [
        MetricChange(
            name,
            before.get(name),
            after.get(name),
            direction(name, gates.values()),
            before_intervals.get(name),
            after_intervals.get(name),
            noise.of(name) if noise else 0.0,
        )
        for name in dict.fromkeys((*after, *before))
    ]
