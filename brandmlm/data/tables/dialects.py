"""Find how a delimited text is written: its separator, its quotes, where its header is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

SEPARATORS: Final = (",", "\t", ";", "|", "^")

ONE_COLUMN: Final = "\U0010ffff"  # a separator that no text holds

SAMPLE_CHARACTERS: Final = 1 << 18

_TITLES: Final = 5  # lines above a header that are looked for


@dataclass(frozen=True)
class Dialect:
    """How the fields of a delimited text are separated and quoted."""

    separator: str
    blanks: bool = False  # whether blanks after a separator are no part of the field
    escaped: bool = False  # whether a quote inside a quoted field is written \" instead of ""


class Extra(NamedTuple):
    """A field that every row has beyond the header's."""

    first: bool = False  # the row's number, as R writes it
    last: bool = False  # nothing: a separator ends each row


class Records(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def parse(lines: Iterable[str], dialect: Dialect) -> Records:
    """A strict csv reader; after an error it goes on with the next line."""
    if dialect.escaped:
        lines = (line.replace('\\"', '""') for line in lines)
    return csv.reader(lines, delimiter=dialect.separator, skipinitialspace=dialect.blanks, strict=True)


def is_blank(fields: Sequence[str], dialect: Dialect) -> bool:
    """Whether a record is a blank line."""
    return not fields or (len(fields) == 1 and dialect.separator != ONE_COLUMN and not fields[0].strip("\ufeff \t"))


def _records(sample: Sequence[str], dialect: Dialect) -> Iterator[list[str] | None]:
    """The records of a sample; None for one that is broken. What the sample's end cuts is left out."""
    reader = parse(sample, dialect)
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                return
            yield None
            continue
        if not is_blank(fields, dialect):
            yield fields


def _candidates(separators: Iterable[str]) -> Iterator[Dialect]:
    for separator in separators:
        plain = Dialect(separator)
        yield from (plain, replace(plain, blanks=True), replace(plain, escaped=True))


def find_dialect(sample: Sequence[str], separators: Sequence[str] = SEPARATORS) -> Dialect:
    """The dialect under which most of a sample's records have as many fields as its header, two at least.

    Of equals the plain one with the most columns wins; one column where no separator splits the header.
    """
    best, best_score = Dialect(ONE_COLUMN), (-1.0, False, 0)
    for dialect in _candidates(separators):
        records = _records(sample, dialect)
        header = next(records, None)
        if header is None or len(header) < 2:
            continue
        sizes = [len(fields) if fields else 0 for fields in records]
        share = sum(size == len(header) for size in sizes) / len(sizes) if sizes else 1.0
        plain = not (dialect.blanks or dialect.escaped)
        score = (share, plain, len(header))
        if score > best_score:
            best, best_score = dialect, score
    return best


def find_extra(sample: Sequence[str], dialect: Dialect) -> Extra:
    """Whether every row of a sample has one field more than the header, and which."""
    header, *rows = [fields for fields in _records(sample, dialect) if fields] or [[]]
    if not rows or any(len(fields) != len(header) + 1 for fields in rows):
        return Extra()
    if all(not fields[-1].strip() for fields in rows):
        return Extra(last=True)
    numbers = [fields[0] for fields in rows]
    return Extra(first=any(numbers == [str(number) for number in range(start, start + len(rows))] for start in (0, 1)))


_NUMBER = re.compile(r"[\d.,/: -]*\d[\d.,/: -]*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _looks_like_header(fields: Sequence[str]) -> bool:
    named = [field.strip() for field in fields if field.strip()]
    short = all(len(name) <= 40 and name[-1] not in ".!?" and not _NUMBER.fullmatch(name) for name in named)
    return short and len(named) >= 2 and len(set(named)) == len(named)


def is_headerless(sample: Sequence[str], dialect: Dialect) -> bool:
    """Whether the first record reads like a row: numbers where the rows have numbers, or prose."""
    header, *rows = [fields for fields in _records(sample, dialect) if fields][:50] or [[]]
    prose = any(len(name.split()) >= 8 and name.rstrip()[-1] in ".!" for name in header)
    columns = zip(*(fields for fields in rows if len(fields) == len(header)), strict=True)
    numbers = sum(
        bool(_NUMBER.fullmatch(name) and not _YEAR.fullmatch(name)) and all(map(_NUMBER.fullmatch, column))
        for name, column in zip(header, columns, strict=False)
    )
    return (prose and (numbers > 0 or len(header) == 1)) or 2 * numbers > len(header)


def _is_table(sample: Sequence[str], least: int) -> bool:
    """Whether a sample is a table with a header and at least as many columns, beyond doubt."""
    dialect = find_dialect(sample)
    records = list(_records(sample, dialect))
    header, *rows = records or [None]
    if not header or not rows or not _looks_like_header(header) or len(header) < least:
        return False
    if any(fields is None or len(fields) != len(header) for fields in rows):
        return False
    # Prose has commas and semicolons, too; it has no tabs, and no column of numbers.
    columns = zip(*(fields for fields in rows if fields), strict=True)
    return dialect.separator == "\t" or any(all(map(_NUMBER.fullmatch, column)) for column in columns)


def find_titles(sample: Sequence[str], dialect: Dialect) -> int:
    """How many lines of a sample are titles above the header: no row below fits them, but all fit a line below."""
    header, *rows = [fields for fields in _records(sample, dialect) if fields] or [[]]
    if not rows:
        return 0
    one_named = len(header) >= 2 and header[0].strip() and not any(field.strip() for field in header[1:])
    if one_named and len(rows) >= 2 and _looks_like_header(rows[0]):
        return 1  # saved from a sheet with all its separators
    if dialect.separator != ONE_COLUMN and 2 * sum(len(fields) == len(header) for fields in rows) > len(rows):
        return 0
    below = (count for count in range(1, min(_TITLES, len(sample) - 2) + 1))
    return next((count for count in below if _is_table(sample[count:], len(header) + 1)), 0)
