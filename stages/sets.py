"""The sets of test rows on which perplexity is reported: the three that rows are kept in, and parts of the real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

# Name: the set that rows are kept in, and the sources of its rows that count; all where there are none.
SETS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "real": ("real", ()),
    "real_reviews": ("real", ("reviews",)),
    "real_products": ("real", ("products", "catalogue")),
    "synthetic": ("synthetic", ()),
    "general": ("general", ()),
}


def parts(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each set that has any; `rows`: columns set, source and others. A real row stands in two of them."""
    for name, (kept_in, sources) in SETS.items():
        part = rows[rows["set"] == kept_in]
        if sources:
            part = part[part["source"].isin(sources)]
        if len(part):
            yield name, part
