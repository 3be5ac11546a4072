"""Progress bars on standard error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress_bar(label: str, items: Iterable[T] = (), *, total: int | None = None, unit: str = " rows") -> tqdm[T]:
    """Show a bar on standard error once the work has taken two seconds.

    Args:
        label: What is being done; the bar begins with it.
        items: What to iterate over; without items, call `update` on the bar.
        total: Number of items; read from `items` if they have a length.
        unit: What is counted.
    """
    return tqdm(items, total=total, desc=label, unit=unit, unit_scale=True, delay=2, leave=False)
