"""Probability of wanted against unwanted words."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, models_in, style
from brandmlm.reporting.formatting import percent


@style()
def masses_figure(probes: pd.DataFrame) -> Figure:
    """Wanted against unwanted probability mass: one panel per kind of probe, a small mark per probe and model, a large
    one per mean.

    `probes`: columns model, probe, kind, wanted_mass, unwanted_mass.
    """
    kinds = list(dict.fromkeys(probes["kind"]))
    across = min(3, len(kinds))
    down = -(-len(kinds) // across)
    figure = Figure(figsize=(1 + 3.2 * across, 1.5 + 3 * down))
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    limit = min(1.0, max(0.05, float(probes[["wanted_mass", "unwanted_mass"]].to_numpy().max()) * 1.08))
    for axes, kind in zip(panels.flat, kinds, strict=False):
        rows = probes[probes["kind"] == kind]
        _draw_panel(axes, rows, limit)
        axes.set_title(f"{kind.replace('_', ' ')}: {rows['probe'].nunique()} sentences")
    for axes in panels.flat[len(kinds) :]:
        axes.axis("off")
    for axes in panels[-1]:
        axes.set_xlabel("probability of unwanted words")
    for axes in panels[:, 0]:
        axes.set_ylabel("probability of wanted words")
    heading(figure, _title(probes), 84)
    figure.legend(
        *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models_in(probes)),
        title="large marks: means; for claims, the upper left corner is best",
    )  # fmt: skip
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame, limit: float) -> None:
    models = models_in(rows)
    for model in models:
        own = rows[rows["model"] == model]
        axes.scatter(
            own["unwanted_mass"], own["wanted_mass"], s=22, marker=MODEL_MARKERS[model], alpha=0.45,
            facecolor=MODEL_COLOURS[model], linewidth=0, zorder=3, clip_on=False,
        )  # fmt: skip
    for model, size in zip(models, (190, 130, 70), strict=False):  # all are visible where they coincide
        means = rows.loc[rows["model"] == model, ["unwanted_mass", "wanted_mass"]].mean()
        axes.scatter(
            [means["unwanted_mass"]], [means["wanted_mass"]], s=size, marker=MODEL_MARKERS[model],
            facecolor=MODEL_COLOURS[model], edgecolor="black", linewidth=1.2, zorder=4, clip_on=False,
            label=label(model),
        )  # fmt: skip
    axes.set(xlim=(0, limit), ylim=(0, limit), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
        axis.set_major_locator(MaxNLocator(4))
    grid(axes, "both")


def _title(probes: pd.DataFrame) -> str:
    claims = probes[probes["kind"] == "claim"]
    parts = [
        f"{VARIANTS[model]} {percent(own['wanted_mass'].mean())} and {percent(own['unwanted_mass'].mean())}"
        for model in models_in(claims)
        for own in [claims[claims["model"] == model]]
    ]
    text = f"Mean probability of wanted and unwanted words in claims: {'; '.join(parts)}" if parts else "Probes"
    return text.replace(" %", "\u00a0%")  # no line break between a number and its unit
