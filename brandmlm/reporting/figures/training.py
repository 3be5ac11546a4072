"""Loss while training."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, models_in, style
from brandmlm.reporting.formatting import number


@style()
def loss_figure(history: pd.DataFrame) -> Figure:
    """Training and validation curves of v1 and v2.

    `history`: columns model, step, split, loss (nats).
    """
    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    best = {}
    for model in models_in(history):
        rows = history[history["model"] == model].sort_values("step")
        if (value := _draw_curves(axes, rows, model)) is not None:
            best[model] = value
    axes.set_xlabel("training step")
    axes.set_ylabel("loss (nats per masked token)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    grid(axes, "y")
    if axes.lines:
        # The validation rows are of all kinds: of those that v2's filter drops, too, which v1 trains on.
        title = "circle: checkpoint kept; validation has rows of the kinds that v2's filter drops"
        axes.legend(title=title, title_fontsize=9, alignment="left", fontsize=9)
    values = ", ".join(f"{VARIANTS[model]} {number(value)}" for model, value in best.items())
    heading(figure, f"Loss while training{f'; lowest on the same validation rows: {values}' if best else ''}", 85)
    return figure


def _draw_curves(axes: Axes, rows: pd.DataFrame, model: str) -> float | None:
    """Draw a model's curves; its lowest validation loss, None without a validation."""
    colour = MODEL_COLOURS[model]
    train, validation = (rows[rows["split"] == split] for split in ("train", "validation"))
    axes.plot(
        train["step"], train["loss"], color=colour, linewidth=1, linestyle=(0, (4, 2)), alpha=0.8,
        label=f"{label(model)}: training",
    )  # fmt: skip
    axes.plot(
        validation["step"], validation["loss"], color=colour, linewidth=2, marker=MODEL_MARKERS[model],
        markersize=5, label=f"{label(model)}: validation",
    )  # fmt: skip
    if validation.empty:
        return None
    best = validation.iloc[int(validation["loss"].argmin())]
    axes.plot(
        best["step"], best["loss"], linestyle="none", marker="o", markersize=14, markerfacecolor="none",
        markeredgecolor=colour, markeredgewidth=1.5,
    )  # fmt: skip
    return float(best["loss"])
