"""A JSON array of objects, on one line or many, read as a stream."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.tables.bad_rows import BadRows
from brandmlm.data.tables.encoding import Encoding, find_damage, read_chunks
from brandmlm.data.tables.frames import frame_of_rows
from brandmlm.data.tables.json_values import HEADER_OBJECTS, cell_text, decode_object
from brandmlm.data.tables.options import ReadOptions

MAX_OBJECT: Final = 1 << 24  # characters; an object that goes on is broken

_CHUNK: Final = 1 << 16  # characters

_SPACE = re.compile(r"[ \t\n\ufeff]*")


class _Stream:
    """A text of which only the part around the current place is in memory."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self._place = 0
        self.text = ""  # from the current place on, once `peek` was called
        self.line = 1

    def more(self) -> bool:
        """Read on by half of what is there, so that trying again and again stays linear; False at the end."""
        size = len(self.text)
        pieces = []
        for chunk in self._chunks:
            pieces.append(chunk)
            if 2 * sum(map(len, pieces)) >= size:
                break
        self.text += "".join(pieces)
        return bool(pieces)

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            found = _SPACE.match(self.text, self._place)
            self._advance(found.end() if found else self._place)
            if self._place < len(self.text):
                return self.text[self._place]
            self.text, self._place = "", 0
            if not self.more():
                return ""

    def skip(self) -> None:
        self._advance(self._place + 1)

    def _advance(self, place: int) -> None:
        self.line += self.text.count("\n", self._place, place)
        self._place = place

    def take_object(self) -> tuple[dict[str, Any], str]:
        """The object that begins here, and its text. Raises ValueError."""
        while True:
            try:
                record, end = decode_object(self.text, self._place)
                break
            except ValueError:
                if len(self.text) - self._place > MAX_OBJECT:
                    raise
                self.text, self._place = self.text[self._place :], 0
                if not self.more():
                    raise
        text = self.text[self._place : end]
        self._advance(end)
        return record, text


class JsonArrayReader:
    """An array whose first objects have been read."""

    unit: Final = "line"

    def __init__(self, path: Path, encoding: Encoding, options: ReadOptions) -> None:
        self._path, self._encoding, self._options = path, encoding, options
        self.header = tuple(
            {key: None for _, record in itertools.islice(self._objects(), HEADER_OBJECTS) for key in record}
        )
        if not self.header:
            raise options.error("the JSON array holds no object with a key; export the table again")

    def _objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects with the lines on which they begin.

        Raises:
            UserError: the array is broken: where the next object begins cannot be known.
        """
        stream = _Stream(read_chunks(self._path, self._encoding, _CHUNK))
        stream.peek()
        stream.skip()  # the bracket
        if stream.peek() == "]":
            return
        while True:
            if stream.peek() != "{":
                what = "holds something other than objects" if stream.peek() else "is never closed (a file cut off?)"
                raise self._broken(stream.line, f"the array {what}")
            line = stream.line
            try:
                record, text = stream.take_object()
            except ValueError as error:
                raise self._broken(line, str(error)) from None
            if damage := find_damage(text, self._encoding):
                raise self._broken(line, damage)
            yield line, record
            mark = stream.peek()
            if mark == "]":
                return
            if mark != ",":
                raise self._broken(stream.line, "no comma after an object" if mark else "the array is never closed")
            stream.skip()

    def _broken(self, line: int, why: str) -> UserError:
        return self._options.error(f"line {line}: broken JSON array: {why}; correct it, or save it as JSON Lines")

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        names = [self.header[place] for place in places]
        rows = ((number, [cell_text(record.get(name)) for name in names]) for number, record in self._objects())
        while batch := list(itertools.islice(rows, size)):
            yield frame_of_rows(batch, names, range(len(names)))
