"""The final table that compares base, v1 and v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.behaviour import REPORTED, Summary
from brandmlm.evaluation.behaviour_cases import SENTENCE_VARIANTS
from brandmlm.evaluation.probes import CLAIM_MEASURES
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.formatting import exact_percent, number
from brandmlm.reporting.pages import who_is_who


def pass_rate(capabilities: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> float | None:
    """The share of the cases of some capabilities that pass; None where there is no case."""
    found = [capabilities[name] for name in names if name in capabilities]
    cases = sum(each["cases"] for each in found)
    return sum(each["cases"] * each["pass_rate"] for each in found) / cases if cases else None


def behaviour_measures(summary: Summary) -> list[Measure]:
    """Lines of the final table: the pass rates of the part that is reported."""
    lines = {
        "claims about the brand": ("claim",),
        "denials": ("negation",),
        "claims about other brands": ("other_brand",),
        "claims in variants": SENTENCE_VARIANTS,
        "plain English": ("plain_english",),
    }
    return [
        Measure(
            f"suite passed: {title}",
            "higher",
            tuple(pass_rate(summary.get(model, {}).get(REPORTED, {}), names) for model in VARIANTS),
            True,
        )
        for title, names in lines.items()
        if any(name in summary.get(model, {}).get(REPORTED, {}) for model in VARIANTS for name in names)
    ]


def final_measures(metrics: Mapping[str, Any], top: int) -> list[Measure]:
    """All lines of the final table, from what `metrics.json` holds. Raises KeyError where a part is not there."""
    return [*final_table(metrics["evaluation"], metrics["probes"], top), *behaviour_measures(metrics["behaviour"])]


@dataclass(frozen=True)
class Measure:
    """One line of the final table."""

    name: str
    better: str  # lower or higher
    values: tuple[float | None, ...]  # one a model, in the order of `MODELS`
    shares: bool = False  # whether they are shares of 1, to be shown in per cent

    def cells(self) -> list[str]:
        show = exact_percent if self.shares else number
        return ["–" if value is None else show(value) for value in self.values]

    def best(self) -> set[int]:
        """Positions of the best values as they are shown; none where all are alike."""
        known = [value for value in self.values if value is not None]
        if not known:
            return set()
        cells = self.cells()
        shown = cells[self.values.index(min(known) if self.better == "lower" else max(known))]
        best = {position for position, cell in enumerate(cells) if cell == shown}
        return best if len(best) < len(cells) else set()


def final_table(
    sets: Mapping[str, Mapping[str, Mapping[str, float]]],
    probes: Mapping[str, Mapping[str, Mapping[str, float]]],
    top: int,
) -> list[Measure]:
    """The measures that tell the models apart; `sets` is model → set → measure, `probes` model → kind → measure."""

    def of(tree: Mapping[str, Mapping[str, Mapping[str, float]]], branch: str, key: str) -> tuple[float | None, ...]:
        return tuple(tree.get(model, {}).get(branch, {}).get(key) for model in VARIANTS)

    return [
        *(Measure(f"perplexity, {name} text", "lower", of(sets, name, "perplexity")) for name in HEADLINE_SETS),
        *(
            Measure(f"masked-token accuracy, {name} text", "higher", of(sets, name, "accuracy"), True)
            for name in HEADLINE_SETS
        ),
        *(
            Measure(title.format(top=top), better, of(probes, "claim", name), share)
            for name, (title, better, share) in CLAIM_MEASURES.items()
        ),
    ]


def final_text(measures: Sequence[Measure]) -> str:
    """The final table for a terminal: aligned columns; a star marks the best value."""
    header = ["", *VARIANTS.values(), "better"]
    body = [
        [
            measure.name,
            *(cell + ("*" if place in measure.best() else " ") for place, cell in enumerate(measure.cells())),
            measure.better,
        ]
        for measure in measures
    ]
    header[1:-1] = [name + " " for name in header[1:-1]]
    widths = [max(len(row[column]) for row in [header, *body]) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < column < len(widths) - 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *body]
    )


def final_markdown(measures: Sequence[Measure]) -> str:
    """The final table as a Markdown page; the best value of a row is bold."""
    names = " | ".join(VARIANTS.values())
    lines = [
        "# Base, v1 and v2",
        "",
        who_is_who(),
        "",
        f"| | {names} | better |",
        f"|---|{'---:|' * len(VARIANTS)}---|",
    ]
    for measure in measures:
        cells = [f"**{cell}**" if place in measure.best() else cell for place, cell in enumerate(measure.cells())]
        lines.append(f"| {measure.name} | {' | '.join(cells)} | {measure.better} |")
    lines += [
        "",
        "All three are scored on the same rows with the same masks and on the same probes. The best value of a row is "
        "bold. Values of claims are means over the probes of that kind.",
    ]
    return "\n".join(lines) + "\n"
