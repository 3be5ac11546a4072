"""Read CSV files as sites export them into tables of strings.

The reader is strict: a file that cannot be read without guessing is refused, with the line at fault; no row is skipped.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_counter
from brandmlm.data.encodings import decode

# Far more than any review or description has, far less than a missing quote swallows in a large file.
MAX_FIELD: Final = 1_000_000  # characters


class _BrokenRow(Exception):
    """A record that csv accepts and that is not a row of the table."""


def _check_header(header: Sequence[str], required: Iterable[str], name: str) -> None:
    twice = next((column for place, column in enumerate(header) if column in header[:place]), None)
    if twice is not None:
        raise UserError(f"{name}: line 1: column {twice!r} occurs twice in the header; rename or remove one")
    missing = [column for column in required if column not in header]
    if not missing:
        return
    if len(header) == 1:
        other = next((mark for mark in (";", "\t", "|") if mark in header[0]), None)
        if other:
            raise UserError(f"{name}: line 1: columns are separated by {other!r}; save the file with commas")
    listed = ", ".join(map(repr, missing))
    found = ", ".join(map(repr, header[:20]))
    raise UserError(
        f"{name}: line 1: column{'s'[: len(missing) > 1]} {listed} missing; the header has {found[:300]}; "
        "use a file with the columns of this source"
    )


def _is_header(fields: Sequence[str], header: Sequence[str]) -> bool:
    # In concatenated files, the second header may begin with a byte-order mark.
    return fields[0].strip("\ufeff ") == header[0] and [field.strip("\ufeff ") for field in fields] == list(header)


def parse_csv(text: str, name: str, required: Iterable[str] = ()) -> pd.DataFrame:
    """Parse a CSV text; blank lines are ignored.

    Args:
        text: The content of the file.
        name: The file; messages begin with it.
        required: Columns that the header must have.

    Returns:
        A table of strings. The index `row` counts the data rows from 1.

    Raises:
        UserError: An unclosed quote, text after a closing quote, too few or too many fields, a field over `MAX_FIELD`,
            a duplicate or missing column, or the header among the rows; the message names the row and the line.
    """
    before = csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    start = 1  # the line of the file on which the current record begins
    bar = progress_counter(f"reading {name}")
    try:
        for fields in reader:
            if not fields:
                pass
            elif not header:
                header = [column.strip() for column in fields]
                _check_header(header, required, name)
            elif len(fields) != len(header):
                raise _BrokenRow(
                    f"{len(fields)} fields where the header has {len(header)}; "
                    "look for a missing or superfluous comma or quote there"
                )
            elif _is_header(fields, header):
                raise _BrokenRow("the header is repeated here; remove that line (were files concatenated?)")
            else:
                rows.append(fields)
                bar.update()
            start = reader.line_num + 1
    except (csv.Error, _BrokenRow) as error:
        row = f"row {len(rows) + 1}, " if header else ""
        raise UserError(f"{name}: {row}line {start}: {_explain(error)}") from None
    finally:
        bar.close()
        csv.field_size_limit(before)
    if not header:
        raise UserError(f"{name}: only blank lines; export or download it again")
    table = pd.DataFrame(rows, columns=pd.Index(header), dtype="str")
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    return table


def _explain(error: Exception) -> str:
    """What csv or this module found, with the remedy."""
    message = str(error)
    if isinstance(error, _BrokenRow):
        return message
    if "unexpected end of data" in message:
        return "a quote opened in this row is never closed; close it or export the file again"
    if "field limit" in message:
        return f"a field of more than {MAX_FIELD:,} characters; is a quote not closed? close it or shorten the field"
    if "expected after" in message:
        return 'text follows a closing quote; write a quote inside a quoted field twice ("")'
    return f"broken CSV ({message}); export the file again"


def read_csv(
    path: str | os.PathLike[str], required: Iterable[str] = (), name: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Read a CSV file in any common encoding; see `parse_csv`. Messages begin with `name`, by default the path."""
    name = str(name or path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise UserError(f"{name}: no such file; check the path") from None
    except OSError as error:
        raise UserError(f"{name}: cannot be read ({error.strerror}); check the path and its permissions") from None
    return parse_csv(decode(data, name), name, required)
