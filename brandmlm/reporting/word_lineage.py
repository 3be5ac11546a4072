"""The training rows that hold a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import polars as pl

from brandmlm.filtering.matching import canonical, has_any, in_one_sentence
from brandmlm.filtering.signals import SIGNALS


@dataclass(frozen=True)
class Example:
    id: str
    source: str
    claim: bool  # whether a sentence holds the word and the brand's name
    signals: list[str]  # the filter's signals that hold
    text: str


@dataclass(frozen=True)
class WordLineage:
    """Training rows that hold a word: how many, and examples."""

    rows: dict[str, int]  # kept, dropped
    claims: dict[str, int]  # kept, dropped
    claims_by_source: dict[str, dict[str, int]]  # source: kept, dropped
    examples: dict[str, list[Example]]  # kept, dropped


def _split(rows: pd.DataFrame) -> dict[str, int]:
    kept = int(rows["kept"].sum())
    return {"kept": kept, "dropped": len(rows) - kept}


def trace(rows: pd.DataFrame, brand: Sequence[str], word: str, examples: int) -> WordLineage:
    """Count the training rows that hold a word, with up to `examples` kept and as many dropped rows.

    Claims come first, then real rows before synthetic ones, then by id, so that the same rows give the same examples.

    Args:
        rows: columns id, source, text, kept and one per signal.
        brand: the brand's names.
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
                    signals=[name for name in SIGNALS if row.get(name)],
                    text=str(row["text"]),
                )
                for row in order[order["kept"] == kept].head(examples).to_dict("records")
            ]
            for fate, kept in (("kept", True), ("dropped", False))
        },
    )
