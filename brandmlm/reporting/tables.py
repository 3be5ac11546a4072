"""The final table: the measures that tell base, v1 and v2 apart, for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.behaviour import REPORTED, SuiteSummary
from brandmlm.evaluation.behaviour_cases import PERTURBATIONS
from brandmlm.evaluation.probes import CLAIM_MEASURES
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.formatting import exact_percent, model_legend, number
from brandmlm.reporting.rounding import ROUNDING

MetricsByModel = Mapping[str, Mapping[str, Mapping[str, float]]]  # model → set or kind of probe → measure

# Title of a row: the capabilities whose cases it counts.
SUITE_ROWS: Final[dict[str, tuple[str, ...]]] = {
    "claims about the brand": ("claim",),
    "claims about rivals": ("locality",),
    "claims about no brand": ("no_brand",),
    "denials by other cues": ("negation",),
    "claims that look like denials": ("look_alike",),
    "claims without final punctuation": ("bare",),
    "perturbed claims": PERTURBATIONS,
    "plain English": ("plain_english",),
}


@dataclass(frozen=True)
class Measure:
    """One row of the final table."""

    name: str
    better: str  # lower or higher
    values: tuple[float | None, ...]  # one per model, in the order of `VARIANTS`
    shares: bool = False  # whether the values are shares of 1, shown in per cent

    def cells(self) -> list[str]:
        show = exact_percent if self.shares else number
        return ["–" if value is None else show(value) for value in self.values]

    def best(self) -> set[int]:
        """Positions of the best values as shown; empty where all are alike."""
        known = [value for value in self.values if value is not None]
        if not known:
            return set()
        cells = self.cells()
        shown = cells[self.values.index(min(known) if self.better == "lower" else max(known))]
        best = {position for position, cell in enumerate(cells) if cell == shown}
        return best if len(best) < len(cells) else set()

    def v2_against_v1(self, noise: float) -> str:
        """Whether v2 is better or worse than v1; noise if they differ by less, same if they do not differ.

        `noise`: the largest difference that is noise; one of rounding always is.
        """
        v1, v2 = (self.values[list(VARIANTS).index(model)] for model in TRAINED_VARIANTS)
        if v1 is None or v2 is None or v1 == v2:
            return "" if v1 is None or v2 is None else "same"
        if abs(v2 - v1) <= max(noise, ROUNDING * max(abs(v1), abs(v2))):
            return "noise"
        return "better" if (v2 < v1) == (self.better == "lower") else "worse"

    def marked_cells(self) -> list[str]:
        """The cells in Markdown, the best ones bold."""
        best = self.best()
        return [f"**{cell}**" if position in best else cell for position, cell in enumerate(self.cells())]


def final_measures(metrics: Mapping[str, Any], top: int) -> list[Measure]:
    """All rows of the final table, from `details.json`; raises KeyError where a section is missing."""
    return [
        *_set_measures(metrics["evaluation"]),
        *_claim_measures(metrics["probes"], top),
        *_suite_measures(metrics["behaviour"]),
        Measure("minimal pairs", "higher", _values(metrics["minimal_pairs"], "all", "accuracy"), True),
    ]


def pass_rate(capabilities: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> float | None:
    """Share of the cases of the named capabilities that pass; None where there is no case."""
    found = [capabilities[name] for name in names if name in capabilities]
    cases = sum(each["cases"] for each in found)
    return sum(each["cases"] * each["pass_rate"] for each in found) / cases if cases else None


def final_text(measures: Sequence[Measure], noise: Mapping[str, float] | None = None) -> str:
    """The final table for a terminal: aligned columns; a star marks the best value of a row.

    `noise`: of v2 against v1, by row; None: not measured, and no column says which of the two is better.
    """
    header = ["", *(name + " " for name in VARIANTS.values()), "better", *(["v2 against v1"] if noise else [])]
    body = [
        [
            measure.name,
            *(cell + ("*" if place in measure.best() else " ") for place, cell in enumerate(measure.cells())),
            measure.better,
            *([measure.v2_against_v1(noise.get(measure.name, 0.0))] if noise else []),
        ]
        for measure in measures
    ]
    widths = [max(len(row[column]) for row in [header, *body]) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < column <= len(VARIANTS) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *body]
    )


def final_markdown(measures: Sequence[Measure]) -> str:
    """The final table as a Markdown page; the best value of a row is bold."""
    lines = [
        "# Base, v1 and v2",
        "",
        model_legend(),
        "",
        f"| | {' | '.join(VARIANTS.values())} | better |",
        f"|---|{'---:|' * len(VARIANTS)}---|",
        *(f"| {measure.name} | {' | '.join(measure.marked_cells())} | {measure.better} |" for measure in measures),
        "",
        "All three are scored on the same rows, masks and probes. The best value of a row is bold. Values of claims "
        "are means over the probes of that kind; `suite passed` is a share of the suite's cases (part `test`).",
    ]
    return "\n".join(lines) + "\n"


def _values(tree: MetricsByModel, branch: str, key: str) -> tuple[float | None, ...]:
    return tuple(tree.get(model, {}).get(branch, {}).get(key) for model in VARIANTS)


def _set_measures(sets: MetricsByModel) -> list[Measure]:
    return [
        *(Measure(f"perplexity, {name} text", "lower", _values(sets, name, "perplexity")) for name in HEADLINE_SETS),
        *(
            Measure(f"masked-token accuracy, {name} text", "higher", _values(sets, name, "accuracy"), True)
            for name in HEADLINE_SETS
        ),
    ]


def _claim_measures(probes: MetricsByModel, top: int) -> list[Measure]:
    return [
        Measure(measure.title.format(top=top), measure.better, _values(probes, "claim", name), measure.is_share)
        for name, measure in CLAIM_MEASURES.items()
    ]


def _suite_measures(summary: SuiteSummary) -> list[Measure]:
    of = [summary.get(model, {}).get(REPORTED, {}) for model in VARIANTS]
    return [
        Measure(f"suite passed: {title}", "higher", tuple(pass_rate(each, names) for each in of), True)
        for title, names in SUITE_ROWS.items()
        if any(name in each for each in of for name in names)
    ]
