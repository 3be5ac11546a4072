"""Excel and OpenDocument workbooks, by calamine: the values of one sheet."""

from __future__ import annotations

import itertools
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from brandmlm.data.tables.bad_rows import BadRows
from brandmlm.data.tables.frames import Cell, frame_of_rows
from brandmlm.data.tables.options import ReadOptions
from brandmlm.data.tables.packing import DAMAGED

# A stray cell in the far corner makes calamine ask for memory for all cells before it, and the process die.
MAX_CELLS: Final = 50_000_000

_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]{1,3}\d{1,7}:)?([A-Z]{1,3})(\d{1,7})"')


def _cell(value: Any) -> Cell:
    """A cell's value as text: dates in ISO 8601, whole numbers without a point."""
    if value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    # Excel writes a carriage return inside a text as _x000D_.
    return str(value).replace("_x000D_", "")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _check_area(path: Path, options: ReadOptions) -> None:
    """Refuse an .xlsx whose used range is too large to hold, by what its sheets declare."""
    with zipfile.ZipFile(path) as opened:
        for member in opened.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", member):
                continue
            with opened.open(member) as sheet:
                found = _DIMENSION.search(sheet.read(4096))
            if found and _column_number(found[1]) * int(found[2]) > MAX_CELLS:
                raise options.error(
                    f"a sheet of the workbook reaches to cell {(found[1] + found[2]).decode()}; delete the stray cells "
                    "at its far end, or save the table as CSV UTF-8"
                )


@contextmanager
def _quiet_panics() -> Iterator[None]:
    """Keep what Rust writes of a panic to standard error from the user, who is told of the file instead."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class WorkbookReader:
    """One sheet of a workbook, in memory."""

    unit: Final = "row"

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._options = options
        self._kind = "workbook" if zipfile.is_zipfile(path) else "old Office file (.xls, .doc)"
        try:
            if zipfile.is_zipfile(path):
                _check_area(path, options)
            with _quiet_panics(), CalamineWorkbook.from_path(path) as workbook:
                self._sheet = self._choose(workbook)
        except PasswordError:
            raise options.error("the workbook is locked by a password; save it without one") from None
        except (CalamineError, *DAMAGED) as error:
            raise self._unreadable(error) from None
        except BaseException as error:
            # What Rust calls a panic is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise self._unreadable(error) from None
        self._header_row, self.header = self._read_header()

    def _unreadable(self, error: BaseException) -> Exception:
        return self._options.error(f"the {self._kind} cannot be read ({str(error)[:120]}); save the sheet as CSV UTF-8")

    def _choose(self, workbook: CalamineWorkbook) -> CalamineSheet:
        names = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        listed = ", ".join(map(repr, workbook.sheet_names[:20]))
        if self._options.sheet is not None:
            if self._options.sheet not in workbook.sheet_names:
                raise self._options.error(
                    f"no sheet {self._options.sheet!r} in the workbook, but {listed}; correct "
                    f"{self._options.setting('sheet')}"
                )
            return workbook.get_sheet_by_name(self._options.sheet)
        filled = [sheet for sheet in map(workbook.get_sheet_by_name, names) if sheet.height > 0]
        if len(filled) == 1:
            return filled[0]
        if not filled:
            raise self._options.error("the workbook has no sheet with rows; save or download it again")
        raise self._options.error(
            f"the workbook has {len(filled)} sheets with rows: {', '.join(repr(sheet.name) for sheet in filled[:20])}; "
            f"{self._options.choice('sheet')}"
        )

    def _filled_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            cells = [_cell(value) for value in values]
            if any(cell is not None for cell in cells):
                yield number, cells

    def _read_header(self) -> tuple[int, tuple[str, ...]]:
        rows = list(itertools.islice(self._filled_rows(), 3))
        number, header = rows[0] if rows else (0, [])
        names = [cell for cell in header if cell]
        if not names:
            raise self._options.error(f"the sheet {self._sheet.name!r} is empty; name another as the sheet to read")
        if len(names) == 1 and len(rows) > 2 and all(sum(map(bool, cells)) > 1 for _, cells in rows[1:]):
            raise self._options.error(
                f"row {number} of the sheet {self._sheet.name!r} is a title above the header ({names[0][:60]!r}); "
                "remove it, so that the names of the columns come first"
            )
        return number, tuple((cell or "").strip() for cell in header)

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        rows = itertools.dropwhile(lambda row: row[0] <= self._header_row, self._filled_rows())
        while batch := list(itertools.islice(rows, size)):
            yield frame_of_rows(batch, self.header, places)
