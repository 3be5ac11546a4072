"""Open any table file: its columns, and its rows as strings in batches or as a whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.progress import progress_counter
from brandmlm.data.tables.bad_rows import BadRow, BadRows
from brandmlm.data.tables.delimited import DelimitedReader
from brandmlm.data.tables.encoding import Encoding, find_encoding, read_chunks
from brandmlm.data.tables.formats import HEAD_BYTES, Format, is_json, refuse_text
from brandmlm.data.tables.frames import Reader, make_frame
from brandmlm.data.tables.json_array import JsonArrayReader
from brandmlm.data.tables.json_lines import JsonLinesReader
from brandmlm.data.tables.options import ReadOptions
from brandmlm.data.tables.packing import unpacked
from brandmlm.data.tables.parquet import ParquetReader
from brandmlm.data.tables.workbook import WorkbookReader


class Table:
    """An open table: what its columns are called, and its rows."""

    def __init__(self, reader: Reader, options: ReadOptions, notes: Sequence[str]) -> None:
        self._reader, self._options = reader, options
        self._bad = BadRows(options, reader.unit)
        self._rows = 0
        self._guesses = tuple(notes)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self._options.name

    @property
    def columns(self) -> tuple[str, ...]:
        """The names in the header's order; empty for a column without a name; a name may occur twice."""
        return self._reader.header

    @property
    def bad_rows(self) -> list[BadRow]:
        """The rows that the last pass over the table skipped."""
        return self._bad.rows

    @property
    def notes(self) -> list[str]:
        """What to tell the user: what was guessed and, after a pass, which rows were skipped."""
        skipped = self._bad.summary(self._rows)
        return [*self._guesses, skipped] if skipped else list(self._guesses)

    def _places(self, columns: Sequence[str] | None) -> list[int]:
        header = self.columns
        wanted = [name for name in header if name] if columns is None else list(columns)
        for name in wanted:
            if name not in header or not name:
                raise self._options.error(f"no column {name!r}; the columns are {list_names(header)}")
            if header.count(name) > 1:
                raise self._options.error(f"column {name!r} occurs twice in the header; rename or remove one")
        return [header.index(name) for name in wanted]

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The rows in the file's order, as tables of strings with at most `batch_rows` rows.

        The index `line` says where each row begins. Empty cells of text formats are empty strings, missing values of
        JSON, Parquet and workbooks are null. The last batch comes before the check of `max_bad_rows`: use no batch
        for good before the iteration has ended.

        Args:
            columns: which to read, by their names in the header; None: all that have a name.

        Raises:
            UserError: a column is not there or occurs twice, the table is broken, or too many rows are bad.
        """
        places = self._places(columns)
        self._bad, self._rows = BadRows(self._options, self._reader.unit), 0
        bar = progress_counter(f"reading {self.name}")
        with bar:
            for batch in self._reader.batches(places, self._options.batch_rows, self._bad):
                self._rows += len(batch)
                bar.update(len(batch))
                self._bad.check(self._rows, done=False)
                yield batch
        self._bad.check(self._rows)

    def read(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """All rows at once; see `batches`."""
        batches = list(self.batches(columns))
        if batches:
            return pd.concat(batches)
        names = [self.columns[place] for place in self._places(columns)]
        return make_frame([], [[] for _ in names], names)


LISTED: Final = 30  # names of columns in a message


def list_names(names: Sequence[str]) -> str:
    """Names of columns for a message."""
    shown = ", ".join(repr(name[:40]) for name in names[:LISTED] if name)
    return f"{shown} and {len(names) - LISTED} more" if len(names) > LISTED else shown or "without names"


def _open_text(path: Path, options: ReadOptions) -> tuple[Reader, Encoding]:
    encoding = find_encoding(path, options)
    start = next(read_chunks(path, encoding, HEAD_BYTES), "").lstrip("\ufeff")
    refuse_text(start, options)
    if not is_json(start):
        return DelimitedReader(path, encoding, options), encoding
    if start.lstrip().startswith("["):
        return JsonArrayReader(path, encoding, options), encoding
    return JsonLinesReader(path, encoding, options), encoding


def _check_path(path: Path, options: ReadOptions) -> None:
    try:
        if not path.stat().st_size and path.is_file():
            raise options.error("the file is empty; export or download it again")
        if not path.is_file():
            raise options.error("cannot be read: a folder or device, not a file; name a table file")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise options.error("no such file; check the path") from None
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        raise options.error(f"cannot be read ({reason}); check the path and its permissions") from None


@contextmanager
def open_table(path: str | os.PathLike[str], options: ReadOptions | None = None) -> Iterator[Table]:
    """Open a table file of any known format, told by its first bytes.

    CSV with commas, semicolons, tabs, bars or carets, JSON Lines, a JSON array of objects, Parquet, Excel and
    OpenDocument workbooks; each also inside gzip, bzip2, xz or a zip archive.

    Raises:
        UserError: it cannot be read, is something else, or has no usable header.
    """
    options = options or ReadOptions(name=str(path))
    _check_path(Path(path), options)
    with unpacked(Path(path), options) as (inner, kind):
        is_workbook = kind in (Format.ZIP, Format.OLE)
        if options.sheet is not None and not is_workbook:
            raise options.error(f"this is no workbook and has no sheets; remove {options.setting('sheet')}")
        if options.encoding and kind is not Format.TEXT:
            raise options.error(f"this is no text and has no encoding; remove {options.setting('encoding')}")
        if is_workbook:
            yield Table(WorkbookReader(inner, options), options, [])
        elif kind is Format.PARQUET:
            yield Table(ParquetReader(inner, options), options, [])
        else:
            reader, encoding = _open_text(inner, options)
            yield Table(reader, options, [encoding.note] if encoding.note else [])


def read_table(
    path: str | os.PathLike[str], options: ReadOptions | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """A whole table file as strings; see `open_table` and `Table.batches`."""
    with open_table(path, options) as table:
        return table.read(columns)
