"""Progress bars on standard error, shown once the work has taken two seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn, TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress_bar(label: str, items: Iterable[T], total: int | None = None) -> tqdm[T]:
    """Show progress in an iteration over rows; `total` is their number if `items` has no length."""
    return tqdm(items, total=total, desc=label, unit=" rows", unit_scale=True, delay=2, leave=False)


def progress_counter(label: str, total: int | None = None, unit: str = "rows", *, shown: bool = True) -> tqdm[NoReturn]:
    """A bar that the caller advances by calling `update`."""
    return tqdm(total=total, desc=label, unit=f" {unit}", unit_scale=True, delay=2, leave=False, disable=not shown)
