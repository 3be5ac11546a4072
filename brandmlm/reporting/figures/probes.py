"""The pictures of what models offer for the probes: words and their ranks, wanted against unwanted probability."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.figures.style import (
    MODEL_COLOURS,
    MODEL_INK,
    MODEL_MARKERS,
    VERDICT_INK,
    VERDICT_MARKS,
    VERDICT_STYLE,
    heading,
    label,
    models_in,
    nothing_to_see,
    shorten,
    style,
    with_mark,
)
from brandmlm.reporting.formatting import percent

WORD_SIZE: Final = 9.5  # points, of the words in `moves_figure`


def _bars(axes: Axes, rows: pd.DataFrame, names: Sequence[str], values: Sequence[str]) -> None:
    """Horizontal bars of the column `probability`, the first on top, each with a word before and a value after."""
    places = range(len(rows))
    for place, probability, verdict in zip(places, rows["probability"], rows["verdict"], strict=True):
        axes.barh(place, probability, height=0.72, linewidth=0, **VERDICT_STYLE[verdict])
    axes.set_yticks(list(places), names)
    for tick, verdict in zip(axes.get_yticklabels(), rows["verdict"], strict=True):
        tick.set_color(VERDICT_INK[verdict])
        tick.set_fontweight("bold" if verdict in ("wanted", "unwanted") else "normal")
    for place, probability, value in zip(places, rows["probability"], values, strict=True):
        axes.annotate(
            value, (probability, place), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8,
            color="#404040",
        )  # fmt: skip
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.spines["left"].set_visible(False)


def _named(rows: pd.DataFrame) -> list[str]:
    return [with_mark(token, verdict) for token, verdict in zip(rows["token"], rows["verdict"], strict=True)]


def _bar_handle(verdict: str, text: str) -> Patch:
    return Patch(label=text, **VERDICT_STYLE[verdict])


def _verdict_legend(figure: Figure, handle: Callable[[str, str], Artist] = _bar_handle) -> None:
    """What every verdict looks like; `handle` draws one, given the verdict and the text beside it."""
    handles = [handle(verdict, f"{mark} {verdict} word".strip()) for verdict, mark in VERDICT_MARKS.items()]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))


def _bar_figure(height: float) -> Figure:
    """A figure whose axes stand at places given in inches: the automatic layout is slow, and the words move it."""
    figure = Figure(figsize=(11, height))
    figure.set_layout_engine("none")
    return figure


def _bar_axes(figure: Figure, column: int, top: float, height: float) -> Axes:
    """Axes for bars in one of three columns, with room for words on the left; sizes in inches from the top."""
    width, tall = figure.get_size_inches()
    left = column * width / len(VARIANTS) + 1.45
    return figure.add_axes((left / width, 1 - (top + height) / tall, 2 / width, height / tall))


@style()
def tokens_figure(predictions: pd.DataFrame, probes: pd.DataFrame, top: int) -> Figure:
    """The `top` likeliest tokens of some probes, one row a probe and one column a model.

    `offers`: columns model, probe, rank, token, probability, verdict; `probes`: columns probe, text.
    """
    models = models_in(predictions)
    head = predictions[(predictions["rank"] <= top) & predictions["probe"].isin(probes["probe"])]
    if probes.empty or head.empty:
        figure = Figure(figsize=(9, 2))
        nothing_to_see(figure.subplots(), "no probe to show")
        return figure
    bars = 0.21 * top
    figure = _bar_figure(0.7 + len(probes) * (bars + 1.1))
    for line, probe in enumerate(probes.itertuples()):
        part = head[head["probe"] == probe.probe].sort_values("rank")
        above = 0.4 + line * (bars + 1.1)
        figure.text(
            0.01,
            1 - above / figure.get_figheight(),
            shorten(str(probe.text), 95),
            fontsize=12,
            va="top",
            fontweight="bold",
        )
        limit = float(part["probability"].max()) * 1.25
        for column, model in enumerate(models):
            axes = _bar_axes(figure, column, above + 0.5, bars)
            rows = part[part["model"] == model]
            _bars(axes, rows, _named(rows), [percent(value) for value in rows["probability"]])
            axes.set(xlim=(0, limit), ylim=(top - 0.4, -0.6))
            axes.set_title(label(model), color=MODEL_INK[model], fontsize=10)
            ends = min(1.0, limit)  # a probability has no mark above 100 %
            axes.set_xticks([value for value in MaxNLocator(4).tick_values(0, ends) if value <= ends])
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value)))
            axes.tick_params(axis="x", labelsize=8)
            axes.set_xlabel("probability", fontsize=8, labelpad=1)
    unwanted = head[head["verdict"] == "unwanted"].groupby("model").size()
    counted = ", ".join(f"{VARIANTS[model]} {int(unwanted.get(model, 0))}" for model in models)
    heading(figure, f"Unwanted words among the {top} likeliest in these sentences: {counted}")
    _verdict_legend(figure)
    return figure


@style()
def substitutions_figure(predictions: pd.DataFrame, probe: str, text: str, count: int = 10) -> Figure:
    """Best and worst substitutions of one probe, models side by side: above, the `count` likeliest tokens; below, the
    likeliest unwanted words, wherever among the ranks kept they stand.

    (The last ranks kept are no worst substitutions: they are merely rare.)
    """
    models = models_in(predictions)
    part = predictions[predictions["probe"] == probe].sort_values(["model", "rank"])
    depth = int(part["rank"].max())
    best = part[part["rank"] <= count]
    worst = part[part["verdict"] == "unwanted"].groupby("model").head(count)
    shown = pd.concat([best, worst])["probability"]
    decades = max(1, -int(np.floor(np.log10(max(float(shown.min()), 1e-9)))))
    ticks = range(0, -decades - 1, -math.ceil(decades / 2))  # three at most: there is no room for more labels
    bars = 0.23 * count
    figure = _bar_figure(0.9 + 2 * (bars + 0.75))
    for line, (rows_of, which) in enumerate(((best, "best (likeliest of all)"), (worst, "worst (likeliest unwanted)"))):
        for column, model in enumerate(models):
            axes = _bar_axes(figure, column, 0.65 + line * (bars + 0.8), bars)
            rows = rows_of[rows_of["model"] == model]
            axes.set_title(f"{VARIANTS[model]}: {which}", color=MODEL_INK[model], fontsize=10)
            axes.set_xscale("log")
            # A bar of 100 % ends at six tenths of the width; its value stands behind it.
            axes.set(xlim=(10.0**-decades, 10.0 ** (decades * 2 / 3)), ylim=(count - 0.4, -0.6))
            axes.set_xticks(
                [10.0**power for power in ticks], [f"{10.0 ** (power + 2):.{max(0, -power - 2)}f} %" for power in ticks]
            )
            axes.set_xticks([], minor=True)
            axes.tick_params(axis="x", labelsize=8)
            axes.set_xlabel("probability (log scale)", fontsize=8, labelpad=1)
            values = [
                f"{percent(probability)} · rank {rank:,}"
                for probability, rank in zip(rows["probability"], rows["rank"], strict=True)
            ]
            _bars(axes, rows, _named(rows), values)
            if rows.empty:
                axes.text(
                    0.5, 0.5, f"none among the\n{depth:,} likeliest tokens", transform=axes.transAxes, ha="center",
                    va="center", color="#404040", style="italic",
                )  # fmt: skip
    heading(figure, f"Best and worst of {depth:,} tokens: {shorten(text, 66)}")
    _verdict_legend(figure)
    return figure


def _width(text: str) -> float:
    """How wide a word of `moves_figure` is at most, in inches: a bold letter takes a seventh more than a plain one."""
    return float(TextPath((0, 0), text, size=WORD_SIZE).get_extents().width) * 8 / 7 / 72


def _dash(verdict: str) -> Any:
    return (0, (4, 1.5)) if verdict == "unwanted" else "-"


def _line_handle(verdict: str, text: str) -> Line2D:
    return Line2D(
        [], [], color=VERDICT_STYLE[verdict]["facecolor"], linewidth=1.8, linestyle=_dash(verdict), label=text
    )


@style()
def moves_figure(predictions: pd.DataFrame, probe: str, text: str, top: int) -> Figure:
    """How words move between the ranks of one probe: a slope chart over base, v1 and v2.

    Its words are those among the `top` likeliest of any model, in every column in the order of their ranks there; since
    each column's own `top` are among them, its first `top` lines are its first `top` ranks. The other ranks are written
    out: on a scale, they would leave no room for the words.
    """
    models = models_in(predictions)
    part = predictions[predictions["probe"] == probe]
    depth = int(part["rank"].max())
    verdicts = dict(zip(part["token"], part["verdict"], strict=True))
    words = list(dict.fromkeys(part[part["rank"] <= top]["token"]))
    ranks = {model: dict(zip(rows["token"], rows["rank"], strict=True)) for model, rows in part.groupby("model")}
    places = {}
    for model in models:
        ordered = sorted(words, key=lambda word: (ranks[model].get(word, depth + 1), word))
        places[model] = {word: place for place, word in enumerate(ordered)}

    wide, line = 10.0, 0.235  # inches
    names = {word: with_mark(word, verdicts[word]) for word in words}
    room = 0.1 + max(map(_width, names.values()))
    tall = 1.5 + line * len(words)
    figure = Figure(figsize=(wide, tall))
    figure.set_layout_engine("none")
    # One unit is an inch; the words count downwards.
    axes = figure.add_axes((0, 0.5 / tall, 1, line * len(words) / tall))
    axes.set(xlim=(0, wide), ylim=(len(words) - 0.5, -0.5), xticks=[], yticks=[])
    axes.axis("off")
    if len(words) > top:
        axes.hlines(top - 0.5, 0.1, wide - 0.1, color="#808080", linewidth=0.8, linestyle=(0, (1, 2)))
    starts = np.linspace(0.65, wide - room - 0.15, len(models))  # where the words of a column begin
    for column, (model, start) in enumerate(zip(models, starts, strict=True)):
        axes.text(start, -0.85, VARIANTS[model], fontsize=12, color=MODEL_INK[model], va="bottom", fontweight="bold")
        for word in words:
            place, verdict, rank = places[model][word], verdicts[word], ranks[model].get(word)
            judged = verdict in ("wanted", "unwanted")
            axes.text(
                start, place, names[word], fontsize=WORD_SIZE, va="center", color=VERDICT_INK[verdict],
                fontweight="bold" if judged else "normal",
            )  # fmt: skip
            axes.text(
                start - 0.08, place, f">{depth:,}" if rank is None else f"{rank:,}", fontsize=8, va="center",
                ha="right", color="#606060",
            )  # fmt: skip
            if column + 1 < len(models):
                # Level until behind the widest word, so that no line crosses one.
                across = (start + _width(names[word]) + 0.06, start + room, starts[column + 1] - 0.58)
                axes.plot(
                    across, (place, place, places[models[column + 1]][word]),
                    color=VERDICT_STYLE[verdict]["facecolor"], linewidth=1.8 if judged else 1,
                    linestyle=_dash(verdict), solid_joinstyle="round", zorder=2 if judged else 1,
                )  # fmt: skip
    bad = {
        model: sum(verdicts[word] == "unwanted" for word in words if ranks[model].get(word, depth + 1) <= top)
        for model in models
    }
    counted = ", ".join(f"{VARIANTS[model]} {bad[model]}" for model in models)
    told = f"{shorten(text, 70)}: ranks of the likeliest words; unwanted ones among the {top} likeliest: {counted}"
    heading(figure, told, 80)
    _verdict_legend(figure, _line_handle)
    return figure


@style()
def masses_figure(results: pd.DataFrame) -> Figure:
    """Wanted against unwanted probability: a small scatter per kind of probe, a mark per probe and model, and larger
    ones for the means; `results`: columns model, probe, kind, wanted_mass, unwanted_mass."""
    kinds = list(dict.fromkeys(results["kind"]))
    models = models_in(results)
    across = min(3, len(kinds))
    down = -(-len(kinds) // across)
    figure = Figure(figsize=(1 + 3.2 * across, 1.5 + 3 * down))
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    limit = min(1.0, max(0.05, float(results[["wanted_mass", "unwanted_mass"]].to_numpy().max()) * 1.08))
    for axes, kind in zip(panels.flat, kinds, strict=False):
        rows = results[results["kind"] == kind]
        for model in models:
            own = rows[rows["model"] == model]
            axes.scatter(
                own["unwanted_mass"], own["wanted_mass"], s=22, marker=MODEL_MARKERS[model], alpha=0.45,
                facecolor=MODEL_COLOURS[model], linewidth=0, zorder=3, clip_on=False,
            )  # fmt: skip
        for model, size in zip(models, (190, 130, 70), strict=False):  # where they coincide, all are seen
            own = rows[rows["model"] == model]
            axes.scatter(
                [own["unwanted_mass"].mean()], [own["wanted_mass"].mean()], s=size, marker=MODEL_MARKERS[model],
                facecolor=MODEL_COLOURS[model], edgecolor="black", linewidth=1.2, zorder=4, clip_on=False,
                label=label(model),
            )  # fmt: skip
        axes.set_title(f"{kind.replace('_', ' ')}: {rows['probe'].nunique()} sentences")
        axes.set(xlim=(0, limit), ylim=(0, limit), aspect="equal")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.grid(color="#E0E0E0", linewidth=0.8)
        axes.set_axisbelow(True)
    for axes in panels.flat[len(kinds) :]:
        axes.axis("off")
    for axes in panels[-1]:
        axes.set_xlabel("probability of unwanted words")
    for axes in panels[:, 0]:
        axes.set_ylabel("probability of wanted words")
    claims = results[results["kind"] == "claim"]
    parts = [
        f"{VARIANTS[model]} {percent(part['wanted_mass'].mean())} against {percent(part['unwanted_mass'].mean())}"
        for model in models
        if len(part := claims[claims["model"] == model])
    ]
    text = f"Wanted against unwanted words in claims, on average: {'; '.join(parts)}" if parts else "Probes"
    heading(figure, text.replace(" %", "\u00a0%"), 84)  # no line ends between a number and its unit
    figure.legend(
        *panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models),
        title="large: the mean of a kind; a claim should stand high and on the left",
    )  # fmt: skip
    return figure
