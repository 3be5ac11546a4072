"""The corpus table: one row for each text. `clean` and `synthesize` write it, all later stages read it.

| column   | type   | meaning                                                              |
|----------|--------|----------------------------------------------------------------------|
| `id`     | string | 16 hex digits, a hash of the text                                    |
| `source` | string | the source's name in params.yaml, or `synthetic`                     |
| `group`  | string | rows of one group are in the same split                              |
| `text`   | string | the sentence or passage                                              |
| `label`  | string | `wanted`, `unwanted`, `neutral`, or null for unlabelled text         |
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
    """Hash strings to 64 bits, equally on every machine and in every process (unlike Python's `hash`)."""
    return int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def row_id(text: str) -> str:
    """The id of a text: 16 hex digits."""
    return f"{stable_hash(text):016x}"


def make_corpus(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in the canonical form: `COLUMNS`, then any others, typed, with ids, sorted by `id`.

    Raises:
        ValueError: A text occurs twice.
    """
    corpus = table.copy()
    corpus["id"] = [row_id(text) for text in corpus["text"]]
    for column in ("id", "source", "group", "text", "label"):
        corpus[column] = corpus[column].astype("string")
    corpus["rating"] = corpus["rating"].astype("Int64")
    twice = corpus["id"][corpus["id"].duplicated()]
    if len(twice):
        raise ValueError(f"a text occurs twice in the corpus (id {twice.iloc[0]})")
    rest = [column for column in corpus.columns if column not in COLUMNS]
    return corpus[[*COLUMNS, *rest]].sort_values("id", ignore_index=True)


def write_table(table: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write a table as parquet: the same rows give the same bytes."""
    with atomic_file(path) as partial:
        table.to_parquet(partial, index=False, engine="pyarrow", compression="zstd")


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a parquet table. Raises UserError if it is missing or damaged."""
    if not Path(path).is_file():
        raise UserError(f"{path}: not found; run `dvc repro` to make it")
    try:
        return pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error


def read_corpus(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a corpus table. Raises UserError if a column is missing or there are no rows."""
    corpus = read_table(path)
    missing = [column for column in COLUMNS if column not in corpus.columns]
    if missing:
        raise UserError(f"{path}: column {missing[0]!r} is missing; create the file again with `dvc repro`")
    if corpus.empty:
        raise UserError(f"{path}: no rows; relax the rules of the stage that wrote it, or give it more data")
    return corpus
