"""What all pictures share: colours, fonts, titles, and saving that gives the same bytes for the same table.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which colour-blind people can distinguish. A model
and a verdict have one colour each everywhere, and always a marker, a hatch or a label besides.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import matplotlib
import matplotlib.font_manager as fonts
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from brandmlm.config.variants import VARIANT_NOTES, VARIANTS

DPI: Final = 100

PALETTE: Final = 256

MODEL_COLOURS: Final = {"base": "#5F5F5F", "full": "#E69F00", "filtered": "#0072B2"}

MODEL_MARKERS: Final = {"base": "D", "full": "o", "filtered": "s"}

MODEL_INK: Final = {"base": "#404040", "full": "#8F6300", "filtered": "#005A8C"}  # dark enough for text

# The edge colour of a bar is that of its hatch.
VERDICT_STYLE: Final[dict[str, dict[str, Any]]] = {
    "wanted": {"facecolor": "#009E73", "edgecolor": "#009E73"},
    "unwanted": {"facecolor": "#D55E00", "edgecolor": "white", "hatch": "/////"},
    "neutral": {"facecolor": "#56B4E9", "edgecolor": "white", "hatch": "....."},
    "other": {"facecolor": "#BDBDBD", "edgecolor": "#BDBDBD"},
}

VERDICT_MARKS: Final = {"wanted": "✓", "unwanted": "✗", "neutral": "•", "other": ""}

VERDICT_INK: Final = {"wanted": "#00684C", "unwanted": "#A84800", "neutral": "#1F6A99", "other": "#404040"}

VERDICT_WEIGHT: Final = {"wanted": "bold", "unwanted": "bold", "neutral": "normal", "other": "normal"}  # of the font


@contextmanager
def style() -> Iterator[None]:
    """Use matplotlib's own defaults and fonts, whatever settings and fonts the machine has."""
    fonts_before = fonts.fontManager.ttflist
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Gg]lyph .* missing")  # a vocabulary holds tokens of any script
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
    """Write a PNG without date and program name. A palette reduces its size to a third."""
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]  # type: ignore[no-untyped-call]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    small = image.quantize(PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The palette averages near colours, so that white comes out a shade darker.
    small.putpalette([255 if value > 251 else value for value in small.getpalette() or []])
    small.save(path, "PNG", optimize=True)


def with_mark(word: str, verdict: str) -> str:
    return f"{word} {VERDICT_MARKS[verdict]}".rstrip()


def label(model: str) -> str:
    return f"{VARIANTS[model]} ({VARIANT_NOTES[model]})"


def shorten(text: str, width: int) -> str:
    """Cut a sentence to at most `width` characters at word ends; its mask is kept."""
    words = text.split()
    first, last = 0, len(words)
    masked = next((place for place, word in enumerate(words) if "[MASK]" in word), 0)
    while last - first > 1 and len(" ".join(words[first:last])) + 2 * (first > 0) + 2 * (last < len(words)) > width:
        # Shorten the longer side.
        if masked - first > last - 1 - masked:
            first += 1
        else:
            last -= 1
    return "… " * (first > 0) + " ".join(words[first:last]) + " …" * (last < len(words))


def heading(figure: Figure, text: str, width: int = 100) -> None:
    """Set a figure's title, left-aligned; its lines are broken at `width` characters."""
    # A given height would exclude the title from the automatic layout, which makes room for it.
    placed = {} if figure.get_constrained_layout() else {"y": 1 - 0.08 / figure.get_figheight(), "va": "top"}
    lines = [textwrap.fill(line, width) for line in text.splitlines()]
    figure.suptitle("\n".join(lines), x=0.01, ha="left", **placed)


def explain_empty(axes: Axes, text: str) -> None:
    """Replace an empty plot by a text that says why it is empty."""
    axes.axis("off")
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#404040", style="italic")


def empty_figure(text: str) -> Figure:
    """A figure that only says why it is empty."""
    figure = Figure(figsize=(9, 2))
    explain_empty(figure.subplots(), text)
    return figure


def grid(axes: Axes, axis: Literal["both", "x", "y"]) -> None:
    """Light grid lines, behind the data."""
    axes.grid(axis=axis, color="#E0E0E0", linewidth=0.8)
    axes.set_axisbelow(True)


def models_in(table: pd.DataFrame) -> list[str]:
    """The models of a table's column `model`, in their usual order."""
    present = set(table["model"].unique())
    return [model for model in VARIANTS if model in present]
