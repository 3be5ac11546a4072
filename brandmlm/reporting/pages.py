"""Markdown pages of predictions: likeliest tokens, best and worst substitutions."""

from __future__ import annotations

import pandas as pd

from brandmlm.config.variants import VARIANT_NOTES, VARIANTS
from brandmlm.reporting.formatting import escape, marked, percent


def who_is_who() -> str:
    notes = "; ".join(f"`{label}`: {VARIANT_NOTES[model]}" for model, label in VARIANTS.items())
    return notes[0].upper() + notes[1:] + "."


def substitutions_markdown(predictions: pd.DataFrame, results: pd.DataFrame, count: int) -> str:
    """A Markdown page: per probe and model the `count` best substitutions (likeliest of all) and worst ones (likeliest
    unwanted words, with their ranks) of the ranks kept."""
    depth = int(predictions["rank"].max())
    ordered = predictions.sort_values("rank")
    best = ordered[ordered["rank"] <= count]
    worst = ordered[ordered["verdict"] == "unwanted"].groupby(["probe", "model"]).head(count)
    shown = {
        "best": {key: list(part["token"]) for key, part in best.groupby(["probe", "model"])},
        "worst": {
            key: [f"{token} ({rank:,})" for token, rank in zip(part["token"], part["rank"], strict=True)]
            for key, part in worst.groupby(["probe", "model"])
        },
    }
    lines = [
        "# Best and worst substitutions",
        "",
        f"{who_is_who()} Best: the {count} likeliest of all tokens. Worst: the {count} likeliest unwanted words among "
        f"the first {depth:,} tokens, with their rank; the fewer and the later, the better.",
    ]
    for probe in results[results["model"] == next(iter(VARIANTS))].itertuples():
        lines += ["", f"## {escape(str(probe.text))}", "", "| | best | worst |", "|---|---|---|"]
        for model, name in VARIANTS.items():
            cells = [", ".join(map(escape, of.get((probe.probe, model), []))) or "none" for of in shown.values()]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def top_tokens_markdown(predictions: pd.DataFrame, results: pd.DataFrame, top: int) -> str:
    """A Markdown page: the likeliest tokens of every probe before and after, the seed's sentences first."""
    head = predictions[predictions["rank"] <= top]
    cells = {
        key: [
            (marked(token, verdict), percent(probability))
            for token, verdict, probability in zip(part["token"], part["verdict"], part["probability"], strict=True)
        ]
        for key, part in head.sort_values("rank").groupby(["probe", "model"], sort=False)
    }
    probes = results[results["model"] == next(iter(VARIANTS))]
    names = " | ".join(VARIANTS.values())
    lines = [
        f"# The {top} likeliest tokens, before and after",
        "",
        f"{who_is_who()} Wanted words are **bold**, unwanted ones ~~struck out~~ ✗; all other tokens, and parts of "
        "words (they begin with \\#\\#), are plain.",
    ]
    for probe in probes[probes["seed"]].itertuples():
        lines += ["", f"## {escape(str(probe.text))}", "", f"| | {names} |", f"|--:|{'---|' * len(VARIANTS)}"]
        for rank in range(top):
            row = [
                " ".join(offered[rank]) if rank < len(offered := cells.get((probe.probe, model), [])) else ""
                for model in VARIANTS
            ]
            if any(row):
                lines.append(f"| {rank + 1} | {' | '.join(row)} |")
    others = probes[~probes["seed"]]
    for kind, part in others.groupby("kind", sort=False):
        lines += [
            "",
            f"## {str(kind).replace('_', ' ').capitalize()}: {len(part)} further sentences",
            "",
            f"| sentence | {names} |",
            f"|---|{'---|' * len(VARIANTS)}",
        ]
        for probe in part.itertuples():
            row = [", ".join(shown for shown, _ in cells.get((probe.probe, model), [])) for model in VARIANTS]
            lines.append(f"| {escape(str(probe.text))} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"
