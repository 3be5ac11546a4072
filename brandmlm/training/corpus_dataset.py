"""The corpus as a `datasets.Dataset` with declared features.

DVC is the only cache: files are written to a folder of the caller, who deletes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import datasets
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from datasets import ClassLabel, Dataset, Features
from datasets.table import table_cast
from pyarrow.parquet import ParquetFile

from brandmlm.config.params.train import Train
from brandmlm.core.errors import UserError
from brandmlm.core.files import explain_os_error, system_error
from brandmlm.data.corpus import LABELS, row_id
from brandmlm.data.table_parts import PART_ROWS, check_corpus, open_parquet
from brandmlm.modeling.masking import Bools, Ints
from brandmlm.training.row_choice import (
    Offered,
    choose_rows,
    choose_sample,
    count_words,
    first_id,
    lowest_ids,
    take_enough,
)

BATCH_ROWS: Final = 1000  # rows in memory at a time


@contextmanager
def lean_arrow() -> Iterator[None]:
    """Hide the progress bars of `datasets`, and use the system's allocator: Arrow's own keeps memory that was freed."""
    hidden, pool = datasets.are_progress_bars_disabled(), pa.default_memory_pool()
    datasets.disable_progress_bars()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
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
    check_corpus(path)
    with open_parquet(path) as file:
        try:
            batches = file.iter_batches(PART_ROWS, columns=["source"])
            names = {name for batch in batches for name in batch.column(0).unique().to_pylist()}
        except (OSError, ValueError) as error:
            raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error
        return corpus_features(file.schema_arrow, names)


def read_rows(path: Path, file: Path, numbers: Ints | None = None) -> Dataset:
    """A corpus table in parquet as a dataset that is memory-mapped from its copy `file`, in Arrow's format.

    Unlike `Dataset.from_parquet`, it holds no more than a batch of rows in memory.

    Args:
        numbers: of the rows to read, sorted, int64 (rows,); None: all.

    Raises:
        UserError: as `read_features`, or a label is unknown.
    """
    schema = read_features(path).arrow_schema  # carries the features, which `Dataset.from_file` reads
    try:
        with (
            lean_arrow(),
            open_parquet(path) as parquet,
            pa.OSFile(str(file), "wb") as sink,
            pa.ipc.new_stream(sink, schema) as writer,
        ):
            for batch in _pick(parquet, np.arange(parquet.metadata.num_rows) if numbers is None else numbers):
                writer.write_table(table_cast(pa.Table.from_batches([batch]), schema))
        return Dataset.from_file(str(file))
    except (OSError, ValueError) as error:
        if cause := system_error(error):
            raise no_temporary_file(file, cause) from error
        raise UserError(f"{path}: not a readable corpus ({error}); remake it with `dvc repro`") from error


def _pick(parquet: ParquetFile, numbers: Ints) -> Iterator[pa.RecordBatch]:
    """The rows of the given numbers, batch by batch; row groups without any are not read."""
    end = 0
    for group in range(parquet.metadata.num_row_groups):
        start, end = end, end + parquet.metadata.row_group(group).num_rows
        if not np.diff(np.searchsorted(numbers, (start, end))):
            continue
        for batch in parquet.iter_batches(BATCH_ROWS, row_groups=[group]):
            here = slice(*np.searchsorted(numbers, (start, start + len(batch))))
            if len(numbers[here]):
                yield batch.take(pa.array(numbers[here] - start))
            start += len(batch)


def no_temporary_file(file: Path, error: OSError) -> UserError:
    """The error for a temporary file that cannot be written."""
    return UserError(f"{explain_os_error(error, file)}; TMPDIR chooses another disk")


def as_dataset(rows: pd.DataFrame | Dataset) -> Dataset:
    """A corpus table as a dataset in memory; a dataset is returned as it is.

    Raises:
        UserError: there is no column text, or a label is unknown.
    """
    if isinstance(rows, pd.DataFrame):
        texts = [name for name in ("id", "source", "text", "label", "word", "about") if name in rows]
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


def _class_names(rows: Dataset, column: str) -> Callable[[Any], str | None]:
    """A function from a value of the column to its name; a column of strings has the names themselves."""
    feature = rows.features[column]
    if not isinstance(feature, ClassLabel):
        return lambda value: value
    names: dict[int | None, str | None] = {None: None, **dict(enumerate(feature.names))}
    return names.__getitem__


def _batches(rows: Dataset, *columns: str) -> Iterator[tuple[list[Any], ...]]:
    """The values of some columns, batch by batch."""
    for table in rows.select_columns(list(columns)).with_format("arrow").iter(BATCH_ROWS):
        yield tuple(table.column(column).to_pylist() for column in columns)


def count_labelled_words(rows: Dataset) -> dict[str, Counter[str]]:
    """By label, how many rows it labels for each word."""
    counts: dict[str, Counter[str]] = {label: Counter() for label in LABELS}
    if {"label", "word"} <= set(rows.column_names):
        name = _class_names(rows, "label")
        for labels, words in _batches(rows, "label", "word"):
            for value, word in zip(labels, words, strict=True):
                if word is not None and (label := name(value)) is not None:
                    counts[label][word] += 1
    return counts


def is_synthetic(rows: Dataset) -> Bools:
    """Which rows are synthetic: bool (rows,)."""
    if "source" not in rows.column_names:
        return np.zeros(len(rows), dtype=bool)
    name = _class_names(rows, "source")
    return np.array([name(value) == "synthetic" for (batch,) in _batches(rows, "source") for value in batch])


def is_about_others(rows: Dataset) -> Bools:
    """Which rows are synthetic sentences about other brands or none: bool (rows,)."""
    if "about" not in rows.column_names:
        return np.zeros(len(rows), dtype=bool)
    return np.array([value in ("other", "none") for (batch,) in _batches(rows, "about") for value in batch])


def _ids(rows: Dataset) -> npt.NDArray[Any]:
    """The id of each row, if need be computed from its text: 16 hex digits, (rows,)."""
    if "id" in rows.column_names:
        return np.array([value for (batch,) in _batches(rows, "id") for value in batch])
    return np.array([row_id(text) for (batch,) in _batches(rows, "text") for text in batch])


def sample_rows(rows: Dataset, most: int) -> Dataset:
    """At most `most` real and as many synthetic rows, in their order: those with the lowest ids, which are hashes, so
    that the sample is random, and fixed."""
    synthetic = is_synthetic(rows)
    if max(synthetic.sum(), (~synthetic).sum()) <= most:
        return rows
    return rows.select(lowest_ids(_ids(rows), synthetic, most), keep_in_memory=True)


def enough_rows(rows: Dataset, recipe: Train) -> Dataset:
    """The rows that a training with this recipe reads (`row_choice`), in their order; `rows` itself if it needs all."""
    tables = rows.select_columns(["text"]).with_format("arrow").iter(BATCH_ROWS)
    words = np.concatenate([np.empty(0, dtype=np.int64), *(count_words(table.column("text")) for table in tables)])
    if words.sum() < recipe.tokens:
        return rows
    ids = _ids(rows)
    order = np.argsort(ids, kind="stable")
    order = np.roll(order, -int(np.searchsorted(ids[order], first_id(recipe.seed))))
    chosen = take_enough([Offered(order, words[order], is_synthetic(rows)[order])], recipe)
    return rows if chosen is None else rows.select(chosen, keep_in_memory=True)


def training_rows(rows: pd.DataFrame | Dataset | Path, recipe: Train, file: Path) -> tuple[Dataset, bool]:
    """The rows that a training with this recipe reads, and whether they are all of them.

    Args:
        rows: a corpus table, or its parquet file, whose rows are copied to `file`.

    Raises:
        UserError: they are no corpus.
    """
    if isinstance(rows, Path):
        numbers = choose_rows(rows, recipe)
        return read_rows(rows, file, numbers), numbers is None
    every = as_dataset(rows)
    enough = enough_rows(every, recipe)
    return enough, enough is every


def validation_rows(rows: pd.DataFrame | Dataset | Path | None, most: int, file: Path) -> Dataset | None:
    """`sample_rows` of a corpus table, or of its parquet file, whose rows are copied to `file`; None of None.

    Raises:
        UserError: they are no corpus.
    """
    if isinstance(rows, Path):
        return read_rows(rows, file, choose_sample(rows, most))
    return None if rows is None else sample_rows(as_dataset(rows), most)
