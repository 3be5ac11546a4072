"""Parquet files, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from brandmlm.data.tables.bad_rows import BadRows
from brandmlm.data.tables.frames import Cell, make_frame
from brandmlm.data.tables.json_values import cell_text
from brandmlm.data.tables.options import ReadOptions, too_large

_ERRORS: Final = (pa.ArrowException, OSError, ValueError, NotImplementedError)


def _cells(column: Any) -> Any:
    """A column as text: times in ISO 8601, numbers in their shortest spelling, bytes that are no UTF-8 as null.

    Raises:
        ArrowException: a column of texts holds bytes that are no UTF-8.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column.validate(full=True)
        return column.cast(pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [_decode(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return [None if value is None else str(value) for value in column.cast(pa.string()).to_pylist()]
    return [cell_text(value) for value in column.to_pylist()]


def _decode(value: bytes | None) -> Cell:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


class ParquetReader:
    """A Parquet file whose schema has been read."""

    unit: Final = "row"

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path, self._options = path, options
        try:
            with closing(pq.ParquetFile(path)) as file:
                metadata = file.metadata
                size = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
                self.header = tuple(str(name) for name in file.schema_arrow.names)
        except _ERRORS as error:
            raise self._unreadable(error) from None
        if size > options.max_bytes:
            raise too_large(options, "the Parquet file", size)

    def _unreadable(self, error: Exception) -> Exception:
        return self._options.error(f"the Parquet file cannot be read ({str(error)[:200]}); export or download it again")

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        names = [self.header[place] for place in places]
        done = 0
        try:
            with closing(pq.ParquetFile(self._path, buffer_size=1 << 20, pre_buffer=False)) as file:
                for batch in file.iter_batches(batch_size=size, columns=names):
                    columns = [_cells(batch.column(name)) for name in names]
                    yield make_frame(range(done + 1, done + batch.num_rows + 1), columns, names)
                    done += batch.num_rows
        except _ERRORS as error:
            raise self._unreadable(error) from None
