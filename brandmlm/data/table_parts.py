"""Parquet tables read and written in parts, so that memory does not grow with the rows.

A part has `PART_ROWS` rows whatever the number of workers, and a row group of a written file has as many: the same rows
give the same bytes however they arrive.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_counter
from brandmlm.data.corpus import COLUMNS

PART_ROWS: Final = 50_000

_BUFFER_BYTES: Final = 1 << 20


class TableWriter:
    """Writes a table batch by batch, as `corpus.write_table` would write all of it; to be used in a `with` statement.

    At least one batch has to be appended, which may be empty: it tells the columns and their types.
    """

    def __init__(self, path: str | os.PathLike[str], part_rows: int = PART_ROWS) -> None:
        self._path, self._part_rows = path, part_rows
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []  # fewer than `part_rows` rows in all
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def append(self, batch: pd.DataFrame) -> None:
        """Append rows; every batch has the columns and types of the first."""
        table = pa.Table.from_pandas(batch, schema=self._writer.schema if self._writer else None, preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self.rows += len(table)
        self._waiting.append(table)
        while sum(map(len, self._waiting)) >= self._part_rows:
            joined = pa.concat_tables(self._waiting).combine_chunks()  # where batches end, pages of the file would end
            self._writer.write_table(joined.slice(0, self._part_rows), row_group_size=self._part_rows)
            self._waiting = [joined.slice(self._part_rows)]

    def __exit__(self, kind: object, *_: object) -> None:
        if self._writer:
            rest = pa.concat_tables(self._waiting).combine_chunks()
            if kind is None and (len(rest) or not self.rows):
                self._writer.write_table(rest)
            self._writer.close()


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a table. Raises UserError if it is missing or damaged."""
    if not path.is_file():
        raise UserError(f"{path}: not found; run `dvc repro` to make it")
    try:
        # Without reading ahead, which ends with the whole file in memory.
        return pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error


def read_parts(
    path: Path, columns: Sequence[str] | None = None, *, rows: int = PART_ROWS, label: str = ""
) -> Iterator[pd.DataFrame]:
    """The rows of a table in parts of `rows` rows, at least one part.

    Args:
        path: The table.
        columns: Which to read; None: all.
        rows: The size of a part.
        label: What a progress bar calls the work on the parts; without one there is no bar.

    Raises:
        UserError: it is missing or damaged.
    """
    with open_parquet(path) as file, progress_counter(label, file.metadata.num_rows, shown=bool(label)) as bar:
        empty = True
        try:
            for batch in file.iter_batches(rows, columns=None if columns is None else list(columns)):
                empty = False
                yield pa.Table.from_batches([batch]).to_pandas()
                bar.update(len(batch))
        except (OSError, pa.ArrowInvalid) as error:
            raise UserError(f"{path}: not a readable parquet file ({error}); `dvc checkout` restores it") from error
        if empty:
            schema = file.schema_arrow
            picked = schema if columns is None else pa.schema([schema.field(name) for name in columns])
            yield picked.with_metadata(schema.metadata).empty_table().to_pandas()


def check_corpus(path: Path) -> list[str]:
    """The columns of a corpus table. Raises UserError if one is missing or there are no rows."""
    with open_parquet(path) as file:
        names, rows = list(file.schema_arrow.names), file.metadata.num_rows
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise UserError(f"{path}: column {missing[0]!r} is missing; create the file again with `dvc repro`")
    if not rows:
        raise UserError(f"{path}: no rows; relax the rules of the stage that wrote it, or give it more data")
    return names
