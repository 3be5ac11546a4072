"""Best and worst substitutions of a probe."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.bars import bar_axes, bar_figure, draw_bars, verdict_legend
from brandmlm.reporting.figures.style import MODEL_INK, heading, models_in, shorten, style
from brandmlm.reporting.formatting import percent


@style()
def substitutions_figure(predictions: pd.DataFrame, text: str, count: int) -> Figure:
    """Best and worst substitutions of one probe, models side by side: the `count` likeliest tokens above, the likeliest
    unwanted words of the ranks kept below.

    The last ranks are not the worst substitutions, only rare ones. `predictions`: columns model, rank, token,
    probability, verdict of one probe; `text`: its sentence.
    """
    rows = predictions.sort_values(["model", "rank"])
    depth = int(rows["rank"].max())
    best = rows[rows["rank"] <= count]
    worst = rows[rows["verdict"] == "unwanted"].groupby("model").head(count)
    least = float(pd.concat([best, worst])["probability"].min())
    decades = max(1, -int(np.floor(np.log10(max(least, 1e-9)))))
    bars = 0.23 * count  # inches
    figure = bar_figure(0.9 + 2 * (bars + 0.75))
    for line, (part, title) in enumerate(((best, "best (likeliest of all)"), (worst, "worst (likeliest unwanted)"))):
        for column, model in enumerate(models_in(rows)):
            axes = bar_axes(figure, column, 0.65 + line * (bars + 0.8), bars)
            axes.set_title(f"{VARIANTS[model]}: {title}", color=MODEL_INK[model], fontsize=10)
            _scale(axes, decades, count)
            own = part[part["model"] == model]
            ranked = zip(own["probability"], own["rank"], strict=True)
            draw_bars(axes, own, [f"{percent(probability)} · rank {rank:,}" for probability, rank in ranked])
            if own.empty:
                axes.text(
                    0.5, 0.5, f"none among the\n{depth:,} likeliest tokens", transform=axes.transAxes, ha="center",
                    va="center", color="#404040", style="italic",
                )  # fmt: skip
    heading(
        figure, f"{shorten(text, 60)}: rank of the likeliest unwanted word: {_worst_ranks(worst, rows, depth)}", 100
    )
    verdict_legend(figure)
    return figure


def _worst_ranks(worst: pd.DataFrame, rows: pd.DataFrame, depth: int) -> str:
    ranks = worst.groupby("model")["rank"].min()
    return ", ".join(
        f"{VARIANTS[model]} {f'{ranks[model]:,}' if model in ranks else f'none in {depth:,}'}"
        for model in models_in(rows)
    )


def _scale(axes: Axes, decades: int, count: int) -> None:
    """A log scale of probability over some decades below 1, with `count` bars."""
    ticks = sorted({0, -(decades // 2), -decades})  # three at most: there is no room for more labels
    axes.set_xscale("log")
    # A bar of 100 % ends at six tenths of the width, which leaves room for its value.
    axes.set(xlim=(10.0**-decades, 10.0 ** (decades * 2 / 3)), ylim=(count - 0.4, -0.6))
    labels = [f"{10.0 ** (power + 2):.{max(0, -power - 2)}f} %" for power in ticks]
    axes.set_xticks([10.0**power for power in ticks], labels)
    axes.set_xticks([], minor=True)
    axes.set_xlabel("probability (log scale)", fontsize=8, labelpad=1)
