"""Markdown pages of predictions for the probes: likeliest tokens, best and worst substitutions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.formatting import escape, marked, model_legend, percent

Cells = Mapping[tuple[str, str], Sequence[tuple[str, str]]]  # probe, model: marked token and probability by rank


def substitutions_markdown(predictions: pd.DataFrame, probes: pd.DataFrame, count: int) -> str:
    """Best and worst substitutions per probe and model: the `count` likeliest tokens, and the `count` likeliest
    unwanted words of the ranks kept, with their ranks."""
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
        f"{model_legend()} Best: the {count} likeliest tokens. Worst: the {count} likeliest unwanted words among the "
        f"{depth:,} likeliest tokens, with their ranks; fewer and later is better.",
    ]
    for probe in probes[probes["model"] == next(iter(VARIANTS))].itertuples():
        lines += ["", f"## {escape(str(probe.text))}", "", "| | best | worst |", "|---|---|---|"]
        for model, name in VARIANTS.items():
            cells = [", ".join(map(escape, of.get((probe.probe, model), []))) or "none" for of in shown.values()]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def top_tokens_markdown(predictions: pd.DataFrame, probes: pd.DataFrame, top: int) -> str:
    """The `top` likeliest tokens of every probe, model by model; a table per sentence of the original experiment first,
    then a table per kind of probe."""
    head = predictions[predictions["rank"] <= top]
    cells: Cells = {
        (str(probe), str(model)): [
            (marked(token, verdict), percent(probability))
            for token, verdict, probability in zip(part["token"], part["verdict"], part["probability"], strict=True)
        ]
        for (probe, model), part in head.sort_values("rank").groupby(["probe", "model"], sort=False)
    }
    sentences = probes[probes["model"] == next(iter(VARIANTS))]
    lines = [
        f"# The {top} likeliest tokens, before and after",
        "",
        f"{model_legend()} Wanted words are **bold**, unwanted words ~~struck out~~ ✗; other tokens are plain, also "
        "parts of words (they begin with \\#\\#).",
        *_seed_tables(sentences[sentences["seed"]], cells, top),
        *_kind_tables(sentences[~sentences["seed"]], cells),
    ]
    return "\n".join(lines) + "\n"


def _seed_tables(sentences: pd.DataFrame, cells: Cells, top: int) -> Iterator[str]:
    """A table per sentence: a row per rank, a column per model."""
    names = " | ".join(VARIANTS.values())
    for probe in sentences.itertuples():
        yield from ("", f"## {escape(str(probe.text))}", "", f"| | {names} |", f"|--:|{'---|' * len(VARIANTS)}")
        columns = [cells.get((str(probe.probe), model), []) for model in VARIANTS]
        for rank in range(top):
            row = [" ".join(column[rank]) if rank < len(column) else "" for column in columns]
            if any(row):
                yield f"| {rank + 1} | {' | '.join(row)} |"


def _kind_tables(sentences: pd.DataFrame, cells: Cells) -> Iterator[str]:
    """A table per kind of probe: a row per sentence, a column per model."""
    for kind, part in sentences.groupby("kind", sort=False):
        yield from (
            "",
            f"## {str(kind).replace('_', ' ').capitalize()}: {len(part)} more sentences",
            "",
            f"| sentence | {' | '.join(VARIANTS.values())} |",
            f"|---|{'---|' * len(VARIANTS)}",
        )
        for probe in part.itertuples():
            row = [", ".join(token for token, _ in cells.get((str(probe.probe), model), [])) for model in VARIANTS]
            yield f"| {escape(str(probe.text))} | {' | '.join(row)} |"
