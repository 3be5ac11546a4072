"""How words move between the ranks of a probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.bars import verdict_legend
from brandmlm.reporting.figures.style import (
    MODEL_INK,
    VERDICT_INK,
    VERDICT_STYLE,
    VERDICT_WEIGHT,
    heading,
    models_in,
    shorten,
    style,
    with_mark,
)

WORD_SIZE: Final = 9.5  # points

WIDTH: Final = 10.0  # inches

LINE: Final = 0.235  # inches per word


@dataclass(frozen=True)
class _Ranking:
    """The words of the chart, and their order in each model's column."""

    words: list[str]
    verdicts: dict[str, str]  # by word
    ranks: dict[str, dict[str, int]]  # model: word: rank, where it was kept
    depth: int  # number of ranks kept

    @classmethod
    def of(cls, predictions: pd.DataFrame, top: int) -> _Ranking:
        return cls(
            words=list(dict.fromkeys(predictions[predictions["rank"] <= top]["token"])),
            verdicts=dict(zip(predictions["token"], predictions["verdict"], strict=True)),
            ranks={
                str(model): dict(zip(rows["token"], rows["rank"], strict=True))
                for model, rows in predictions.groupby("model")
            },
            depth=int(predictions["rank"].max()),
        )

    def places(self, model: str) -> dict[str, int]:
        """Each word's line in the model's column, from 0."""
        of = self.ranks[model]
        ordered = sorted(self.words, key=lambda word: (of.get(word, self.depth + 1), word))
        return {word: place for place, word in enumerate(ordered)}

    def count_unwanted(self, model: str, top: int) -> int:
        of = self.ranks[model]
        return sum(self.verdicts[word] == "unwanted" and of.get(word, self.depth + 1) <= top for word in self.words)


@style()
def moves_figure(predictions: pd.DataFrame, text: str, top: int) -> Figure:
    """Slope chart of one probe: how words move between the ranks of base, v1 and v2.

    It shows the words among the `top` likeliest of any model; each column sorts all of them by its own ranks, so that a
    column's first `top` lines are its first `top` ranks. Ranks are written out, since a scale would leave no room for
    the words.

    `predictions`: columns model, rank, token, verdict of one probe; `text`: its sentence.
    """
    ranking = _Ranking.of(predictions, top)
    models, words = models_in(predictions), ranking.words
    tall = 1.5 + LINE * len(words)
    figure = Figure(figsize=(WIDTH, tall))
    figure.set_layout_engine("none")
    # The horizontal unit is an inch, the vertical one a line, counted downwards.
    axes = figure.add_axes((0, 0.5 / tall, 1, LINE * len(words) / tall))
    axes.set(xlim=(0, WIDTH), ylim=(len(words) - 0.5, -0.5), xticks=[], yticks=[])
    axes.axis("off")
    if len(words) > top:
        axes.hlines(top - 0.5, 0.1, WIDTH - 0.1, color="#808080", linewidth=0.8, linestyle=(0, (1, 2)))
    room = 0.1 + max(_width(with_mark(word, ranking.verdicts[word])) for word in words)
    starts = [float(start) for start in np.linspace(0.65, WIDTH - room - 0.15, len(models))]
    for column, (model, start) in enumerate(zip(models, starts, strict=True)):
        axes.text(start, -0.85, VARIANTS[model], fontsize=12, color=MODEL_INK[model], va="bottom", fontweight="bold")
        _draw_column(axes, ranking, model, start)
        if column + 1 < len(models):
            ends = (start + room, starts[column + 1] - 0.58)
            _draw_slopes(axes, ranking, (model, models[column + 1]), start, ends)
    counts = ", ".join(f"{VARIANTS[model]} {ranking.count_unwanted(model, top)}" for model in models)
    title = f"{shorten(text, 70)}: ranks of the likeliest words; unwanted words in the top {top}: {counts}"
    heading(figure, title, 80)
    verdict_legend(figure, _line_handle)
    return figure


def _draw_column(axes: Axes, ranking: _Ranking, model: str, start: float) -> None:
    """The words of a model from `start` on, each behind its rank."""
    places = ranking.places(model)
    for word in ranking.words:
        place, verdict, rank = places[word], ranking.verdicts[word], ranking.ranks[model].get(word)
        axes.text(
            start, place, with_mark(word, verdict), fontsize=WORD_SIZE, va="center", color=VERDICT_INK[verdict],
            fontweight=VERDICT_WEIGHT[verdict],
        )  # fmt: skip
        axes.text(
            start - 0.08, place, f">{ranking.depth:,}" if rank is None else f"{rank:,}", fontsize=8, va="center",
            ha="right", color="#606060",
        )  # fmt: skip


def _draw_slopes(
    axes: Axes, ranking: _Ranking, models: tuple[str, str], start: float, ends: tuple[float, float]
) -> None:
    """Lines from the words of one column, which begin at `start`, to the next column; sloped between `ends` only, so
    that no line crosses a word."""
    before, after = (ranking.places(model) for model in models)
    for word in ranking.words:
        place, verdict = before[word], ranking.verdicts[word]
        strong = VERDICT_WEIGHT[verdict] == "bold"
        axes.plot(
            (start + _width(with_mark(word, verdict)) + 0.06, *ends), (place, place, after[word]),
            color=VERDICT_STYLE[verdict]["facecolor"], linewidth=1.8 if strong else 1, linestyle=_dash(verdict),
            solid_joinstyle="round", zorder=2 if strong else 1,
        )  # fmt: skip


def _width(text: str) -> float:
    """Upper bound of a word's width in inches: bold letters are up to a seventh wider than plain ones."""
    return float(TextPath((0, 0), text, size=WORD_SIZE).get_extents().width) * 8 / 7 / 72


def _dash(verdict: str) -> Any:
    return (0, (4, 1.5)) if verdict == "unwanted" else "-"


def _line_handle(verdict: str, text: str) -> Line2D:
    return Line2D(
        [], [], color=VERDICT_STYLE[verdict]["facecolor"], linewidth=1.8, linestyle=_dash(verdict), label=text
    )
