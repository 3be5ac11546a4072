"""The pictures of data and training: tables in, matplotlib figures out. (Those of the probes: `figures_probes.py`.)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import (
    MODEL_COLOURS,
    MODEL_MARKERS,
    heading,
    label,
    models_in,
    nothing_to_see,
    style,
)
from brandmlm.reporting.formatting import number, percent

SOURCE_COLOURS: Final = ("#7A3E63", "#CC79A7", "#B08BA0")  # a hue that neither a model nor a verdict has

SOURCE_HATCHES: Final = ("", "////", "....")


@style()
def training_figure(history: pd.DataFrame, measure: str) -> Figure:
    """Loss or perplexity over steps; `history`: columns model, step, split, loss, perplexity."""
    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    lasts = []
    for model in models_in(history):
        colour = MODEL_COLOURS[model]
        rows = history[history["model"] == model].sort_values("step")
        train, validation = (rows[rows["split"] == split] for split in ("train", "validation"))
        axes.plot(
            train["step"], train[measure], color=colour, linewidth=1, linestyle=(0, (4, 2)), alpha=0.8,
            label=f"{label(model)}: training",
        )  # fmt: skip
        axes.plot(
            validation["step"], validation[measure], color=colour, linewidth=2, marker=MODEL_MARKERS[model],
            markersize=5, label=f"{label(model)}: validation",
        )  # fmt: skip
        if len(validation):
            best = validation.iloc[int(validation["loss"].argmin())]
            axes.plot(
                best["step"], best[measure], linestyle="none", marker="o", markersize=14, markerfacecolor="none",
                markeredgecolor=colour, markeredgewidth=1.5,
            )  # fmt: skip
            lasts.append(f"{VARIANTS[model]} {number(best[measure])}")
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
    axes.grid(axis="y", color="#E0E0E0", linewidth=0.8)
    axes.set_axisbelow(True)
    if axes.lines:
        axes.legend(title="ringed: the checkpoint kept", title_fontsize=9, alignment="left", fontsize=9)
    best_text = f": best on the same validation rows, {', '.join(lasts)}" if lasts else ""
    heading(figure, f"{measure.capitalize()} while training{best_text}", 85)
    return figure


def _in_words(reason: str) -> str:
    return reason.replace("_", " ")


@style()
def dropped_figure(dropped: pd.DataFrame, read: Mapping[str, int]) -> Figure:
    """Rows dropped per reason, one bar a source.

    `dropped`: columns source, reason, rows; `read`: rows read by source.
    """
    sources = list(read)
    reasons = list(dict.fromkeys(dropped["reason"]))
    figure = Figure(figsize=(9, 1.6 + 0.3 * len(reasons) * max(1, len(sources))))
    axes = figure.subplots()
    counts = {(row.source, row.reason): int(row.rows) for row in dropped.itertuples()}  # type: ignore[arg-type]
    height = 0.8 / max(1, len(sources))
    for index, source in enumerate(sources):
        values = [counts.get((source, reason), 0) for reason in reasons]
        places = [number - 0.4 + (index + 0.5) * height for number in range(len(reasons))]
        colour = SOURCE_COLOURS[index % len(SOURCE_COLOURS)]
        axes.barh(
            places, values, height=height * 0.9, facecolor=colour, edgecolor="white", linewidth=0,
            hatch=SOURCE_HATCHES[index % len(SOURCE_HATCHES)],
            label=f"{source} ({sum(values):,} of {read[source]:,} dropped)",
        )  # fmt: skip
        for spot, value in zip(places, values, strict=True):
            axes.annotate(
                f"{value:,}", (value, spot), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8
            )
    axes.set_yticks(range(len(reasons)), [_in_words(reason) for reason in reasons])
    axes.set_ylim(len(reasons) - 0.45, -0.55)
    axes.set_xlim(0, max(1, max(counts.values(), default=0)) * 1.1)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("rows dropped")
    if sources:
        figure.legend(loc="outside lower center", ncols=min(3, len(sources)))
    total = int(dropped["rows"].sum())
    by_reason = dropped.groupby("reason")["rows"].sum()
    most = f"; the commonest reason: {_in_words(str(by_reason.idxmax()))}" if total else ""
    heading(figure, f"Cleaning dropped {total:,} of {sum(read.values()):,} rows{most}", 85)
    return figure


@style()
def signals_figure(signals: Mapping[str, int], rows: int, kept: int) -> Figure:
    """In how many training rows each signal holds, and how many the keep rule kept."""
    figure = Figure(figsize=(9, 1.6 + 0.36 * (len(signals) + 1)))
    axes = figure.subplots()
    names, values = [*signals, "kept by the rule"], [*signals.values(), kept]
    for place, value in enumerate(values):
        last = place == len(signals)
        share = value / max(1, rows)
        axes.barh(
            place, share, height=0.7, linewidth=0, facecolor=MODEL_COLOURS["filtered"] if last else "#8C8C8C",
            edgecolor="white", hatch="////" if last else "",
        )  # fmt: skip
        axes.annotate(
            f"{value:,} · {percent(share)}", (share, place), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=9, fontweight="bold" if last else "normal",
        )  # fmt: skip
    axes.axhline(len(signals) - 0.5, color="#808080", linewidth=0.6)
    axes.set_yticks(range(len(names)), [_in_words(name) for name in names])
    axes.get_yticklabels()[-1].set_fontweight("bold")
    axes.set(xlim=(0, 1.16), ylim=(len(names) - 0.4, -0.6), xlabel=f"share of the {rows:,} training rows")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.tick_params(axis="y", length=0)
    heading(figure, f"v2 learns from {kept:,} of {rows:,} training rows; rows in which each signal holds", 85)
    return figure


@style()
def drift_figure(months: pd.DataFrame, alarms: Sequence[str]) -> Figure:
    """Share of bad reviews by month and the drift detector's alarms.

    `months`: columns month (YYYY-MM), reviews, bad_share; `alarms`: dates (YYYY-MM-DD).
    """
    figure = Figure(figsize=(10, 5))
    if months.empty:
        nothing_to_see(figure.subplots(), "no dated review: nothing to look for drift in")
        heading(figure, "Drift in the reviews: nothing to see")
        return figure
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    # Months without a review have no row; they keep their place on the axis all the same.
    every = pd.period_range(months["month"].min(), months["month"].max(), freq="M")
    table = months.assign(month=pd.PeriodIndex(months["month"], freq="M")).set_index("month").reindex(every)
    places = np.arange(len(every))
    upper.plot(places, table["bad_share"], color="#404040", marker="o", markersize=4)
    headroom = 1.35 if alarms else 1.1  # the alarms' dates stand above the curve
    upper.set_ylim(0, max(0.1, float(table["bad_share"].max()) * headroom))
    upper.yaxis.set_major_formatter(PercentFormatter(1))
    upper.set_ylabel("reviews of 2 stars or fewer")
    upper.grid(axis="y", color="#E0E0E0", linewidth=0.8)
    lower.bar(places, table["reviews"].fillna(0), color="#8C8C8C", width=0.8)
    lower.set_ylabel("reviews")
    lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    for date in alarms:
        month = pd.Period(date[:7], freq="M")
        spot = (month - every[0]).n + (int(date[8:10]) - 1) / month.days_in_month - 0.5
        upper.axvline(spot, color="#D55E00", linestyle=(0, (3, 2)))
        # Alarms may lie close together: their dates stand upright, each at its own line.
        upper.annotate(
            f"alarm {date}", (spot, 0.98), xycoords=("data", "axes fraction"), xytext=(-3, 0),
            textcoords="offset points", rotation=90, ha="right", va="top", fontsize=8, color="#A84800",
        )  # fmt: skip
    step = max(1, -(-len(every) // 12))
    lower.set_xticks(places[::step], [str(month) for month in every[::step]])
    lower.set_xlim(-0.8, len(every) - 0.2)
    lower.set_xlabel("month")
    upper.tick_params(axis="x", labelbottom=False)
    found = "no alarm" if not alarms else f"{len(alarms)} alarm{'s' if len(alarms) > 1 else ''}"
    heading(figure, f"Drift in the share of bad reviews: {found} in {int(months['reviews'].sum()):,} dated reviews", 85)
    return figure
