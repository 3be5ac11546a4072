"""The corpus table: one row a text, the form in which every stage after `clean` and `synthesize` sees the data.

| column   | type   | meaning                                                              |
|----------|--------|----------------------------------------------------------------------|
| `id`     | string | 16 hex digits, from the text alone: the same text has the same id    |
| `source` | string | `reviews`, `products`, `catalogue` or `synthetic`                    |
| `group`  | string | rows that must stand on one side of a split share it                 |
| `text`   | string | the sentence or passage                                              |
| `label`  | string | `wanted`, `unwanted`, `neutral`, or null where nobody judged it      |
| `rating` | Int64  | 1-5 stars, or null                                                   |
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file

COLUMNS: Final = ("id", "source", "group", "text", "label", "rating")

LABELS: Final = ("wanted", "unwanted", "neutral")


def stable_hash(*parts: str) -> int:
    """64-bit hash of strings: the same on every machine and in every process (Python's own `hash` is not)."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def row_id(text: str) -> str:
    """16 hex digits that name a text."""
    return f"{stable_hash(text):016x}"


def make_corpus(table: pd.DataFrame) -> pd.DataFrame:
    """The corpus table in its canonical form: the six columns (further ones after them), typed, sorted by `id`.

    Raises ValueError where an id stands twice.
    """
    corpus = table.copy()
    corpus["id"] = [row_id(text) for text in corpus["text"]]
    for column in ("id", "source", "group", "text", "label"):
        corpus[column] = corpus[column].astype("string")
    corpus["rating"] = corpus["rating"].astype("Int64")
    twice = corpus["id"][corpus["id"].duplicated()]
    if len(twice):
        raise ValueError(f"the same text stands twice in a corpus (id {twice.iloc[0]})")
    rest = [column for column in corpus.columns if column not in COLUMNS]
    return corpus[[*COLUMNS, *rest]].sort_values("id", ignore_index=True)


def write_table(table: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table as parquet: the same rows give the same bytes."""
    with atomic_file(path) as partial:
        table.to_parquet(partial, index=False, engine="pyarrow", compression="zstd")


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a parquet table. Raises UserError where it is missing, damaged or has no rows' columns."""
    if not Path(path).is_file():
        raise UserError(f"{path}: not found; run `dvc repro` to make it")
    try:
        return pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error


def read_corpus(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a corpus table with at least one row. Raises UserError where a column lacks or no row is left."""
    corpus = read_table(path)
    missing = [column for column in COLUMNS if column not in corpus.columns]
    if missing:
        raise UserError(f"{path}: column {missing[0]!r} is missing; make the file anew with `dvc repro`")
    if corpus.empty:
        raise UserError(f"{path}: no rows; loosen the rules of the stage that wrote it, or give it more data")
    return corpus


def labelled_words(corpus: pd.DataFrame) -> list[str | None]:
    """Per row the word that its label is about (column `word`, of synthetic rows); None elsewhere."""
    if "word" not in corpus.columns:
        return [None] * len(corpus)
    return [None if pd.isna(word) else str(word) for word in corpus["word"]]
