"""Progress bars on standard error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress_bar(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    """A progress bar on standard error for work of more than two seconds."""
    return tqdm(items, total=total, desc=what, unit=" rows", unit_scale=True, delay=2, leave=False)
