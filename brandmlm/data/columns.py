"""Cells of raw tables read as values: stars and dates."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

# --- from a source's columns to rows of text -------------------------------------------------------------------------


def read_stars(value: str) -> int | None:
    """Stars as a whole number of 1 to 5; an average is rounded, half a star up; none (0, empty, no number) is null."""
    try:
        stars = math.floor(float(value) + 0.5)
    except (ValueError, OverflowError):
        return None
    return stars if 1 <= stars <= 5 else None


_DATE_FORMATS: Final = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")


def read_date(value: str) -> str | None:
    """A date as YYYY-MM-DD; null where it cannot be read, or only by guessing whether 3/4 is in March or in April."""
    value = value.strip()
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value, form).date().isoformat()
        except ValueError:
            continue
    return None
