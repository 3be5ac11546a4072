"""The final tables of several seeds as one: mean, spread, and in how many seeds v2 is better than v1."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.reporting.formatting import exact_percent, number
from brandmlm.reporting.tables import Measure


@dataclass(frozen=True)
class Spread:
    """The values of one measure of one model."""

    values: tuple[float, ...]  # in the order of the seeds

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """Standard deviation of the sample (n - 1)."""
        return statistics.stdev(self.values)


@dataclass(frozen=True)
class MeasureSpread:
    """A measure over all seeds."""

    name: str
    better: str  # lower or higher
    shares: bool  # whether the values are fractions of 1
    models: Mapping[str, Spread]  # v1 and v2
    wins: int  # seeds in which v2 is better than v1


def spread_over_seeds(runs: Sequence[Sequence[Measure]]) -> list[MeasureSpread]:
    """Combine the final tables of several runs; a measure that any of them does not have is left out."""
    column = {label: list(VARIANTS).index(model) for model, label in VARIANTS.items() if model in TRAINED_VARIANTS}
    spreads = []
    for same in zip(*runs, strict=True):
        found = {
            label: tuple(value for measure in same if (value := measure.values[place]) is not None)
            for label, place in column.items()
        }
        if any(len(values) < len(runs) for values in found.values()):
            continue
        first, sign = same[0], -1 if same[0].better == "lower" else 1
        wins = sum(sign * v2 > sign * v1 for v1, v2 in zip(found["v1"], found["v2"], strict=True))
        models = {label: Spread(values) for label, values in found.items()}
        spreads.append(MeasureSpread(first.name, first.better, first.shares, models, wins))
    return spreads


def _cell(spread: Spread, shares: bool) -> str:
    show = exact_percent if shares else number
    low, high = min(spread.values), max(spread.values)
    return f"{show(spread.mean)} ± {show(spread.deviation)} ({show(low)} to {show(high)})"


def spread_table(spreads: Sequence[MeasureSpread], seeds: Sequence[int]) -> Table:
    """A row per measure: mean ± standard deviation (lowest to highest) of v1 and v2."""
    table = Table(
        title=f"{len(seeds)} seeds: {', '.join(map(str, seeds))}", title_justify="left", box=box.SIMPLE,
        caption="mean ± standard deviation (lowest to highest)", caption_justify="left",
    )  # fmt: skip
    table.add_column("", overflow="fold")
    for label in ("v1", "v2"):
        table.add_column(label, justify="right")
    table.add_column("better")
    table.add_column("v2 better", justify="right")
    for row in spreads:
        cells = [row.name, *(_cell(row.models[label], row.shares) for label in ("v1", "v2"))]
        table.add_row(*map(Text, [*cells, row.better, f"{row.wins} of {len(seeds)}"]))
    return table
