"""The training rows with the filter's decision on each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import read_corpus, read_table
from brandmlm.filtering.signals import SIGNALS


def mismatch(training: Path, signals: Path) -> UserError:
    """The error about tables of different rows."""
    return UserError(f"{signals}: its rows are not those of {training}; run `make repro` to filter them again")


def read_training_rows(training: Path, kept: Path, signals: Path) -> pd.DataFrame:
    """The training rows: columns id, source, text, polarity, kept, and one per signal that the filter evaluated.

    Args:
        training: corpus table of all training rows.
        kept: those that the filter kept.
        signals: table of the signals of all rows.

    Raises:
        UserError: A table is missing or damaged, or the tables are of different rows.
    """
    rows, signal_table = read_corpus(training), read_table(signals)
    if set(rows["id"]) != set(signal_table["id"]):
        raise mismatch(training, signals)
    signal_table = signal_table[["id", *(name for name in SIGNALS if name in signal_table)]]
    rows = rows.reindex(columns=["id", "source", "text", "polarity"]).merge(signal_table, on="id", validate="1:1")
    return rows.assign(kept=rows["id"].isin(read_corpus(kept)["id"]))
