"""Loss and perplexity while training."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, models_in, style
from brandmlm.reporting.formatting import number


@style()
def training_figure(history: pd.DataFrame, measure: str) -> Figure:
    """Training and validation curves of v1 and v2.

    `history`: columns model, step, split, loss (nats), perplexity; `measure`: loss or perplexity.
    """
    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    best = {}
    for model in models_in(history):
        rows = history[history["model"] == model].sort_values("step")
        if (value := _draw_curves(axes, rows, model, measure)) is not None:
            best[model] = value
    axes.set_xlabel("training step")
    axes.set_ylabel("loss (nats per masked token)" if measure == "loss" else "perplexity (log scale)")
    if measure == "perplexity":
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:,.3g}" if value < 1000 else f"{value:,.0f}")
        )
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    grid(axes, "y")
    if axes.lines:
        axes.legend(title="circle: checkpoint kept", title_fontsize=9, alignment="left", fontsize=9)
    values = ", ".join(f"{VARIANTS[model]} {number(value)}" for model, value in best.items())
    best_text = f"; best on the same validation rows: {values}" if best else ""
    heading(figure, f"{measure.capitalize()} while training{best_text}", 85)
    return figure


def _draw_curves(axes: Axes, rows: pd.DataFrame, model: str, measure: str) -> float | None:
    """Draw a model's curves; the measure where validation loss is lowest, None without a validation."""
    colour = MODEL_COLOURS[model]
    train, validation = (rows[rows["split"] == split] for split in ("train", "validation"))
    axes.plot(
        train["step"], train[measure], color=colour, linewidth=1, linestyle=(0, (4, 2)), alpha=0.8,
        label=f"{label(model)}: training",
    )  # fmt: skip
    axes.plot(
        validation["step"], validation[measure], color=colour, linewidth=2, marker=MODEL_MARKERS[model],
        markersize=5, label=f"{label(model)}: validation",
    )  # fmt: skip
    if validation.empty:
        return None
    best = validation.iloc[int(validation["loss"].argmin())]
    axes.plot(
        best["step"], best[measure], linestyle="none", marker="o", markersize=14, markerfacecolor="none",
        markeredgecolor=colour, markeredgewidth=1.5,
    )  # fmt: skip
    return float(best[measure])
