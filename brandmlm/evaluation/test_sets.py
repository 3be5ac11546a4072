"""The test sets: the rows that every model is scored on, and the sets that perplexity is reported for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.config.params.evaluate import Evaluate
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import row_id

# Reported set: the value of the column `set`, and the kind of table that its rows come from; None means all.
TEST_SETS: Final[dict[str, tuple[str, str | None]]] = {
    "real": ("real", None),
    "real_reviews": ("real", "review"),
    "real_products": ("real", "product"),
    "real_texts": ("real", "text"),
    "synthetic": ("synthetic", None),
    "general": ("general", None),
    "mixed": ("mixed", None),
}

HEADLINE_SETS: Final = ("real", "synthetic", "general", "mixed")


def read_general(path: Path) -> pd.DataFrame:
    """Read sentences of general English, one per line: columns id, source, text.

    Raises UserError where the file cannot be read or holds no sentence.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not readable as UTF-8 text ({error}); give a file with one sentence per line"
        ) from None
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not texts:
        raise UserError(f"{path}: no sentence in it; give a file with one sentence per line")
    return pd.DataFrame({"id": [row_id(text) for text in texts], "source": "general", "text": texts})


def read_english(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the general English that a folder holds, by test set: everyday sentences (general), and mixed ones."""
    return {"general": read_general(folder / "everyday.txt"), "mixed": read_general(folder / "mixed.txt")}


def select_test_rows(
    test: pd.DataFrame, english: Mapping[str, pd.DataFrame], tables: Mapping[str, str], params: Evaluate
) -> pd.DataFrame:
    """The rows that every model is scored on: columns set, id, source, table, text.

    Of the real and the synthetic rows, the first `real_rows` and `synthetic_rows` by id are taken; ids are hashes, so
    these are fixed random samples.

    Args:
        test: The test rows.
        english: By test set (general, mixed), its sentences, from `read_english`.
        tables: By source, the kind of its table: review, product or text.
        params: How many rows to take at most.
    """
    synthetic = test["source"] == "synthetic"
    parts = [
        test[~synthetic].sort_values("id").head(params.real_rows).assign(set="real"),
        test[synthetic].sort_values("id").head(params.synthetic_rows).assign(set="synthetic"),
        *(sentences.assign(set=name) for name, sentences in english.items()),
    ]
    rows = pd.concat([part[["set", "id", "source", "text"]] for part in parts], ignore_index=True)
    kinds = pd.array([tables.get(str(source)) for source in rows["source"]], dtype="string")
    return rows.assign(table=kinds)[["set", "id", "source", "table", "text"]]


def rows_by_set(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each reported set that has rows, with its rows; `rows`: columns set, table and others.

    A real row belongs to two sets: `real` and that of its kind of table.
    """
    for name, (kept_in, table) in TEST_SETS.items():
        part = rows[rows["set"] == kept_in]
        if table:
            part = part[(part["table"] == table).fillna(False)]
        if len(part):
            yield name, part
