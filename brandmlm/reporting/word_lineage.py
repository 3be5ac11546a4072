"""Which training rows hold a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import polars as pl

from brandmlm.filtering.signals import SIGNALS, canonical, has_any, in_one_sentence

WIDTH: Final = 100  # characters of an example's text


@dataclass(frozen=True)
class Example:
    id: str
    source: str
    claim: bool  # whether the word stands in a claim about the brand
    signals: list[str]  # those of the filter's signals that hold
    text: str


@dataclass(frozen=True)
class WordLineage:
    """Training rows that have a word: how many, and some of them."""

    rows: dict[str, int]  # kept, dropped
    claims: dict[str, int]  # kept, dropped
    claims_by_source: dict[str, dict[str, int]]  # source: kept, dropped
    examples: dict[str, list[Example]]  # kept, dropped


def _split(rows: pd.DataFrame) -> dict[str, int]:
    kept = int(rows["kept"].sum())
    return {"kept": kept, "dropped": len(rows) - kept}


def trace(rows: pd.DataFrame, brand: Sequence[str], word: str, examples: int) -> WordLineage:
    """What the training rows (see `read_rows`) have of a word, with up to `examples` kept and as many dropped rows.

    Claims come first, then real rows before synthetic ones, then by id: the same rows give the same examples.
    """
    texts = pl.DataFrame({"text": list(rows["text"])}, schema={"text": pl.String}).with_columns(
        canonical=canonical(pl.col("text"), "word")
    )
    found = texts.select(has=has_any([word], "word"), claim=in_one_sentence(brand, [word], "word"))
    having = rows.assign(claim=found["claim"].to_numpy()).loc[found["has"].to_numpy()]
    order = having.assign(invented=having["source"] == "synthetic").sort_values(
        ["claim", "invented", "id"], ascending=[False, True, True]
    )
    claims = having[having["claim"]]
    return WordLineage(
        rows=_split(having),
        claims=_split(claims),
        claims_by_source={str(source): _split(part) for source, part in claims.groupby("source", sort=True)},
        examples={
            fate: [
                Example(
                    id=str(row["id"]),
                    source=str(row["source"]),
                    claim=bool(row["claim"]),
                    signals=[name for name in SIGNALS if row[name]],
                    text=str(row["text"]),
                )
                for row in order[order["kept"] == kept].head(examples).to_dict("records")
            ]
            for fate, kept in (("kept", True), ("dropped", False))
        },
    )


def _places(words: Sequence[str], sought: Sequence[str]) -> list[int]:
    """Where among `words` one of those sought stands, or its first part where it has several."""
    firsts = {parts[0] for each in sought if (parts := re.findall(r"\w+", each.lower()))}
    return [n for n, word in enumerate(words) if firsts & set(re.findall(r"\w+", word.lower()))]


def excerpt(text: str, word: str, brand: Sequence[str], width: int = WIDTH) -> str:
    """At most `width` characters of a text, cut at words, with `word` among them: where it is nearest to the brand."""
    words = text.split()
    names = _places(words, brand) or [0]
    at = min(_places(words, [word]), key=lambda n: min(abs(n - name) for name in names), default=0)
    first, last = at, at + 1
    while True:
        wider = [(max(0, first - 1), last), (first, min(len(words), last + 1))]
        fitting = [
            (low, high) for low, high in wider
            if (low, high) != (first, last) and len(" ".join(words[low:high])) + 4 <= width
        ]  # fmt: skip
        if not fitting:
            break
        # The shorter side grows, so that the word comes to stand in the middle.
        first, last = min(fitting, key=lambda ends: abs((at - ends[0]) - (ends[1] - at - 1)))
    shown = " ".join(words[first:last])
    return "… " * (first > 0) + shown + " …" * (last < len(words))
