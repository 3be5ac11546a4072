"""Rows of the pipeline: dropped by cleaning, matched by signals, kept by the keep rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from brandmlm.reporting.figures.style import MODEL_COLOURS, heading, style
from brandmlm.reporting.formatting import percent

SOURCE_COLOURS: Final = ("#7A3E63", "#CC79A7", "#B08BA0")  # a hue that no model and no verdict has

SOURCE_HATCHES: Final = ("", "////", "....")


@style()
def dropped_figure(dropped: pd.DataFrame, read: Mapping[str, int]) -> Figure:
    """Rows dropped per reason, one bar per source.

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
        places = [place - 0.4 + (index + 0.5) * height for place in range(len(reasons))]
        axes.barh(
            places, values, height=height * 0.9, facecolor=SOURCE_COLOURS[index % len(SOURCE_COLOURS)],
            edgecolor="white", linewidth=0, hatch=SOURCE_HATCHES[index % len(SOURCE_HATCHES)],
            label=f"{source} ({sum(values):,} of {read[source]:,} dropped)",
        )  # fmt: skip
        for place, value in zip(places, values, strict=True):
            axes.annotate(
                f"{value:,}", (value, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8
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
    most = f"; most common reason: {_in_words(str(by_reason.idxmax()))}" if total else ""
    heading(figure, f"Cleaning dropped {total:,} of {sum(read.values()):,} rows{most}", 85)
    return figure


@style()
def signals_figure(signals: Mapping[str, int], rows: int, kept: int) -> Figure:
    """Training rows in which each signal holds, and rows that the keep rule kept; `rows`: all training rows."""
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
    heading(figure, f"Training rows in which each signal holds; v2 is trained on {kept:,} of {rows:,} rows", 85)
    return figure


def _in_words(name: str) -> str:
    return name.replace("_", " ")
