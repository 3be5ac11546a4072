"""Parse cells of raw tables: ratings and dates."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

_DATE_FORMATS: Final = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")


def parse_stars(value: str) -> int | None:
    """Parse a rating of 1 to 5 stars; averages are rounded, half a star up. None for 0 and anything else."""
    try:
        stars = math.floor(float(value) + 0.5)
    except (ValueError, OverflowError):
        return None
    return stars if 1 <= stars <= 5 else None


def parse_date(value: str) -> str | None:
    """Parse a date to YYYY-MM-DD. None for anything else, and for dates such as 3/4, which are ambiguous."""
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
