"""The pictures: tables in, matplotlib figures out, and a way to save them that gives the same bytes for the same table.

Colours are Okabe and Ito's (Color Universal Design, 2008), which the colour-blind tell apart. A model and a verdict
have one colour each everywhere, and never colour alone: a marker, a hatch or a label says the same.
"""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib
import matplotlib.font_manager as fonts
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, PercentFormatter
from PIL import Image

from stages.comparison import MODEL_NOTES, MODELS, number, percent

DPI: Final = 100
PALETTE: Final = 256
MODEL_COLOURS: Final = {"base": "#5F5F5F", "full": "#E69F00", "filtered": "#0072B2"}
MODEL_MARKERS: Final = {"base": "D", "full": "o", "filtered": "s"}
MODEL_INK: Final = {"base": "#404040", "full": "#8F6300", "filtered": "#005A8C"}  # dark enough for text
SOURCE_COLOURS: Final = ("#7A3E63", "#CC79A7", "#B08BA0")  # a hue that neither a model nor a verdict has
SOURCE_HATCHES: Final = ("", "////", "....")
# The edge of a bar draws its hatch: a light one over the dark colours.
VERDICT_STYLE: Final[dict[str, dict[str, Any]]] = {
    "wanted": {"facecolor": "#009E73", "edgecolor": "#009E73"},
    "unwanted": {"facecolor": "#D55E00", "edgecolor": "white", "hatch": "/////"},
    "neutral": {"facecolor": "#56B4E9", "edgecolor": "white", "hatch": "....."},
    "other": {"facecolor": "#BDBDBD", "edgecolor": "#BDBDBD"},
}
VERDICT_MARKS: Final = {"wanted": "✓", "unwanted": "✗", "neutral": "•", "other": ""}
VERDICT_INK: Final = {"wanted": "#00684C", "unwanted": "#A84800", "neutral": "#1F6A99", "other": "#404040"}


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's own defaults and fonts, whatever the user's settings or the system's fonts are."""
    fonts_before = fonts.fontManager.ttflist
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph .* missing")  # a vocabulary holds any script
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.family": "DejaVu Sans",
                "font.size": 10,
                "text.parse_math": False,  # a token may be a dollar sign
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.titlesize": 11,
                "axes.titlelocation": "left",
                "figure.titlesize": 13,
                "figure.titleweight": "bold",
                "figure.constrained_layout.use": True,
                "figure.constrained_layout.w_pad": 0.08,
                "hatch.linewidth": 0.7,
                "legend.frameon": False,
            }
        )
        shipped = Path(matplotlib.get_data_path())
        fonts.fontManager.ttflist = [font for font in fonts_before if Path(font.fname).is_relative_to(shipped)]
        try:
            yield
        finally:
            fonts.fontManager.ttflist = fonts_before


@style()
def save(figure: Figure, path: Path) -> None:
    """Write a PNG: no date, no program's name, one resolution. A palette makes it a third of the size."""
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]  # type: ignore[no-untyped-call]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    small = image.quantize(PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The palette holds means of near colours: the paper comes out a shade off white.
    small.putpalette([255 if value > 251 else value for value in small.getpalette() or []])
    small.save(path, "PNG", optimize=True)


def label(model: str) -> str:
    return f"{MODELS[model]} ({MODEL_NOTES[model]})"


def shorten(text: str, width: int) -> str:
    """A sentence in at most `width` characters, cut at words, with its mask still in it."""
    words = text.split()
    first, last = 0, len(words)
    masked = next((place for place, word in enumerate(words) if "[MASK]" in word), 0)
    while last - first > 1 and len(" ".join(words[first:last])) + 2 * (first > 0) + 2 * (last < len(words)) > width:
        # The longer of the two sides gives way.
        if masked - first > last - 1 - masked:
            first += 1
        else:
            last -= 1
    return "… " * (first > 0) + " ".join(words[first:last]) + " …" * (last < len(words))


