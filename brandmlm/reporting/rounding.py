"""Rounding of what the report publishes.

Hardware differs in the order in which it adds: the same weights give losses that agree to about the sixth digit.
Metrics, plot data, pages and pictures are made from rounded numbers, so that git sees a change only where there is one.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

DIGITS: Final = 4  # significant digits of metrics

ROUNDING: Final = 1e-3  # relative: the last of four digits; a smaller difference of two published metrics is none

DRAWN_DIGITS: Final = 3  # of numbers from which figures are drawn

PERCENT_DECIMALS: Final = 2  # of differences in per cent: their error is absolute, 100 times that of a ratio near 1


def rounded(value: Any, digits: int = DIGITS) -> Any:
    """The same nested value with floats rounded to significant digits."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def rounded_percentages(value: Any) -> Any:
    """The same nested value with floats rounded to `PERCENT_DECIMALS` decimals, and without a negative zero."""
    if isinstance(value, dict):
        return {key: rounded_percentages(inner) for key, inner in value.items()}
    return round(value, PERCENT_DECIMALS) + 0.0 if isinstance(value, float) else value


def with_rounded(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """A copy of a table with the given columns rounded to `DRAWN_DIGITS` significant digits; nulls stay."""
    return table.assign(**{name: [rounded(float(value), DRAWN_DIGITS) for value in table[name]] for name in columns})
