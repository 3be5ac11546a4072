"""Progress on standard error, once the work has taken two seconds: a bar in a terminal, about ten lines in a log."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sized
from typing import Any, Final, NoReturn, TypeVar

from tqdm import tqdm

T = TypeVar("T")

LINES: Final = 10  # of a log, where the total is known

SECONDS: Final = 30.0  # between two lines, where it is not

_LINE: Final = "{desc}: {percentage:.0f} % of {total_fmt} {unit}s, {elapsed}, {remaining} left{postfix}"

_LINE_WITHOUT_TOTAL: Final = "{desc}: {n_fmt} {unit}s, {elapsed}{postfix}"


class _Log:
    """Standard error for tqdm, with a line for each state of a bar."""

    def write(self, text: str) -> None:
        if line := text.strip("\r\n "):
            sys.stderr.write(f"{line}\n")

    def flush(self) -> None:
        sys.stderr.flush()


def _options(total: float | None, unit: str, shown: bool) -> dict[str, Any]:
    common = {"unit": unit, "unit_scale": True, "delay": 2, "leave": False, "disable": not shown}
    if sys.stderr.isatty():
        return {**common, "unit": f" {unit}s", "mininterval": 1}
    if total is None:
        sparse: dict[str, Any] = {"mininterval": SECONDS, "bar_format": _LINE_WITHOUT_TOTAL}
    else:
        sparse = {"mininterval": 0, "miniters": max(1, math.ceil(total / LINES)), "bar_format": _LINE}
    return {**common, **sparse, "file": _Log(), "maxinterval": math.inf}


def progress_bar(label: str, items: Iterable[T], total: int | None = None) -> tqdm[T]:
    """Show progress in an iteration over rows; `total` is their number if `items` has no length."""
    known = len(items) if total is None and isinstance(items, Sized) else total
    return tqdm(items, total=known, desc=label, **_options(known, "row", shown=True))


def progress_counter(
    label: str, total: int | None = None, unit: str = "row", *, initial: int = 0, shown: bool = True
) -> tqdm[NoReturn]:
    """Progress that the caller advances by calling `update`.

    Args:
        label: What is done.
        total: Number of units, where it is known.
        unit: What is counted, in the singular.
        initial: How many of them are done already.
        shown: Whether anything is shown.
    """
    return tqdm(total=total, initial=initial, desc=label, **_options(total, unit, shown))
