"""The training rows that hold a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
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


def _split(kept: npt.NDArray[np.bool_]) -> dict[str, int]:
    return {"kept": int(kept.sum()), "dropped": int((~kept).sum())}


def split_words(text: str) -> list[str]:
    """The words of a name or phrase in canonical form, without what surrounds them ("heavy!" is "heavy").

    A line feed among them is the end of a sentence.
    """
    form: str = pl.DataFrame({"text": [text]}).select(canonical(pl.col("text"), "word")).item()
    return [word for word in form.strip().split(" ") if word]


def find(texts: pl.Series, brand: Sequence[str], word: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which texts hold a word, and which of them in one sentence with the brand's name."""
    word, brand = " ".join(split_words(word)), [" ".join(split_words(name)) for name in brand]
    table = texts.alias("text").to_frame().select(canonical=canonical(pl.col("text"), "word"))
    found = table.with_columns(has=has_any([word], "word"), claim=in_one_sentence(brand, [word], "word"))
    return found["has"].to_numpy(), found["claim"].to_numpy()


def trace(rows: pd.DataFrame, brand: Sequence[str], word: str, examples: int) -> WordLineage:
    """Count the training rows that hold a word, with up to `examples` kept and as many dropped rows.

    Claims come first, then real rows before synthetic ones, then by id, so that the same rows give the same examples.

    Args:
        rows: columns id, source, text, kept and one per signal.
        brand: the brand's names.
    """
    has, claims = find(pl.Series("text", list(rows["text"]), dtype=pl.String), brand, word)
    having = rows.assign(claim=claims).loc[has]
    order = having.assign(invented=having["source"] == "synthetic").sort_values(
        ["claim", "invented", "id"], ascending=[False, True, True]
    )
    kept = order["kept"].astype(bool)
    shown = pd.concat([order[kept].head(examples), order[~kept].head(examples)])
    return make_lineage(
        having["kept"].to_numpy(dtype=bool), having["claim"].to_numpy(dtype=bool), having["source"].to_numpy(), shown
    )


def make_lineage(
    kept: npt.NDArray[np.bool_], claims: npt.NDArray[np.bool_], sources: npt.NDArray[np.object_], shown: pd.DataFrame
) -> WordLineage:
    """Count rows that hold a word.

    Args:
        kept: Whether the filter kept each row.
        claims: Whether it is a claim.
        sources: Its source.
        shown: The examples in their order: columns id, source, text, kept, claim and one per signal.
    """
    names = sorted(set(sources[claims].tolist()))
    return WordLineage(
        rows=_split(kept),
        claims=_split(kept[claims]),
        claims_by_source={str(name): _split(kept[claims & (sources == name)]) for name in names},
        examples={
            fate: [
                Example(
                    id=str(row["id"]),
                    source=str(row["source"]),
                    claim=bool(row["claim"]),
                    signals=[name for name in SIGNALS if row.get(name)],
                    text=str(row["text"]),
                )
                for row in shown[shown["kept"] == is_kept].to_dict("records")
            ]
            for fate, is_kept in (("kept", True), ("dropped", False))
        },
    )
