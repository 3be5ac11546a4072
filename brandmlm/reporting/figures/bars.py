"""Bars of token probabilities, in columns, and the legend of verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import VERDICT_INK, VERDICT_MARKS, VERDICT_STYLE, VERDICT_WEIGHT, with_mark


def bar_figure(height: float, width: float = 11) -> Figure:
    """A figure without automatic layout, which is slow, and moves with the words. In inches."""
    figure = Figure(figsize=(width, height))
    figure.set_layout_engine("none")
    return figure


def bar_axes(figure: Figure, column: int, top: float, height: float, columns: int = len(VARIANTS)) -> Axes:
    """Axes for bars in one of some columns, with room for words on the left.

    `top` (from the figure's upper edge), `height`: inches.
    """
    width, tall = figure.get_size_inches()
    each = width / columns
    wide = each - 1.45 - 0.2
    return figure.add_axes(((column * each + 1.45) / width, 1 - (top + height) / tall, wide / width, height / tall))


def draw_bars(axes: Axes, rows: pd.DataFrame, values: Sequence[str]) -> None:
    """Horizontal bars, the first row on top, each with its token on the left and its value on the right.

    `rows`: columns token, verdict, probability; `values`: one text per row.
    """
    places = range(len(rows))
    names = [with_mark(token, verdict) for token, verdict in zip(rows["token"], rows["verdict"], strict=True)]
    for place, probability, verdict in zip(places, rows["probability"], rows["verdict"], strict=True):
        axes.barh(place, probability, height=0.72, linewidth=0, **VERDICT_STYLE[verdict])
    axes.set_yticks(list(places), names)
    for tick, verdict in zip(axes.get_yticklabels(), rows["verdict"], strict=True):
        tick.set_color(VERDICT_INK[verdict])
        tick.set_fontweight(VERDICT_WEIGHT[verdict])
    for place, probability, value in zip(places, rows["probability"], values, strict=True):
        axes.annotate(
            value, (probability, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8,
            color="#404040",
        )  # fmt: skip
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines["left"].set_visible(False)


def _bar_handle(verdict: str, text: str) -> Patch:
    return Patch(label=text, **VERDICT_STYLE[verdict])


def verdict_legend(figure: Figure, handle: Callable[[str, str], Artist] = _bar_handle) -> None:
    """The legend of verdicts; `handle` makes the sample of a verdict with a label."""
    handles = [handle(verdict, f"{mark} {verdict} word".strip()) for verdict, mark in VERDICT_MARKS.items()]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))
