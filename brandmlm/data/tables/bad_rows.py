"""Rows that cannot be read: skipped and counted, up to a share of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from brandmlm.data.tables.options import ReadOptions

# From this many on, a table beyond its share is given up before its end.
HOPELESS: Final = 10_000

SHOWN: Final = 3  # bad rows that a message lists


@dataclass(frozen=True)
class BadRow:
    """A row that was skipped."""

    line: int  # where it begins, as the reader counts (`Reader.unit`)
    reason: str
    lines: int = 1  # how many lines it takes; rows may hide in each after an unbalanced quote


class BadRows:
    """Collects the skipped rows of one pass over a table.

    A bad row weighs as many rows as it has lines: an unbalanced quote joins what may be several rows.
    """

    def __init__(self, options: ReadOptions, unit: str) -> None:
        self.rows: list[BadRow] = []
        self._options = options
        self._unit = unit
        self._weight = 0

    def add(self, line: int, reason: str, lines: int = 1) -> None:
        self.rows.append(BadRow(line, reason, lines))
        self._weight += lines

    def _listed(self) -> str:
        shown = "; ".join(f"{self._unit} {row.line}: {row.reason}" for row in self.rows[:SHOWN])
        more = len(self.rows) - SHOWN
        return f"{shown}; and {more:,} more" if more > 0 else shown

    def check(self, good: int, done: bool = True) -> None:
        """Raise UserError where more rows are bad than `max_bad_rows` allows.

        Args:
            good: rows read so far.
            done: whether that is the whole table; before its end only a hopeless one is given up.
        """
        if not self.rows or (not done and self._weight < HOPELESS):
            return
        share, total = self._options.max_bad_rows, good + self._weight
        allowed = max(1.0, share * total) if share > 0 and good else 0.0
        if self._weight > allowed:
            hint = "is the first line the header? " if self._weight > good else ""
            raise self._options.error(
                f"{self._weight:,} of {total:,} rows cannot be read ({self._listed()}), more than max_bad_rows "
                f"({share:.4g}) allows; {hint}correct them, or raise {self._options.setting('max_bad_rows')}"
            )

    def summary(self, good: int) -> str | None:
        """One line about what was skipped, if anything was."""
        if not self.rows:
            return None
        total = f"{good + self._weight:,}"
        return f"{self._options.name}: {self._weight:,} of {total} rows skipped ({self._listed()})"
