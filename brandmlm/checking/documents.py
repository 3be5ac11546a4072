"""Read documents as passages of prose, in which every character keeps its place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from brandmlm.checking.allowed import blank_comments
from brandmlm.checking.markup import blank_html, blank_macros, blank_markdown
from brandmlm.core.errors import UserError

STDIN: Final = "-"


@dataclass(frozen=True)
class Passage:
    """A stretch of prose of a document.

    Attributes:
        text: the prose; what is no prose (markup, code, addresses) is blanked, so that places stay.
        source: the characters as they are in the document, as many.
        line: the line on which it begins, from 1.
        field: the column or key that it is the value of, for tables.
    """

    text: str
    source: str
    line: int
    field: str | None = None

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1; the column counts within the value for tables."""
        before = self.text[:offset]
        return self.line + before.count("\n"), offset - before.rfind("\n")

    def source_line(self, offset: int) -> str:
        """The whole line of the source in which a character stands."""
        start = self.source.rfind("\n", 0, offset) + 1
        end = self.source.find("\n", offset)
        return self.source[start : len(self.source) if end < 0 else end]


Reader = Callable[[str, str, str | None], Iterator[Passage]]


def read_passages(name: str, data: bytes, column: str | None, kind: str | None = None) -> Iterator[Passage]:
    """Yield a document's passages: of a table, its values; else the whole.

    Args:
        name: the file's name, for messages; its suffix decides how it is read, unless `kind` does.
        data: its bytes.
        column: of a table, the column or key whose values are checked; by default, all that hold text.
        kind: `text`, `markdown`, `html`, `csv` or `jsonl`.

    Raises:
        UserError: the document cannot be read, or has no such column; for tables also while it is read.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{name}: line {line}: not UTF-8; save the file with that encoding") from None
    reader = READERS[kind or KINDS.get(Path(name).suffix.lower(), "text")]
    if column is not None and reader not in (_csv, _jsonl):
        raise UserError(f"{name}: --column is for tables (.csv, .tsv, .jsonl); leave it out")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (passage for passage in reader(name, text, column) if passage.text.strip())


def read_text(text: str, kind: str) -> Passage:
    """A text as one passage; `kind`: `text`, `markdown` or `html`."""
    return Passage(blank_macros(BLANKS[kind](blank_comments(text))), text, 1)


def _whole(blank: Callable[[str], str]) -> Reader:
    def read(_: str, text: str, column: str | None) -> Iterator[Passage]:
        yield Passage(blank_macros(blank(blank_comments(text))), text, 1)

    return read


def _csv(name: str, text: str, column: str | None) -> Iterator[Passage]:
    """The cells of a table; the line is that on which the record begins."""
    header, _, _ = text.partition("\n")
    delimiter = max(",;\t|", key=header.count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        names = next(lines, [])
        places = _chosen(name, names, column)
        line = lines.line_num + 1
        for cells in lines:
            for place in places:
                if place < len(cells) and _is_prose(cells[place]):
                    yield _value(cells[place], line, names[place])
            line = lines.line_num + 1
    except csv.Error as error:
        raise UserError(f"{name}: line {lines.line_num}: not a readable table ({error}); correct it") from None


def _chosen(name: str, names: list[str], column: str | None) -> list[int]:
    if column is None:
        return [*range(len(names))]
    if column not in names:
        raise UserError(f"{name}: no column {column!r}; name one of {', '.join(map(repr, names))}")
    return [names.index(column)]


def _jsonl(name: str, text: str, column: str | None) -> Iterator[Passage]:
    found = column is None
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record: Any = json.loads(line)
        except (ValueError, RecursionError):
            raise UserError(f"{name}: line {number}: not a JSON object; write one per line") from None
        if not isinstance(record, dict):
            raise UserError(f"{name}: line {number}: not a JSON object; write one per line")
        found |= column in record
        for key, value in record.items():
            if isinstance(value, str) and column in (None, key) and _is_prose(value):
                yield _value(value, number, key)
    if not found and text.strip():
        raise UserError(f"{name}: no record has the key {column!r}; name another one with --column")


def _value(value: str, line: int, field: str) -> Passage:
    return Passage(blank_macros(blank_html(value)), value, line, field)


def _is_prose(value: str) -> bool:
    """Whether a value may be a text: it has a blank between words, so that names, numbers and identifiers are left."""
    return len(value.split()) > 1


BLANKS: Final[dict[str, Callable[[str], str]]] = {"text": str, "markdown": blank_markdown, "html": blank_html}

READERS: Final[dict[str, Reader]] = {
    **{kind: _whole(blank) for kind, blank in BLANKS.items()},
    "csv": _csv,
    "jsonl": _jsonl,
}

KINDS: Final = {
    ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
    ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip
