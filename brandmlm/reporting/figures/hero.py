"""The picture at the top of the README: a few claims, the likeliest words of base against those of v2."""

from __future__ import annotations

from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from brandmlm.reporting.figures.bars import bar_axes, bar_figure, draw_bars, verdict_legend
from brandmlm.reporting.figures.style import MODEL_INK, empty_figure, heading, label, shorten, style
from brandmlm.reporting.formatting import percent

MODELS: Final = ("base", "filtered")

CLAIMS: Final = 3

WORDS: Final = 5  # per claim and model

_ROW: Final = 1.68  # inches per claim

_BARS: Final = 0.23 * WORDS  # inches


def plainest_claims(predictions: pd.DataFrame, probes: pd.DataFrame) -> pd.DataFrame:
    """The `CLAIMS` with most unwanted words that are among the `WORDS` likeliest of base and not of v2; of equal ones,
    those in which the probability of unwanted words falls most.

    Args:
        predictions: Columns model, probe, rank, verdict.
        probes: Columns model, probe, kind, text, unwanted_mass.

    Returns:
        Columns probe, text.
    """
    unwanted = predictions[predictions["rank"].le(WORDS) & predictions["verdict"].eq("unwanted")]
    counts = unwanted.groupby(["model", "probe"]).size().rename("unwanted").reset_index()
    claims = probes[probes["kind"] == "claim"].merge(counts, on=["model", "probe"], how="left").fillna({"unwanted": 0})
    base, v2 = (claims[claims["model"] == model].set_index("probe") for model in MODELS)
    falls = base[["text"]].assign(
        fewer=base["unwanted"] - v2["unwanted"], fall=base["unwanted_mass"] - v2["unwanted_mass"]
    )
    ordered = falls.sort_values(["fewer", "fall", "text"], ascending=[False, False, True])
    return ordered[["text"]].head(CLAIMS).reset_index()


@style()
def hero_figure(predictions: pd.DataFrame, probes: pd.DataFrame) -> Figure:
    """The `WORDS` likeliest words of base and v2 for the `plainest_claims`.

    `predictions`: columns model, probe, rank, token, probability, verdict; `probes`: see `plainest_claims`.
    """
    chosen = plainest_claims(predictions, probes)
    if chosen.empty:
        return empty_figure("no claim to show")
    head = predictions[predictions["rank"].le(WORDS) & predictions["probe"].isin(chosen["probe"])]
    figure = bar_figure(1.5 + _ROW * len(chosen), 9)
    tall = figure.get_figheight()
    for line, (probe, text) in enumerate(zip(chosen["probe"], chosen["text"], strict=True)):
        above = 0.72 + line * _ROW
        figure.text(0.015, 1 - above / tall, shorten(text, 90), fontsize=12, va="top", fontweight="bold")
        rows = head[head["probe"] == probe].sort_values("rank")
        limit = float(rows["probability"].max()) * 1.3
        for column, model in enumerate(MODELS):
            axes = bar_axes(figure, column, above + 0.34, _BARS, len(MODELS))
            own = rows[rows["model"] == model]
            draw_bars(axes, own, [percent(value) for value in own["probability"]])
            axes.set(xlim=(0, limit), ylim=(WORDS - 0.4, -0.6), xticks=[])
            axes.spines["bottom"].set_visible(False)
            if line == 0:
                axes.annotate(
                    label(model), (0, 1), (0, 40), xycoords="axes fraction", textcoords="offset points", fontsize=10,
                    color=MODEL_INK[model], fontweight="bold",
                )  # fmt: skip
    unwanted = head[head["verdict"] == "unwanted"].groupby("model").size()
    counts = [int(unwanted.get(model, 0)) for model in MODELS]
    told = f"Unwanted words among the {WORDS} likeliest of {len(chosen)} claims"
    heading(figure, f"{told}: base {counts[0]}, v2 {counts[1]}")
    figure.text(0.5, 0.43 / tall, _rule_text(probes, len(chosen)), ha="center", fontsize=9, color="#404040")
    verdict_legend(figure)
    return figure


def _rule_text(probes: pd.DataFrame, shown: int) -> str:
    """By which rule the claims were chosen, and the means over all of them."""
    claims = probes[probes["kind"] == "claim"]
    base, v2 = (percent(claims.loc[claims["model"] == model, "unwanted_mass"].mean()) for model in MODELS)
    count = claims["probe"].nunique()
    return (
        f"Chosen by a rule: the {shown} of {count} claims that most unwanted words leave. "
        f"Their probability, mean of all {count}: base {base}, v2 {v2}."
    )
