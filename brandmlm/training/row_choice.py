"""Which rows of a corpus a training reads: as many as its budget of tokens needs, however many there are.

Ids are hashes of the texts, so that rows with neighbouring ids are a random sample. A training takes them in the order
of their ids from a place that its seed decides, and after the highest id goes on at the lowest. So the choice depends
neither on the order of the rows nor on how a file is cut into row groups, and models of the same seed share the rows
that they have in common. Of a table sorted by id, only the row groups around that place are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from brandmlm.config.params.train import Train
from brandmlm.data.corpus import stable_hash
from brandmlm.data.table_parts import PART_ROWS, check_corpus, open_parquet
from brandmlm.modeling.masking import Bools, Ints

_BATCH_ROWS: Final = 1000  # read at a time where texts are, so that little more is read than needed

_FURTHER: Final = 1.25  # by how much the rows grow between two looks whether they are enough


class Offered(NamedTuple):
    """Rows in the order in which a training takes them, (rows,) each.

    Attributes:
        numbers: of the rows in their table, int64.
        words: of their texts, int64: fewer than tokens, in languages that write blanks between words.
        synthetic: which rows are synthetic.
    """

    numbers: Ints
    words: Ints
    synthetic: Bools


def count_words(texts: pa.Array | pa.ChunkedArray) -> Ints:
    """The words of each text, by the blanks between them: int64 (rows,)."""
    blanks: Ints = np.asarray(pc.count_substring(pc.fill_null(texts, ""), " "), dtype=np.int64)
    return blanks + 1


def first_id(seed: int) -> str:
    """The id from which on a training takes rows."""
    return f"{stable_hash('training rows', str(seed)):016x}"


def take_enough(batches: Iterable[Offered], recipe: Train) -> Ints | None:
    """The numbers of rows that have the recipe's tokens without repeating one, sorted, int64 (rows,).

    Of n rows the real ones are taken, and of the first n / `real_repeats` the synthetic ones: as many more real rows as
    an epoch would repeat them.

    Args:
        batches: read little further than needed.

    Returns:
        None if the budget needs all rows.
    """
    read: list[Offered] = []
    rows = words = tested = 0
    for batch in batches:
        read.append(batch)
        rows, words = rows + len(batch.words), words + int(batch.words.sum())
        if words >= recipe.tokens and rows >= _FURTHER * tested:
            if (taken := _take(read, recipe)) is not None:
                return taken
            tested = rows
    return _take(read, recipe) if words >= recipe.tokens else None


def _take(read: list[Offered], recipe: Train) -> Ints | None:
    """`take_enough` of the rows read so far; None if they are not enough."""
    numbers, words, synthetic = (np.concatenate(column) for column in zip(*read, strict=True))
    ends = np.arange(1, len(numbers) + 1)
    of_synthetic = np.concatenate([[0], np.cumsum(words * synthetic)])[ends // recipe.real_repeats]
    end = int(np.searchsorted(np.cumsum(words * ~synthetic) + of_synthetic, recipe.tokens)) + 1
    if end > len(numbers):
        return None
    taken = ~synthetic[:end] | (np.arange(end) < end // recipe.real_repeats)
    return np.sort(numbers[:end][taken])


def lowest_ids(ids: npt.NDArray[Any], synthetic: Bools, most: int) -> Ints:
    """The `most` real and `most` synthetic rows with the lowest ids, or all: sorted indices, int64 (rows,)."""
    order = np.argsort(ids, kind="stable")
    return np.sort(np.concatenate([order[synthetic[order] == kind][:most] for kind in (False, True)]))


def _are_synthetic(batch: pa.RecordBatch) -> Bools:
    return np.asarray(pc.fill_null(pc.equal(batch.column("source"), "synthetic"), False), dtype=bool)


def choose_rows(path: Path, recipe: Train) -> Ints | None:
    """`take_enough` of a corpus table.

    Raises:
        UserError: the table is missing, damaged or no corpus.
    """
    check_corpus(path)
    with open_parquet(path) as file:
        return take_enough(_from_id(file, first_id(recipe.seed)), recipe)


def _from_id(file: pq.ParquetFile, first: str) -> Iterator[Offered]:
    """The rows from the id `first` on, then those before it."""
    column = file.schema_arrow.names.index("id")
    for later in (True, False):
        end = 0
        for group in range(file.metadata.num_row_groups):
            described = file.metadata.row_group(group)
            start, end = end, end + described.num_rows
            known = described.column(column).statistics
            if known and known.has_min_max and (known.max < first if later else known.min >= first):
                continue
            for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=["id", "source", "text"]):
                numbers = np.arange(start, start + len(batch))
                start += len(batch)
                here = np.asarray(pc.equal(pc.greater_equal(batch.column("id"), first), later), dtype=bool)
                yield Offered(numbers[here], count_words(batch.column("text"))[here], _are_synthetic(batch)[here])


def choose_sample(path: Path, most: int) -> Ints:
    """The numbers of at most `most` real and as many synthetic rows of a corpus table: the lowest ids, sorted.

    Raises:
        UserError: the table is missing, damaged or no corpus.
    """
    check_corpus(path)
    ids, numbers, synthetic = np.empty(0, dtype="U16"), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    end = 0
    with open_parquet(path) as file:
        for batch in file.iter_batches(PART_ROWS, columns=["id", "source"]):
            start, end = end, end + len(batch)
            ids = np.concatenate([ids, np.array(batch.column("id").to_pylist(), dtype="U16")])
            numbers, synthetic = (
                np.concatenate([numbers, np.arange(start, end)]),
                np.concatenate([synthetic, _are_synthetic(batch)]),
            )
            kept = lowest_ids(ids, synthetic, most)
            ids, numbers, synthetic = ids[kept], numbers[kept], synthetic[kept]
    return numbers
