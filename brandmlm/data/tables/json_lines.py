"""JSON Lines: one object a line; other lines are skipped and counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.tables.bad_rows import BadRows
from brandmlm.data.tables.encoding import Encoding, find_damage, read_lines
from brandmlm.data.tables.frames import frame_of_rows
from brandmlm.data.tables.json_values import HEADER_OBJECTS, cell_text, decode_object
from brandmlm.data.tables.options import ReadOptions

_PADDING: Final = "\ufeff \t\r\n"


def _not_a_table(what: str, options: ReadOptions) -> UserError:
    return options.error(
        f"this is one JSON object {what}, not a table; save the list inside it as a JSON array of objects or as JSON "
        "Lines (one object a line)"
    )


def _holds_rows(line: str) -> bool:
    """Whether the only object of a file is a table itself: one in a list ({"reviews": [{…}]}), or by columns, as pandas
    writes it by default ({"text": {"0": …}})."""
    try:
        values = decode_object(line)[0].values()
    except ValueError:
        return False
    lists = (value for value in values if isinstance(value, list))
    in_list = any(value and isinstance(value[0], dict | list) for value in lists)
    return in_list or (bool(values) and all(isinstance(value, dict) for value in values))


class JsonLinesReader:
    """A file of objects, the first of which have been read."""

    unit: Final = "line"

    def __init__(self, path: Path, encoding: Encoding, options: ReadOptions) -> None:
        self._path, self._encoding, self._options = path, encoding, options
        lines = filter(None, (line.strip(_PADDING) for line in read_lines(path, encoding, options)))
        first, second = (*itertools.islice(lines, 2), "", "")[:2]
        if not first.endswith("}") and not second.startswith("{"):
            raise _not_a_table("over several lines", options)
        if not second and _holds_rows(first):
            raise _not_a_table("with all rows inside", options)
        bad = BadRows(options, self.unit)
        keys = {key: None for _, record in itertools.islice(self._objects(bad), HEADER_OBJECTS) for key in record}
        if not keys:
            bad.check(0)
            raise options.error("its JSON objects are empty; export the table again")
        self.header = tuple(keys)

    def _objects(self, bad: BadRows) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(read_lines(self._path, self._encoding, self._options), start=1):
            text = line.strip(_PADDING)
            if not text:
                continue
            try:
                if damage := find_damage(text, self._encoding):
                    raise ValueError(damage)
                record, end = decode_object(text)
                if end < len(text):
                    raise ValueError("text after the object")
            except ValueError as error:
                bad.add(number, str(error))
            else:
                yield number, record

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        names = [self.header[place] for place in places]
        rows = ((number, [cell_text(record.get(name)) for name in names]) for number, record in self._objects(bad))
        while batch := list(itertools.islice(rows, size)):
            yield frame_of_rows(batch, names, range(len(names)))
