"""JSON values as cells."""

from __future__ import annotations

import json
from typing import Any, Final

from brandmlm.data.tables.frames import Cell

# A key that none of the first objects has is no column.
HEADER_OBJECTS: Final = 10_000

# Numbers keep their spelling: 5.0 stays "5.0". NaN is null, as the libraries that write it mean.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda name: None)


def decode_object(text: str, start: int = 0) -> tuple[dict[str, Any], int]:
    """The JSON object at a place of a text, and where it ends. Raises ValueError, which says what is wrong."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        hint = " (Python's quotes?)" if text.startswith("{'", start) else ""
        raise ValueError(f"not JSON: {error.msg} at character {error.pos - start + 1}{hint}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    if text.find("\\u", start, end) >= 0 and not _sound(value):
        raise ValueError("half of a surrogate pair")
    return value, end


def _sound(record: dict[str, Any]) -> bool:
    """Whether an object is text throughout: an escape can write half of a surrogate pair."""
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def cell_text(value: Any) -> Cell:
    """A value of JSON or Parquet as a cell: a list of texts as lines, other lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value) if value else None
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return None if value != value else str(value)  # NaN is no value