def _title(figure: Figure, text: str, width: int = 100) -> None:
    """A figure's title, flush left, in as many lines as it needs."""
    # A height given by hand would take the title out of the automatic layout, which makes room for it.
    placed = {} if figure.get_constrained_layout() else {"y": 1 - 0.08 / figure.get_figheight(), "va": "top"}
    figure.suptitle(textwrap.fill(text, width), x=0.01, ha="left", **placed)


def _empty(axes: Axes, text: str) -> None:
    """Say in a figure's place why there is nothing to see."""
    axes.axis("off")
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#404040", style="italic")


def _models(table: pd.DataFrame) -> list[str]:
    present = set(table["model"])
    return [model for model in MODELS if model in present]


@style()
def training_figure(history: pd.DataFrame, measure: str) -> Figure:
    """Loss or perplexity over steps; `history`: columns model, step, split, loss, perplexity."""
    figure = Figure(figsize=(9, 5))
    axes = figure.subplots()
    lasts = []
    for model in _models(history):
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
            lasts.append(f"{MODELS[model]} {number(best[measure])}")
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
    _title(figure, f"{measure.capitalize()} while training{best_text}", 85)
    return figure


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
    return [
        f"{token} {VERDICT_MARKS[verdict]}".rstrip()
        for token, verdict in zip(rows["token"], rows["verdict"], strict=True)
    ]


def _verdict_legend(figure: Figure) -> None:
    handles = [
        Patch(label=f"{VERDICT_MARKS[name]} {name} word".strip(), **look) for name, look in VERDICT_STYLE.items()
    ]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))


def _bar_figure(height: float) -> Figure:
    """A figure whose axes stand at places given in inches: the automatic layout is slow, and the words move it."""
    figure = Figure(figsize=(11, height))
    figure.set_layout_engine("none")
    return figure


def _bar_axes(figure: Figure, column: int, top: float, height: float) -> Axes:
    """Axes for bars in one of three columns, with room for words on the left; sizes in inches from the top."""
    width, tall = figure.get_size_inches()
    left = column * width / len(MODELS) + 1.45
    return figure.add_axes((left / width, 1 - (top + height) / tall, 2 / width, height / tall))


@style()
def tokens_figure(offers: pd.DataFrame, probes: pd.DataFrame, top: int) -> Figure:
    """The `top` likeliest tokens of some probes, one row a probe and one column a model.

    `offers`: columns model, probe, rank, token, probability, verdict; `probes`: columns probe, text.
    """
    models = _models(offers)
    head = offers[(offers["rank"] <= top) & offers["probe"].isin(probes["probe"])]
    if probes.empty or head.empty:
        figure = Figure(figsize=(9, 2))
        _empty(figure.subplots(), "no probe to show")
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
    counted = ", ".join(f"{MODELS[model]} {int(unwanted.get(model, 0))}" for model in models)
    _title(figure, f"Unwanted words among the {top} likeliest in these sentences: {counted}")
    _verdict_legend(figure)
    return figure


@style()
def substitutions_figure(offers: pd.DataFrame, probe: str, text: str, count: int = 10) -> Figure:
    """Best and worst substitutions of one probe, models side by side: above, the `count` likeliest tokens; below, the
    likeliest unwanted words, wherever among the ranks kept they stand.

    (The last ranks kept are no worst substitutions: they are merely rare.)
    """
    models = _models(offers)
    part = offers[offers["probe"] == probe].sort_values(["model", "rank"])
    depth = int(part["rank"].max())
    best = part[part["rank"] <= count]
    worst = part[part["verdict"] == "unwanted"].groupby("model").head(count)
    shown = pd.concat([best, worst])["probability"]
    decades = max(1, -int(np.floor(np.log10(max(float(shown.min()), 1e-9)))))
    ticks = range(0, -decades - 1, -math.ceil(decades / 2))  # three at most: there is no room for more labels
    bars = 0.23 * count
    figure = _bar_figure(0.9 + 2 * (bars + 0.75))
    for line, (rows_of, heading) in enumerate(
        ((best, "best (likeliest of all)"), (worst, "worst (likeliest unwanted)"))
    ):
        for column, model in enumerate(models):
            axes = _bar_axes(figure, column, 0.65 + line * (bars + 0.8), bars)
            rows = rows_of[rows_of["model"] == model]
            axes.set_title(f"{MODELS[model]}: {heading}", color=MODEL_INK[model], fontsize=10)
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
    _title(figure, f"Best and worst of {depth:,} tokens: {shorten(text, 66)}")
    _verdict_legend(figure)
    return figure


