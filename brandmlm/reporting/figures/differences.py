"""Differences of perplexity with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.figures.perplexity import outcome
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, style

TICKS: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 0.75, 1, 1.5, 2, 5, 10, 20, 50)  # ratios

SET_LABELS: Final = {
    "real_reviews": "real: reviews",
    "real_products": "real: product pages",
    "real_texts": "real: other texts",
}


@style()
def differences_figure(differences: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figure:
    """Forest plot of v2's perplexity against v1's and base's, per set, with 95 % intervals.

    `differences`: "filtered_against_<model>" → set → perplexity_percent, with the ends of its interval.
    """
    against = {other: differences[f"filtered_against_{other}"] for other in ("full", "base")}
    sets = list(against["full"])
    figure = Figure(figsize=(9, 1.9 + 0.55 * len(sets)))
    axes = figure.subplots()
    for shift, (other, found) in zip((-0.16, 0.16), against.items(), strict=True):
        for place, name in enumerate(sets):
            # As ratios, so that half and double are equally far from 1 on the log scale.
            ratio, low, high = (1 + found[name][f"perplexity_percent{end}"] / 100 for end in ("", LOW, HIGH))
            axes.plot([low, high], [place + shift] * 2, color=MODEL_COLOURS[other], linewidth=2.2)
            axes.plot(
                ratio, place + shift, color=MODEL_COLOURS[other], marker=MODEL_MARKERS[other], markersize=8,
                linestyle="none", label=f"v2 against {label(other)}" if place == 0 else None,
            )  # fmt: skip
            axes.annotate(
                f"{100 * (ratio - 1):+.1f} %", (low, place + shift), xytext=(-7, 0), textcoords="offset points",
                ha="right", va="center", fontsize=9,
            )  # fmt: skip
    _ratio_scale(axes)
    axes.set_ylim(len(sets) - 0.5, -0.5)
    axes.set_yticks(range(len(sets)), [SET_LABELS.get(name, f"{name} text") for name in sets])
    axes.tick_params(axis="y", length=0)
    grid(axes, "x")
    figure.legend(loc="outside lower center", ncols=2)
    heading(figure, _title(against), 85)
    return figure


def _title(against: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """On which of the headline sets v2 is better, worse, or neither."""
    told = []
    for other, found in against.items():
        better = {name: outcome(found[name]).split()[-1] for name in HEADLINE_SETS if name in found}
        parts = [
            f"{word} on {_listed(names)}"
            for word, relation in (("lower", "below"), ("higher", "above"), ("level", "with"))
            if (names := [name for name, its in better.items() if its == relation])
        ]
        told.append(f"v2 against {VARIANTS[other]}: {', '.join(parts)} text")
    return "\n".join(told)


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _ratio_scale(axes: Axes) -> None:
    """A log scale of ratios, labelled as changes in per cent."""
    axes.axvline(1, color="#404040", linewidth=1)
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    low, high = min(low, 0.7) * 0.7, max(high, 1.4)
    axes.set_xticks([tick for tick in TICKS if low <= tick <= high])
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * (value - 1):+.0f} %" if value != 1 else "0"))
    axes.set_xlim(low, high)
    axes.set_xlabel(
        "change of perplexity (log scale), below 0 v2 is better; lines: 95 % intervals (paired bootstrap over rows)"
    )
