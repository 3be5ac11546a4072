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
    literal: bool = False  # whether quotes are characters like others

    @property
    def is_plain(self) -> bool:
        return not (self.blanks or self.escaped or self.literal)


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
    return csv.reader(
        lines,
        delimiter=dialect.separator,
        skipinitialspace=dialect.blanks,
        quoting=csv.QUOTE_NONE if dialect.literal else csv.QUOTE_MINIMAL,
        strict=True,
    )


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


def _variants(separator: str) -> Iterator[Dialect]:
    plain = Dialect(separator)
    yield from (plain, replace(plain, blanks=True), replace(plain, escaped=True))
    if separator not in ",;":  # prose contains these, so such a file needs quotes
        yield replace(plain, literal=True)


def _quotes_are_literal(records: Sequence[Sequence[str] | None]) -> bool:
    """Whether quotes, read as characters, seem to be no more: the header has none, and of the fields that begin with
    one a tenth or more do not end with one."""
    header, *rows = [fields for fields in records if fields]
    opened = [field for fields in rows for field in fields if field.startswith('"')]
    unpaired = sum(len(field) == 1 or not field.endswith('"') for field in opened)
    return not any('"' in name for name in header) and 10 * unpaired >= len(opened) > 0


def _share(records: Sequence[Sequence[str] | None]) -> float:
    """The share of the records that have as many fields as the first."""
    header, *rows = records
    fitting = sum(fields is not None and len(fields) == len(header or ()) for fields in rows)
    return fitting / len(rows) if rows else 1.0


def find_dialect(sample: Sequence[str], separators: Sequence[str] = SEPARATORS) -> Dialect:
    """The dialect under which most of a sample's records have as many fields as its header, two at least.

    Of equals the plain one with the most columns wins; one column where no separator splits the header.
    """
    for choice, least in ((separators, 2), (ONE_COLUMN, 1)):
        scored: list[tuple[float, bool, int, Dialect]] = []
        for dialect in (variant for separator in choice for variant in _variants(separator)):
            records = list(_records(sample, dialect))
            header = records[0] if records else None
            if header and len(header) >= least and (not dialect.literal or _quotes_are_literal(records)):
                scored.append((_share(records), dialect.is_plain, len(header), dialect))
        if scored:
            return max(scored, key=lambda score: score[:3])[3]
    return Dialect(ONE_COLUMN)


def find_extra(sample: Sequence[str], dialect: Dialect) -> Extra:
    """Whether every row of a sample has one field more than the header, and which."""
    header, *rows = [fields for fields in _records(sample, dialect) if fields] or [[]]
    if not rows or any(len(fields) != len(header) + 1 for fields in rows):
        return Extra()
    if all(not fields[-1].strip() for fields in rows):
        return Extra(last=True)
    firsts = [fields[0] for fields in rows]
    return Extra(first=firsts[0] in ("0", "1") and firsts == [str(int(firsts[0]) + step) for step in range(len(rows))])


_NUMBER = re.compile(r"[\d.,/: -]*\d[\d.,/: -]*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def _looks_like_header(fields: Sequence[str]) -> bool:
    named = [field.strip() for field in fields if field.strip()]
    short = all(len(name) <= 40 and name[-1] not in ".!?" and not _NUMBER.fullmatch(name) for name in named)
    return short and len(named) >= 2 and len(set(named)) == len(named)


def _is_range(numbers: Sequence[int]) -> bool:
    return list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))


def is_headerless(sample: Sequence[str], dialect: Dialect) -> bool:
    """Whether the first record reads like a row: numbers where the rows have numbers, or prose."""
    header, *rows = [fields for fields in _records(sample, dialect) if fields][:50] or [[]]
    prose = any(len(name.split()) >= 8 and name.rstrip()[-1] in ".!" for name in header)
    columns = zip(*(fields for fields in rows if len(fields) == len(header)), strict=True)
    numbers = [
        name
        for name, column in zip(header, columns, strict=False)
        if _NUMBER.fullmatch(name) and not _YEAR.fullmatch(name) and all(map(_NUMBER.fullmatch, column))
    ]
    if len(numbers) > 1 and all(name.isdigit() for name in numbers) and _is_range([int(name) for name in numbers]):
        return False  # columns that are numbered
    return (prose and (bool(numbers) or len(header) == 1)) or 2 * len(numbers) > len(header)


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
    counts = range(1, min(_TITLES, len(sample) - 2) + 1)
    return next((count for count in counts if _is_table(sample[count:], len(header) + 1)), 0)
