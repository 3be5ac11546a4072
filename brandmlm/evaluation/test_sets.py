"""The sets of test rows on which perplexity is reported: the three that rows are kept in, and parts of the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import row_id

# Name: the set that rows are kept in, and the sources of its rows that count; all where there are none.
TEST_SETS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "real": ("real", ()),
    "real_reviews": ("real", ("reviews",)),
    "real_products": ("real", ("products", "catalogue")),
    "synthetic": ("synthetic", ()),
    "general": ("general", ()),
}


def rows_by_set(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each set that has any; `rows`: columns set, source and others. A real row stands in two of them."""
    for name, (kept_in, sources) in TEST_SETS.items():
        part = rows[rows["set"] == kept_in]
        if sources:
            part = part[part["source"].isin(sources)]
        if len(part):
            yield name, part


HEADLINE_SETS: Final = ("real", "synthetic", "general")


def read_general(path: Path) -> pd.DataFrame:
    """The general-English text, one sentence a line, as rows with id, source and text."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error}); give a file with one sentence a line") from None
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not texts:
        raise UserError(f"{path}: no sentence in it; give a file with one sentence a line")
    return pd.DataFrame({"id": [row_id(text) for text in texts], "source": "general", "text": texts})


def test_sets(test: pd.DataFrame, general: pd.DataFrame, synthetic_rows: int) -> pd.DataFrame:
    """The rows every model is scored on: columns set, id, source, text.

    Of the synthetic rows the first `synthetic_rows` by id are taken: ids are hashes, so that is a fixed sample.
    """
    columns = ["set", "id", "source", "text"]
    synthetic = test["source"] == "synthetic"
    parts = [
        test[~synthetic].assign(set="real"),
        test[synthetic].sort_values("id").head(synthetic_rows).assign(set="synthetic"),
        general.assign(set="general"),
    ]
    return pd.concat([part[columns] for part in parts], ignore_index=True)
