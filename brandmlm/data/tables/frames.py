"""What every reader of a format gives: a header, and batches of rows as tables of strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from brandmlm.data.tables.bad_rows import BadRows

Cell = str | None


class Reader(Protocol):
    """One open table."""

    @property
    def header(self) -> tuple[str, ...]:
        """The columns' names, as they are; empty: a column without a name."""
        ...

    @property
    def unit(self) -> str:
        """What the numbers of rows count: "line" or "row"."""
        ...

    def batches(self, places: Sequence[int], size: int, bad: BadRows) -> Iterator[pd.DataFrame]:
        """The columns at these places of the header, at most `size` rows a batch; what is skipped goes to `bad`."""
        ...


def make_frame(numbers: Iterable[int], columns: Iterable[Any], names: Sequence[str]) -> pd.DataFrame:
    """A table of strings, null where a cell is None; the index `line` says where each row begins in the file.

    Args:
        numbers: where the rows begin.
        columns: lists of cells, or Arrow arrays of strings.
        names: of the columns.
    """
    index = pd.Index(np.fromiter(numbers, dtype="int64"), name="line")
    series = [
        pd.Series(pd.array(cells, dtype="str"), index=index, name=name)
        for cells, name in zip(columns, names, strict=True)
    ]
    return pd.concat(series, axis=1) if series else pd.DataFrame(index=index)


def frame_of_rows(
    rows: Sequence[tuple[int, Sequence[Cell]]], header: Sequence[str], places: Sequence[int]
) -> pd.DataFrame:
    """The same from rows, each with its number."""
    columns = [[cells[place] for _, cells in rows] for place in places]
    return make_frame([number for number, _ in rows], columns, [header[place] for place in places])
