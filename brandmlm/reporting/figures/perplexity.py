"""Perplexity of base, v1 and v2 on the test sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, style
from brandmlm.reporting.formatting import number

Sets = Mapping[str, Mapping[str, Mapping[str, Any]]]

_NICE: Final = (1, 1.5, 2, 3, 5, 7)  # ticks, times powers of ten


def outcome(difference: Mapping[str, Any]) -> str:
    """A difference of perplexity in per cent and its interval, in words: "56 % below", "3.4 % above", "level with"."""
    value, low, high = (difference[f"perplexity_percent{end}"] for end in ("", LOW, HIGH))
    if low <= 0 <= high:
        return "level with"
    size = f"{abs(value):.0f}" if abs(value) >= 10 else f"{abs(value):.1f}"
    return f"{size}\u00a0% {'below' if value < 0 else 'above'}"


@style()
def perplexity_figure(evaluation: Sets, differences: Sets) -> Figure:
    """A mark per model and set, with its 95 % interval over rows.

    `evaluation`: model → set → perplexity, with the ends of its interval; `differences`: as in `differences_figure`.
    """
    models = [model for model in VARIANTS if model in evaluation]
    sets = [name for name in HEADLINE_SETS if name in evaluation[models[0]]]
    figure = Figure(figsize=(9, 1.9 + 0.8 * len(sets)))
    axes = figure.subplots()
    for shift, model in zip((-0.24, 0, 0.24), models, strict=True):
        for place, name in enumerate(sets):
            found = evaluation[model][name]
            value, high = found["perplexity"], found.get(f"perplexity{HIGH}", found["perplexity"])
            low = found.get(f"perplexity{LOW}", value)
            axes.plot([low, high], [place + shift] * 2, color=MODEL_COLOURS[model], linewidth=2)
            axes.plot(
                value, place + shift, color=MODEL_COLOURS[model], marker=MODEL_MARKERS[model], markersize=8,
                linestyle="none", label=label(model) if place == 0 else None,
            )  # fmt: skip
            axes.annotate(
                number(value), (high, place + shift), xytext=(6, 0), textcoords="offset points", va="center", fontsize=9
            )
    _perplexity_scale(figure)
    axes.set_ylim(len(sets) - 0.5, -0.5)
    axes.set_yticks(range(len(sets)), [f"{name} text" for name in sets])
    axes.tick_params(axis="y", length=0)
    grid(axes, "x")
    figure.legend(loc="outside lower center", ncols=len(models))
    against = {other: outcome(differences[f"filtered_against_{other}"][sets[0]]) for other in ("base", "full")}
    told = f"v2's perplexity on {sets[0]} text is {against['base']} base's and {against['full']} v1's"
    heading(figure, told, 85)
    return figure


def _perplexity_scale(figure: Figure) -> None:
    """A log scale with ticks at round numbers inside the data's range, and room for the values on the right."""
    [axes] = figure.axes
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    high *= 1.12
    ticks = [digit * 10.0**power for power in range(6) for digit in _NICE]
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
    axes.set_xticks([], minor=True)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(low, high)
    axes.set_xlabel("perplexity (log scale), lower is better; lines: 95 % intervals over rows")
