"""The pictures of what evaluation found on the sets of rows: calibration, and differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, heading, label, models_in, style

FEW: Final = 20  # tokens: a bin with fewer says nothing

SET_LABELS: Final = {"real_reviews": "of it: reviews", "real_products": "of it: product pages"}


@style()
def reliability_figure(bins: pd.DataFrame, errors: Mapping[str, Mapping[str, float]]) -> Figure:
    """Accuracy over confidence, a panel a set (Guo et al. 2017, figure 1).

    `bins`: columns model, set, bin, tokens, confidence, correct (see `calibration`); `errors`: model → set → ECE.
    """
    models = models_in(bins)
    sets = [name for name in HEADLINE_SETS if name in set(bins["set"])]
    figure = Figure(figsize=(1.4 + 3 * len(sets), 4.6))
    panels = figure.subplots(1, len(sets), sharex=True, sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, sets, strict=True):
        axes.plot([0, 1], [0, 1], color="#808080", linewidth=1, linestyle=(0, (3, 2)))
        for model in models:
            rows = bins[(bins["model"] == model) & (bins["set"] == name) & (bins["tokens"] >= FEW)].sort_values("bin")
            axes.plot(
                rows["confidence"] / rows["tokens"], rows["correct"] / rows["tokens"], color=MODEL_COLOURS[model],
                marker=MODEL_MARKERS[model], markersize=5, linewidth=1.6, label=label(model),
            )  # fmt: skip
        told = "\n".join(f"{VARIANTS[model]} {100 * errors[model][name]:.1f} %" for model in models)
        axes.text(0.97, 0.03, f"error (ECE)\n{told}", transform=axes.transAxes, ha="right", va="bottom", fontsize=8)
        axes.set_title(f"{name} text")
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="confidence")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(color="#E0E0E0", linewidth=0.8)
        axes.set_axisbelow(True)
    panels[0].set_ylabel("accuracy")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models),
        title="below the dashed line: surer than right",
    )  # fmt: skip
    heading(figure, "Is a model right as often as it is sure? Masked tokens by confidence", 85)
    return figure


@style()
def differences_figure(differences: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Figure:
    """v2's perplexity against v1's and base's, per set, with 95 % intervals: a forest plot.

    `differences`: "filtered_against_<model>" → set → perplexity_percent, with its ends `_low` and `_high`.
    """
    against = {other: differences[f"filtered_against_{other}"] for other in ("full", "base")}
    sets = list(against["full"])
    figure = Figure(figsize=(9, 1.9 + 0.55 * len(sets)))
    axes = figure.subplots()
    for shift, (other, found) in zip((-0.16, 0.16), against.items(), strict=True):
        for place, name in enumerate(sets):
            # Ratios, on a scale on which half and double are alike.
            value, low, high = (1 + found[name][f"perplexity_percent{end}"] / 100 for end in ("", LOW, HIGH))
            axes.plot([low, high], [place + shift] * 2, color=MODEL_COLOURS[other], linewidth=2.2)
            axes.plot(
                value, place + shift, color=MODEL_COLOURS[other], marker=MODEL_MARKERS[other], markersize=8,
                linestyle="none", label=f"v2 against {label(other)}" if place == 0 else None,
            )  # fmt: skip
            axes.annotate(
                f"{100 * (value - 1):+.1f} %", (low, place + shift), xytext=(-7, 0), textcoords="offset points",
                ha="right", va="center", fontsize=9,
            )  # fmt: skip
    axes.axvline(1, color="#404040", linewidth=1)
    axes.set_xscale("log")
    ticks = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32]
    low, high = axes.get_xlim()
    low, high = min(low, 0.7) * 0.7, max(high, 1.4)
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * (value - 1):+.0f} %" if value != 1 else "0"))
    axes.set(xlim=(low, high), ylim=(len(sets) - 0.5, -0.5))
    axes.set_yticks(range(len(sets)), [SET_LABELS.get(name, f"{name} text") for name in sets])
    axes.set_xlabel("change of perplexity (log scale); left of the line: v2 is better")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#E0E0E0", linewidth=0.8)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=2)
    heading(figure, "How v2's perplexity compares, with 95 % intervals (paired bootstrap over rows)", 85)
    return figure
