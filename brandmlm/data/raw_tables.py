"""Raw tables: CSV files as sites export them, read strictly into strings; the columns that each source must have.

Encodings are recognised (UTF-8, UTF-16 and UTF-32 by their marks; else UTF-8; else windows-1252). What cannot be read
without guessing is refused with the line at fault, never skipped.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pandas as pd
from tqdm import tqdm

from brandmlm.core.errors import UserError

# The columns each source must have; more are let through.
SCHEMAS: Final[dict[str, tuple[str, ...]]] = {
    "reviews": ("Reviewer", "Title", "Content", "Star_rating", "Rating", "Date", "Reviews_posted", "Location"),
    "products": (
        "URL", "Product Name", "Product ID", "Listing Price", "Sale Price", "Discount", "Brand", "Description",
        "Rating", "Reviews", "Images", "Last Visited",
    ),
    "catalogue": (
        "index", "url", "name", "sub_title", "brand", "model", "color", "price", "currency", "availability",
        "description", "raw_description", "avg_rating", "review_count", "images", "available_sizes", "uniq_id",
        "scraped_at",
    ),
}  # fmt: skip

# Far above any review or description, far below what a lost quote swallows in a large file.
MAX_FIELD: Final = 1_000_000  # characters

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _line(data: bytes, offset: int) -> int:
    """1-based number of the line that a byte stands on."""
    return data.count(b"\n", 0, offset) + 1


def _legacy_encoding(data: bytes, error: UnicodeDecodeError, name: str) -> str:
    """The encoding of bytes that are not UTF-8.

    In a text of the windows-1252 family nearly every letter beyond ASCII breaks UTF-8; where most of them are
    well-formed UTF-8, the file is UTF-8 with damage, and reading it otherwise would garble all of it.
    """
    text = data.decode("utf-8", errors="replace")
    broken = text.count("�")
    well_formed = len(text) - broken - sum(map(str.isascii, text))
    if well_formed > broken:
        raise UserError(
            f"{name}: line {_line(data, error.start)}: damaged UTF-8 (byte 0x{data[error.start]:02x}); "
            "export the file again or mend that line"
        )
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"  # it has the five bytes that windows-1252 leaves open
    return "cp1252"


def find_encoding(data: bytes, name: str) -> str:
    """Python's name for a text's encoding. Raises UserError where UTF-8 text is damaged in places."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy_encoding(data, error, name)
    return "utf-8"


def decode(data: bytes, name: str) -> str:
    """A CSV file's bytes as text. Raises UserError (which calls the file `name`) where they are no text."""
    if not data:
        raise UserError(f"{name}: the file is empty; export or download it again")
    encoding = find_encoding(data, name)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name}: line {_line(data, error.start)}: not {encoding.removesuffix('-sig').upper()}, "
            "which the file's first bytes announce; save it as UTF-8"
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise UserError(
            f"{name}: line {text.count(chr(10), 0, nul) + 1}: a NUL byte, so this is no text file "
            "(or UTF-16 without its mark); save it as UTF-8 CSV"
        )
    return text


class _Broken(Exception):
    """A record that csv reads and that is no row of the table."""


def _check_header(header: Sequence[str], required: Iterable[str], name: str) -> None:
    twice = next((column for place, column in enumerate(header) if column in header[:place]), None)
    if twice is not None:
        raise UserError(f"{name}: line 1: column {twice!r} stands twice in the header; rename or remove one")
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
        "take a file with the columns of this source"
    )


def _is_header(fields: Sequence[str], header: Sequence[str]) -> bool:
    # Of joined files the second may bring its byte-order mark along.
    return fields[0].strip("\ufeff ") == header[0] and [field.strip("\ufeff ") for field in fields] == list(header)


def parse_csv(text: str, name: str, required: Iterable[str] = ()) -> pd.DataFrame:
    """A CSV text as a table of strings; the index `row` counts the data rows from 1. Blank lines are no rows.

    Raises UserError that names the row and line of what is broken: a quote not closed, text after a closing quote, too
    few or too many fields, a field over `MAX_FIELD`, a column twice, the header among the rows, or a required column
    that lacks.
    """
    before = csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    start = 1  # the physical line on which the record being read begins
    bar = tqdm(desc=f"reading {name}", unit=" rows", unit_scale=True, delay=2, leave=False)
    try:
        for fields in reader:
            if not fields:
                pass
            elif not header:
                header = [column.strip() for column in fields]
                _check_header(header, required, name)
            elif len(fields) != len(header):
                raise _Broken(
                    f"{len(fields)} fields where the header has {len(header)}; "
                    "look for a comma or a quote that lacks or is too many there"
                )
            elif _is_header(fields, header):
                raise _Broken("the header stands here again; remove that line (were files joined?)")
            else:
                rows.append(fields)
                bar.update()
            start = reader.line_num + 1
    except (csv.Error, _Broken) as error:
        row = f"row {len(rows) + 1}, " if header else ""
        raise UserError(f"{name}: {row}line {start}: {_explain(error)}") from None
    finally:
        bar.close()
        csv.field_size_limit(before)
    if not header:
        raise UserError(f"{name}: nothing but blank lines; export or download it again")
    table = pd.DataFrame(rows, columns=pd.Index(header), dtype="str")
    table.index = pd.RangeIndex(1, len(table) + 1, name="row")
    return table


def _explain(error: Exception) -> str:
    """What csv or this module found, in words that tell what to mend."""
    message = str(error)
    if isinstance(error, _Broken):
        return message
    if "unexpected end of data" in message:
        return "a quote opened in this row is never closed; close it or export the file again"
    if "field limit" in message:
        return f"a field of more than {MAX_FIELD:,} characters; is a quote not closed? mend it or shorten the field"
    if "expected after" in message:
        return 'text follows a closing quote; write a quote inside a quoted field twice ("")'
    return f"broken CSV ({message}); export the file again"


def read_csv(
    path: str | os.PathLike[str], required: Iterable[str] = (), name: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Read a CSV file of any usual encoding; see `parse_csv`. Messages call the file `name` (else by its path)."""
    name = str(name or path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise UserError(f"{name}: no such file; check the path") from None
    except OSError as error:
        raise UserError(f"{name}: cannot be read ({error.strerror}); check the path and its permissions") from None
    return parse_csv(decode(data, name), name, required)
