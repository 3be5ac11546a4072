"""How the models compare: every offered token judged by the brand's lexicon, the counts, and Markdown to read.

Tables that stand between the functions here:

| table   | columns                                                                                            |
|---------|----------------------------------------------------------------------------------------------------|
| offers  | model, probe, rank (from 1), token, probability, verdict, held_out (the synthesis never used it)   |
| results | model, probe, kind, text, seed, and per probe the `PROBE_MEASURES`                                 |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import pandas as pd

from stages.brand import Lexicon

MODELS: Final = {"base": "base", "full": "v1", "filtered": "v2"}  # as in the folders' names: as in the tables
TRAINED: Final = ("full", "filtered")
MODEL_NOTES: Final = {"base": "before training", "full": "trained on all rows", "filtered": "trained on the kept rows"}
SETS: Final = ("real", "synthetic", "general")
LOW, HIGH = "_low", "_high"  # endings of the metrics that are the ends of another one's interval
CONTINUATION: Final = "##"  # WordPiece's mark of a token that continues a word

COUNTS: Final = ("wanted_in_top", "unwanted_in_top", "wanted_held_out_in_top", "unwanted_held_out_in_top")
MASSES: Final = ("wanted_mass", "unwanted_mass")
PROBE_MEASURES: Final = (*COUNTS, *MASSES)


class ClaimMeasure(NamedTuple):
    """One of the measures that tell most about claims."""

    title: str  # with `{top}` for the number of likeliest tokens that count
    better: Literal["lower", "higher"]
    share: bool = False  # whether it is a share of 1


CLAIM_MEASURES: Final = {
    "wanted_in_top": ClaimMeasure("wanted words in the top {top} of a claim", "higher"),
    "unwanted_in_top": ClaimMeasure("unwanted words in the top {top} of a claim", "lower"),
    "without_unwanted": ClaimMeasure("claims without an unwanted word in the top {top}", "higher", True),
    "wanted_mass": ClaimMeasure("probability of wanted words in a claim", "higher", True),
    "unwanted_mass": ClaimMeasure("probability of unwanted words in a claim", "lower", True),
}


def verdicts(lexicon: Lexicon) -> dict[str, tuple[str, bool]]:
    """Lower-case word: (wanted, unwanted or neutral; whether it is held out). An unwanted word stays unwanted
    wherever else it is listed."""
    judged: dict[str, tuple[str, bool]] = {}
    for verdict, words in (("unwanted", lexicon.unwanted), ("wanted", lexicon.wanted), ("neutral", lexicon.neutral)):
        for listed, held_out in ((words.used, False), (words.held_out, True)):
            for word in listed:
                judged.setdefault(word.lower(), (verdict, held_out))
    return judged


def judge(tokens: pd.DataFrame, lexicon: Lexicon) -> pd.DataFrame:
    """`tokens` (a column `token`) with columns verdict (wanted, unwanted, neutral, other) and held_out.

    A continuation ("##ing") is never a word of the lists: other.
    """
    judged = verdicts(lexicon)
    other = ("other", False)
    found = [other if token.startswith(CONTINUATION) else judged.get(token.lower(), other) for token in tokens["token"]]
    return tokens.assign(verdict=[verdict for verdict, _ in found], held_out=[held_out for _, held_out in found])


def count_top(offers: pd.DataFrame, top: int) -> pd.DataFrame:
    """Columns model, probe and the `COUNTS`: listed words among the `top` likeliest tokens, per model and probe."""
    head = offers[["model", "probe"]].copy()
    inside = offers["rank"] <= top
    for verdict in ("wanted", "unwanted"):
        hit = inside & (offers["verdict"] == verdict)
        head[f"{verdict}_in_top"] = hit.astype(int)
        head[f"{verdict}_held_out_in_top"] = (hit & offers["held_out"]).astype(int)
    return head.groupby(["model", "probe"], sort=False, as_index=False)[list(COUNTS)].sum()


def summarise_probes(results: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Means of the `PROBE_MEASURES` by model and kind of probe, the number of probes, and the share of them
    without an unwanted word in the top."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for (model, kind), part in results.groupby(["model", "kind"], sort=True):
        summary.setdefault(str(model), {})[str(kind)] = {
            "probes": len(part),
            **{name: float(part[name].mean()) for name in PROBE_MEASURES},
            "without_unwanted": float((part["unwanted_in_top"] == 0).mean()),
        }
    return {model: summary[model] for model in MODELS if model in summary}


@dataclass(frozen=True)
class Measure:
    """One line of the final table."""

    name: str
    better: str  # lower or higher
    values: tuple[float | None, ...]  # one a model, in the order of `MODELS`
    shares: bool = False  # whether they are shares of 1, to be shown in per cent

    def cells(self) -> list[str]:
        show = exact_percent if self.shares else number
        return ["–" if value is None else show(value) for value in self.values]

    def best(self) -> set[int]:
        """Positions of the best values as they are shown; none where all are alike."""
        known = [value for value in self.values if value is not None]
        if not known:
            return set()
        cells = self.cells()
        shown = cells[self.values.index(min(known) if self.better == "lower" else max(known))]
        best = {position for position, cell in enumerate(cells) if cell == shown}
        return best if len(best) < len(cells) else set()


def number(value: float) -> str:
    """Three digits or so: 1,234, 361, 72.4, 3.85."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"


def percent(share: float) -> str:
    """Two digits or so: 100 %, 12 %, 1.2 %, 0.03 %."""
    value = 100 * share
    if 0 < value < 0.001:
        return "<0.001 %"
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.995 else 2 if value >= 0.0995 else 3
    return f"{value:.{digits}f} %"


