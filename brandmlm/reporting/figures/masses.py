"""Probability of wanted against unwanted words."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import (
    MODEL_COLOURS,
    MODEL_MARKERS,
    empty_figure,
    grid,
    heading,
    label,
    models_in,
    style,
)
from brandmlm.reporting.formatting import percent

# Kind of probe: what its sentences are, and where a mark should be.
PANELS: Final = {
    "claim": ("claims about the brand", "upper left"),
    "other_brand": ("claims about rivals", "where base is"),
    "negation": ("denials", "lower right"),
}

TICKS: Final = (0, 0.25, 0.5, 0.75, 1)


@style()
def masses_figure(probes: pd.DataFrame) -> Figure:
    """Wanted against unwanted probability mass: a panel for each of the `PANELS`, a small mark per probe and model, a
    large one per mean.

    `probes`: columns model, probe, kind, wanted_mass, unwanted_mass.
    """
    kinds = [kind for kind in PANELS if kind in set(probes["kind"])]
    if not kinds:
        return empty_figure("no claim to show")
    figure = Figure(figsize=(10.2, 4.9))
    panels = figure.subplots(1, len(kinds), sharex=True, sharey=True, squeeze=False)[0]
    for axes, kind in zip(panels, kinds, strict=True):
        rows = probes[probes["kind"] == kind]
        _draw_panel(axes, rows)
        title, best = PANELS[kind]
        axes.set_title(f"{rows['probe'].nunique()} {title}\naim: {best}", fontsize=10)
        axes.set_xlabel("probability of unwanted words")
    panels[0].set_ylabel("probability of wanted words")
    heading(figure, _title(probes), 88)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models_in(probes)),
        title="small marks: sentences; large marks: means",
    )  # fmt: skip
    return figure


def _draw_panel(axes: Axes, rows: pd.DataFrame) -> None:
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
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=TICKS, yticks=TICKS)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    grid(axes, "both")


def _title(probes: pd.DataFrame) -> str:
    """What became of unwanted words in claims, and of wanted words in claims about rivals."""
    parts = []
    for kind, mass, text in (
        ("claim", "unwanted_mass", "Unwanted words in claims"),
        ("other_brand", "wanted_mass", "wanted words about rivals"),
    ):
        rows = probes[probes["kind"] == kind]
        if not rows.empty:
            means = [
                f"{VARIANTS[model]} {percent(rows.loc[rows['model'] == model, mass].mean())}"
                for model in models_in(rows)
            ]
            parts.append(f"{text}: {', '.join(means)}")
    text = ";\n".join(parts) or "Probability of wanted and unwanted words in denials"
    return text[0].upper() + text[1:].replace(" %", "\u00a0%")  # no line break between a number and its unit
