"""The corpus as a `datasets.Dataset` with declared features.

DVC is the only cache: files are written to a folder of the caller, who deletes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
from datasets import ClassLabel, Dataset, Features
from datasets.exceptions import DatasetsError
from pyarrow.parquet import ParquetFile

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import COLUMNS, LABELS
from brandmlm.modeling.masking import Bools

BATCH_ROWS: Final = 1000  # rows in memory at a time


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Hide the progress bars of `datasets`."""
    hidden = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if not hidden:
            datasets.enable_progress_bars()


def corpus_features(schema: pa.Schema, sources: set[str]) -> Features:
    """The features of a table with columns of the corpus: label and source are classes."""
    features = Features.from_arrow_schema(schema)
    classes = {"label": list(LABELS), "source": sorted(sources)}
    return Features(features | {name: ClassLabel(names=names) for name, names in classes.items() if name in features})


def read_features(path: Path) -> Features:
    """Check a corpus table in parquet and return its features; of the rows only the sources are read.

    Raises:
        UserError: the file is missing or damaged, has no rows or not all columns of the corpus.
    """
    if not path.is_file():
        raise UserError(f"{path}: not found; run `dvc repro` to make it")
    try:
        with ParquetFile(path) as file:
            schema = file.schema_arrow
            missing = [column for column in COLUMNS if column not in schema.names]
            if missing:
                raise UserError(f"{path}: column {missing[0]!r} is missing; remake the file with `dvc repro`")
            if not file.metadata.num_rows:
                raise UserError(f"{path}: no rows; relax the rules of the stage that wrote it, or give it more data")
            batches = file.iter_batches(BATCH_ROWS, columns=["source"])
            return corpus_features(schema, {name for batch in batches for name in batch.column(0).unique().to_pylist()})
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error


def read_rows(path: Path, folder: Path) -> Dataset:
    """A corpus table in parquet, memory-mapped from a copy in `folder`.

    Raises:
        UserError: as `read_features`, or a label is unknown.
    """
    features = read_features(path)
    try:
        with no_progress_bars():
            return Dataset.from_parquet(str(path), features=features, cache_dir=str(folder), batch_size=BATCH_ROWS)
    except (OSError, ValueError, DatasetsError) as error:
        raise UserError(
            f"{path}: not a readable corpus ({error.__cause__ or error}); remake it with `dvc repro`"
        ) from error


def as_dataset(rows: pd.DataFrame | Dataset) -> Dataset:
    """A corpus table as a dataset in memory; a dataset is returned as it is.

    Raises:
        UserError: there is no column text, or a label is unknown.
    """
    if isinstance(rows, pd.DataFrame):
        texts = [name for name in ("id", "source", "text", "label", "word") if name in rows]
        table = rows[texts].astype("string")
        sources = set(table["source"].dropna()) if "source" in table else set()
        try:
            features = corpus_features(pa.Schema.from_pandas(table, preserve_index=False), sources)
            rows = Dataset.from_pandas(table, features=features, preserve_index=False)
        except ValueError as error:
            raise UserError(f"rows: {error}; labels are {', '.join(LABELS)} or null") from error
    if "text" not in rows.column_names:
        raise UserError(f"rows: no column 'text' among {rows.column_names}; rename the column of the texts")
    return rows


def class_name(rows: Dataset, column: str, value: Any) -> str | None:
    """The name of a class; a value of a column of strings is its own name."""
    feature = rows.features[column]
    if value is None:
        return None
    return str(feature.int2str(value) if isinstance(feature, ClassLabel) else value)


def is_synthetic(rows: Dataset) -> Bools:
    """Which rows are synthetic: bool (rows,)."""
    if "source" not in rows.column_names:
        return np.zeros(len(rows), dtype=bool)
    sources = (batch["source"] for batch in rows.select_columns(["source"]).iter(BATCH_ROWS))
    return np.array([class_name(rows, "source", value) == "synthetic" for batch in sources for value in batch])


def count_labelled_words(rows: Dataset) -> dict[str, Counter[str]]:
    """By label, how many rows it labels for each word."""
    counts: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    if {"label", "word"} <= set(rows.column_names):
        for batch in rows.select_columns(["label", "word"]).iter(BATCH_ROWS):
            for value, word in zip(batch["label"], batch["word"], strict=True):
                label = class_name(rows, "label", value)
                if label is not None and word is not None:
                    counts[label][word] += 1
    return counts