@style()
def masses_figure(results: pd.DataFrame) -> Figure:
    """Wanted and unwanted probability per probe and model; `results`: columns model, probe, kind, text, wanted_mass,
    unwanted_mass."""
    probes = results.drop_duplicates("probe")
    kinds = list(dict.fromkeys(probes["kind"]))
    probes = probes.sort_values("kind", key=lambda kind: kind.map(kinds.index), kind="stable")
    place = {probe: number for number, probe in enumerate(probes["probe"])}
    figure = Figure(figsize=(11, 1.4 + 0.26 * len(probes)))
    columns = figure.subplots(1, 2, sharey=True)
    measures = (("wanted_mass", "wanted words"), ("unwanted_mass", "unwanted words"))
    models = _models(results)
    for axes, (column, title) in zip(columns, measures, strict=True):
        for model in models:
            rows = results[results["model"] == model]
            axes.scatter(
                rows[column], [place[probe] for probe in rows["probe"]], s=34, marker=MODEL_MARKERS[model],
                facecolor=MODEL_COLOURS[model], edgecolor="white", linewidth=0.6, label=label(model), zorder=3,
                clip_on=False,
            )  # fmt: skip
        low, high = (
            results.pivot(index="probe", columns="model", values=column).agg(end, axis=1) for end in ("min", "max")
        )
        axes.hlines([place[probe] for probe in low.index], low, high, color="#BDBDBD", linewidth=1)
        axes.set_title(f"probability of {title}")
        axes.set_xlim(0, max(0.05, float(results[list(dict(measures))].to_numpy().max()) * 1.03))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.grid(axis="x", color="#E0E0E0", linewidth=0.8)
        axes.tick_params(axis="y", length=0, pad=8)  # the markers of a probability of 0 reach over the axis
        axes.set_axisbelow(True)
        for boundary in np.flatnonzero(probes["kind"].to_numpy()[1:] != probes["kind"].to_numpy()[:-1]):
            axes.axhline(boundary + 0.5, color="#808080", linewidth=0.6)
    sentences = [
        f"{shorten(text, 58)}  [{kind.replace('_', ' ')}]"
        for text, kind in zip(probes["text"], probes["kind"], strict=True)
    ]
    columns[0].set_yticks(range(len(probes)), sentences, fontsize=8)
    columns[0].set_ylim(len(probes) - 0.4, -0.6)
    claims = results[results["kind"] == "claim"]
    parts = [
        f"{MODELS[model]} {percent(part['wanted_mass'].mean())} against {percent(part['unwanted_mass'].mean())}"
        for model in models
        if len(part := claims[claims["model"] == model])
    ]
    _title(figure, f"Wanted against unwanted words in claims, on average: {'; '.join(parts)}" if parts else "Probes")
    figure.legend(*columns[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models))
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
    _title(figure, f"Cleaning dropped {total:,} of {sum(read.values()):,} rows{most}", 85)
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
    _title(figure, f"v2 learns from {kept:,} of {rows:,} training rows; rows in which each signal holds", 85)
    return figure


@style()
def drift_figure(months: pd.DataFrame, alarms: Sequence[str]) -> Figure:
    """Share of bad reviews by month and the drift detector's alarms.

    `months`: columns month (YYYY-MM), reviews, bad_share; `alarms`: dates (YYYY-MM-DD).
    """
    figure = Figure(figsize=(10, 5))
    if months.empty:
        _empty(figure.subplots(), "no dated review: nothing to look for drift in")
        _title(figure, "Drift in the reviews: nothing to see")
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
    _title(figure, f"Drift in the share of bad reviews: {found} in {int(months['reviews'].sum()):,} dated reviews", 85)
    return figure