def exact_percent(share: float) -> str:
    """One digit after the point, as long as it is worth something: 33.4 %, 0.03 %."""
    return f"{100 * share:.1f} %" if share >= 0.01 else percent(share)


def final_table(
    sets: Mapping[str, Mapping[str, Mapping[str, float]]],
    probes: Mapping[str, Mapping[str, Mapping[str, float]]],
    top: int,
) -> list[Measure]:
    """The measures that tell the models apart; `sets` is model → set → measure, `probes` model → kind → measure."""

    def of(tree: Mapping[str, Mapping[str, Mapping[str, float]]], branch: str, key: str) -> tuple[float | None, ...]:
        return tuple(tree.get(model, {}).get(branch, {}).get(key) for model in MODELS)

    return [
        *(Measure(f"perplexity, {name} text", "lower", of(sets, name, "perplexity")) for name in SETS),
        *(Measure(f"masked-token accuracy, {name} text", "higher", of(sets, name, "accuracy"), True) for name in SETS),
        *(
            Measure(title.format(top=top), better, of(probes, "claim", name), share)
            for name, (title, better, share) in CLAIM_MEASURES.items()
        ),
    ]


def final_text(measures: Sequence[Measure]) -> str:
    """The final table for a terminal: aligned columns; a star marks the best value."""
    header = ["", *MODELS.values(), "better"]
    body = [
        [
            measure.name,
            *(cell + ("*" if place in measure.best() else " ") for place, cell in enumerate(measure.cells())),
            measure.better,
        ]
        for measure in measures
    ]
    header[1:-1] = [name + " " for name in header[1:-1]]
    widths = [max(len(row[column]) for row in [header, *body]) for column in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < column < len(widths) - 1 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [header, *body]
    )


def final_markdown(measures: Sequence[Measure]) -> str:
    """The final table as a Markdown page; the best value of a row is bold."""
    names = " | ".join(MODELS.values())
    lines = ["# Base, v1 and v2", "", who_is_who(), "", f"| | {names} | better |", f"|---|{'---:|' * len(MODELS)}---|"]
    for measure in measures:
        cells = [f"**{cell}**" if place in measure.best() else cell for place, cell in enumerate(measure.cells())]
        lines.append(f"| {measure.name} | {' | '.join(cells)} | {measure.better} |")
    lines += [
        "",
        "All three are scored on the same rows with the same masks and on the same probes. The best value of a row is "
        "bold. Values of claims are means over the probes of that kind.",
    ]
    return "\n".join(lines) + "\n"


def who_is_who() -> str:
    notes = "; ".join(f"`{label}`: {MODEL_NOTES[model]}" for model, label in MODELS.items())
    return notes[0].upper() + notes[1:] + "."


def escape(text: str) -> str:
    """Text as Markdown shows it literally, also inside a table."""
    return re.sub(r"([\\`*_~|<>#\[\]])", r"\\\1", text)


def marked(token: str, verdict: str) -> str:
    """A token in Markdown: wanted bold, unwanted struck out and crossed."""
    shown = escape(token)
    return {"wanted": f"**{shown}**", "unwanted": f"~~{shown}~~ ✗"}.get(verdict, shown)


def substitutions_markdown(offers: pd.DataFrame, results: pd.DataFrame, count: int) -> str:
    """A Markdown page: per probe and model the `count` best substitutions (likeliest of all) and worst ones (likeliest
    unwanted words, with their ranks) of the ranks kept."""
    depth = int(offers["rank"].max())
    ordered = offers.sort_values("rank")
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
    for probe in results[results["model"] == next(iter(MODELS))].itertuples():
        lines += ["", f"## {escape(str(probe.text))}", "", "| | best | worst |", "|---|---|---|"]
        for model, name in MODELS.items():
            cells = [", ".join(map(escape, of.get((probe.probe, model), []))) or "none" for of in shown.values()]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def top_tokens_markdown(offers: pd.DataFrame, results: pd.DataFrame, top: int) -> str:
    """A Markdown page: the likeliest tokens of every probe before and after, the seed's sentences first."""
    head = offers[offers["rank"] <= top]
    cells = {
        key: [
            (marked(token, verdict), percent(probability))
            for token, verdict, probability in zip(part["token"], part["verdict"], part["probability"], strict=True)
        ]
        for key, part in head.sort_values("rank").groupby(["probe", "model"], sort=False)
    }
    probes = results[results["model"] == next(iter(MODELS))]
    names = " | ".join(MODELS.values())
    lines = [
        f"# The {top} likeliest tokens, before and after",
        "",
        f"{who_is_who()} Wanted words are **bold**, unwanted ones ~~struck out~~ ✗; all other tokens, and parts of "
        "words (they begin with \\#\\#), are plain.",
    ]
    for probe in probes[probes["seed"]].itertuples():
        lines += ["", f"## {escape(str(probe.text))}", "", f"| | {names} |", f"|--:|{'---|' * len(MODELS)}"]
        for rank in range(top):
            row = [
                " ".join(offered[rank]) if rank < len(offered := cells.get((probe.probe, model), [])) else ""
                for model in MODELS
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
            f"|---|{'---|' * len(MODELS)}",
        ]
        for probe in part.itertuples():
            row = [", ".join(shown for shown, _ in cells.get((probe.probe, model), [])) for model in MODELS]
            lines.append(f"| {escape(str(probe.text))} | {' | '.join(row)} |")
    return "\n".join(lines) + "\n"
