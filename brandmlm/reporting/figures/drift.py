"""Drift of the reviews' ratings over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from brandmlm.reporting.figures.style import explain_empty, grid, heading, style


@style()
def drift_figure(months: pd.DataFrame, alarms: Sequence[str]) -> Figure:
    """Share of bad reviews by month, and the drift detector's alarms.

    `months`: columns month (YYYY-MM), reviews, bad_share; `alarms`: dates (YYYY-MM-DD).
    """
    figure = Figure(figsize=(10, 5))
    if months.empty:
        explain_empty(figure.subplots(), "no review has a date")
        heading(figure, "Drift in the share of bad reviews: no dated reviews")
        return figure
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    # Months without a review have no row, but keep their place on the axis.
    every = pd.period_range(months["month"].min(), months["month"].max(), freq="M")
    table = months.assign(month=pd.PeriodIndex(months["month"], freq="M")).set_index("month").reindex(every)
    places = np.arange(len(every))
    upper.plot(places, table["bad_share"], color="#404040", marker="o", markersize=4)
    headroom = 1.35 if alarms else 1.1  # for the dates of the alarms
    upper.set_ylim(0, max(0.1, float(table["bad_share"].max()) * headroom))
    upper.yaxis.set_major_formatter(PercentFormatter(1))
    upper.set_ylabel("reviews of 2 stars or fewer")
    grid(upper, "y")
    lower.bar(places, table["reviews"].fillna(0), color="#8C8C8C", width=0.8)
    lower.set_ylabel("reviews")
    lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    _draw_alarms(upper, alarms, every[0])
    step = max(1, -(-len(every) // 12))
    lower.set_xticks(places[::step], [str(month) for month in every[::step]])
    lower.set_xlim(-0.8, len(every) - 0.2)
    lower.set_xlabel("month")
    upper.tick_params(axis="x", labelbottom=False)
    found = "no alarm" if not alarms else f"{len(alarms)} alarm{'s' if len(alarms) > 1 else ''}"
    heading(figure, f"Drift in the share of bad reviews: {found} in {int(months['reviews'].sum()):,} dated reviews", 85)
    return figure


def _draw_alarms(axes: Axes, alarms: Sequence[str], first: pd.Period) -> None:
    """A line per alarm, with its date upright beside it: alarms may lie close together. `first`: the month at 0."""
    for date in alarms:
        month = pd.Period(date[:7], freq="M")
        place = (month - first).n + (int(date[8:10]) - 1) / month.days_in_month - 0.5
        axes.axvline(place, color="#D55E00", linestyle=(0, (3, 2)))
        axes.annotate(
            f"alarm {date}", (place, 0.98), xycoords=("data", "axes fraction"), xytext=(-3, 0),
            textcoords="offset points", rotation=90, ha="right", va="top", fontsize=8, color="#A84800",
        )  # fmt: skip
