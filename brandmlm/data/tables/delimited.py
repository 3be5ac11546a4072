"""Delimited text: CSV and its relatives, read strictly; a row that is broken is skipped and counted."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.tables.bad_rows import BadRows
from brandmlm.data.tables.dialects import (
    SAMPLE_CHARACTERS,
    SEPARATORS,
    find_dialect,
    find_extra,
    find_titles,
    is_blank,
    is_headerless,
    parse,
)
from brandmlm.data.tables.encoding import Encoding, find_damage, read_lines
from brandmlm.data.tables.frames import frame_of_rows
from brandmlm.data.tables.options import ReadOptions

# Far above any review or description, far below what an unclosed quote swallows in a large file.
MAX_FIELD: Final = 1_000_000  # characters


@contextmanager
def _field_limit() -> Iterator[None]:
    """csv's limit is the process's: other readers must not find ours."""
    before = csv.field_size_limit(MAX_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _declared_separator(line: str) -> str | None:
    """The separator that a first line `sep=;` declares, as Excel understands it."""
    found = re.fullmatch(r'\ufeff?"?sep=(\\t|[^\r\n"])"?[\r\n]*', line, re.I)
    return None if found is None else "\t" if found[1] == "\\t" else found[1]


_PADDING: Final = "\ufeff\u00a0 \t"  # around a column's name


_Record = tuple[int, int, list[str]]  # the line on which it begins, how many it has, its fields


class DelimitedReader:
    """A delimited text whose header has been read."""

    unit: Final = "line"

    def __init__(self, path: Path, encoding: Encoding, options: ReadOptions) -> None:
        self._path, self._encoding, self._options = path, encoding, options
        sample = self._sample()
        declared = _declared_separator(sample[0]) if sample else None
        self._skipped = 1 if declared else 0  # lines before the header
        self._ended = True  # whether the last line read has an end; the last of a file that was cut off has none
        sample = sample[self._skipped :]
        with _field_limit():
            self._dialect = find_dialect(sample, declared or SEPARATORS)
            self._extra = find_extra(sample, self._dialect)
            titles = 0 if any(self._extra) else find_titles(sample, self._dialect)
            if titles:
                raise self._title_error(sample, titles)
            self.header = self._read_header()
            if is_headerless(sample, self._dialect):
                raise options.error(
                    f"line {self._skipped + 1} reads like a row, not like names of columns "
                    f"({self.header[0][:40]!r}, …); write the names above it"
                )

    def _sample(self) -> list[str]:
        sample: list[str] = []
        size = 0
        for line in read_lines(self._path, self._encoding, self._options):
            sample.append(line)
            size += len(line)
            if size >= SAMPLE_CHARACTERS:
                break
        return sample

    def _title_error(self, sample: Sequence[str], titles: int) -> UserError:
        first = self._skipped + 1
        lines = f"line {first} is a title" if titles == 1 else f"lines {first} to {first + titles - 1} are titles"
        title = next(line for line in sample if line.strip()).strip(_PADDING + "\r\n,;|^")[:60]
        return self._options.error(
            f"{lines} above the header ({title!r}); remove {'it' if titles == 1 else 'them'}, so that the names of "
            "the columns come first"
        )

    def _records(self, bad: BadRows) -> Iterator[_Record]:
        """Every record; broken ones go to the bad rows.

        Raises:
            UserError: a quote is never closed.
        """
        lines = itertools.islice(read_lines(self._path, self._encoding, self._options), self._skipped, None)
        reader = parse(self._remember_end(lines), self._dialect)
        start = self._skipped + 1
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                after = self._skipped + reader.line_num + 1
                bad.add(start, self._explain(str(error), start), after - start)
                start = after
                continue
            after = self._skipped + reader.line_num + 1
            if not is_blank(fields, self._dialect):
                yield start, after - start, fields
            start = after

    def _remember_end(self, lines: Iterator[str]) -> Iterator[str]:
        """The same lines; notes whether the last one so far ends as lines do."""
        for line in lines:
            self._ended = line.endswith(("\n", "\r"))
            yield line

    def _explain(self, message: str, start: int) -> str:
        """What csv found, in words that say what to correct. Raises UserError where no row below can be trusted."""
        if "unexpected end of data" in message:
            raise self._options.error(
                f"line {start}: a quote that opens in this row is never closed; close it, or export the file again"
            )
        if "field limit" in message:
            raise self._options.error(
                f"line {start}: a field of more than {MAX_FIELD:,} characters; is a quote not closed? correct it, or "
                "export the file again"
            )
        if "expected after" in message:
            return 'text after a closing quote (a quote inside a quoted field is written "")'
        return f"broken CSV ({message})"

    def _read_header(self) -> tuple[str, ...]:
        bad = BadRows(self._options, self.unit)
        line, _, fields = next(self._records(bad), (0, 0, []))
        if not bad.rows and (damage := find_damage("".join(fields), self._encoding)):
            bad.add(line, damage)
        if bad.rows:
            first = bad.rows[0]
            raise self._options.error(f"line {first.line}: the header cannot be read: {first.reason}; correct it")
        if not fields:
            raise self._options.error("nothing but blank lines; export or download it again")
        names = tuple(field.strip(_PADDING) for field in fields)
        if not any(names):
            raise self._options.error(f"line {line}: a header without names; write the columns' names there")
        return ("", *names) if self._extra.first else names

    def _is_header(self, fields: Sequence[str]) -> bool:
        # Of joined files the second may bring its byte-order mark along.
        names = self.header[1:] if self._extra.first else self.header
        return fields[0].strip(_PADDING) == names[0] and tuple(field.strip(_PADDING) for field in fields) == names

    def _rows(self, bad: BadRows) -> Iterator[tuple[int, list[str]]]:
        records = self._records(bad)
        next(records)  # the header
        size, damaged = len(self.header) + self._extra.last, self._encoding.damaged
        for line, lines, fields in records:
            if damaged and (damage := find_damage("".join(fields), self._encoding)):
                bad.add(line, damage, lines)
            elif self._is_header(fields):
                bad.add(line, "the header again (were files joined?)", lines)
            elif len(fields) < size and not self._ended:
                raise self._options.error(
                    f"line {line}: the file ends inside this row ({len(fields)} of {size} fields), so its end is lost; "
                    "download or export it again"
                )
            elif len(fields) != size:
                found = f"{len(fields)} field{'s' * (len(fields) != 1)}"
                bad.add(line, f"{found} where the header has {size}", lines)
            else:
                yield line, fields

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        rows = self._rows(bad)
        while True:
            with _field_limit():
                batch = list(itertools.islice(rows, size))
            if not batch:
                return
            yield frame_of_rows(batch, self.header, places)
