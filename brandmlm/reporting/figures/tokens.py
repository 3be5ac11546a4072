"""The likeliest tokens of some probes, before and after."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.bars import bar_axes, bar_figure, draw_bars, verdict_legend
from brandmlm.reporting.figures.style import MODEL_INK, empty_figure, heading, label, models_in, shorten, style
from brandmlm.reporting.formatting import percent


@style()
def tokens_figure(predictions: pd.DataFrame, probes: pd.DataFrame, top: int) -> Figure:
    """The `top` likeliest tokens of some probes: one row per probe, one column per model.

    `predictions`: columns model, probe, rank, token, probability, verdict; `probes`: columns probe, text.
    """
    head = predictions[(predictions["rank"] <= top) & predictions["probe"].isin(probes["probe"])]
    if probes.empty or head.empty:
        return empty_figure("no probe to show")
    bars = 0.21 * top  # inches
    figure = bar_figure(0.7 + len(probes) * (bars + 1.1))
    for line, (probe, text) in enumerate(zip(probes["probe"], probes["text"], strict=True)):
        above = 0.4 + line * (bars + 1.1)
        title = shorten(text, 95)
        figure.text(0.01, 1 - above / figure.get_figheight(), title, fontsize=12, va="top", fontweight="bold")
        _draw_row(figure, head[head["probe"] == probe].sort_values("rank"), top, above + 0.5, bars)
    unwanted = head[head["verdict"] == "unwanted"].groupby("model").size()
    counts = ", ".join(f"{VARIANTS[model]} {int(unwanted.get(model, 0))}" for model in models_in(predictions))
    heading(figure, f"Unwanted words in the top {top} of these sentences: {counts}")
    verdict_legend(figure)
    return figure


def _draw_row(figure: Figure, rows: pd.DataFrame, top: int, above: float, height: float) -> None:
    """The bars of one probe, model by model; `above` (from the upper edge), `height`: inches."""
    limit = float(rows["probability"].max()) * 1.25
    last_tick = min(1.0, limit)  # no tick above 100 %
    for column, model in enumerate(models_in(rows)):
        axes = bar_axes(figure, column, above, height)
        own = rows[rows["model"] == model]
        draw_bars(axes, own, [percent(value) for value in own["probability"]])
        axes.set(xlim=(0, limit), ylim=(top - 0.4, -0.6))
        axes.set_title(label(model), color=MODEL_INK[model], fontsize=10)
        axes.set_xticks([value for value in MaxNLocator(4).tick_values(0, last_tick) if value <= last_tick])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
        axes.set_xlabel("probability", fontsize=8, labelpad=1)
