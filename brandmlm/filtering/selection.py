"""Count what the signals and the keep rule select, and refuse settings that select nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.config.brand.lexicon import NO_SENTIMENT, Lexicon
from brandmlm.config.params.filter import Filter
from brandmlm.core.errors import UserError
from brandmlm.filtering.signals import SIGNALS

_BY: Final = ("source", "label")  # columns by which kept rows are counted


@dataclass
class Selection:
    """What the keep rule selects, counted part by part."""

    rows: int = 0
    kept: int = 0
    passed: Counter[str] = field(default_factory=Counter)  # rows for which each signal is true, used by the rule or not
    _values: dict[str, Counter[tuple[str, bool]]] = field(default_factory=lambda: {name: Counter() for name in _BY})

    def add(self, corpus: pd.DataFrame, signals: pd.DataFrame) -> None:
        """Count a part. `signals`: from `evaluate_signals`, of the rows of `corpus` in their order."""
        self.rows += len(corpus)
        self.kept += int(signals["kept"].sum())
        for name in SIGNALS:
            if name in signals.columns:
                self.passed[name] += int(signals[name].sum())
        for column, counts in self._values.items():
            pairs = zip(corpus[column].fillna("none").tolist(), signals["kept"].tolist(), strict=True)
            counts.update(pairs)

    def by(self, column: str) -> dict[str, dict[str, int]]:
        """Rows and kept rows for each value of `source` or `label`, sorted; null is counted as "none"."""
        counts = self._values[column]
        values = sorted({value for value, _ in counts})
        return {
            value: {"rows": counts[value, True] + counts[value, False], "kept": counts[value, True]} for value in values
        }

    def document(self) -> dict[str, Any]:
        """The content of `counts.json`."""
        return {
            "rows": self.rows,
            "kept": self.kept,
            "signals": {name: {"passed": count} for name, count in self.passed.items()},
            "by_source": self.by("source"),
            "by_label": self.by("label"),
        }


def check_length_bounds(params: Filter) -> None:
    """Raise UserError if no text can have the signal `length`."""
    if params.min_words > params.max_words:
        raise UserError(
            f"params.yaml: filter.min_words ({params.min_words}) is above filter.max_words ({params.max_words}); "
            "lower the first or raise the second"
        )


def check_sentiment(rule: str, lexicon: Lexicon, path: Path) -> None:
    """Raise UserError if the keep rule asks for a sentiment that the brand does not have."""
    if lexicon.sentiment == NO_SENTIMENT and re.search(r"\bpositive\b", rule):
        raise UserError(
            f"params.yaml: filter.rule: 'positive' needs a sentiment, and {path} says `sentiment: none`; leave it out "
            "of the rule, or name a file in the brand's folder with a word, a tab and its score on each line"
        )


def check_kept(selection: Selection, rule: str) -> None:
    """Raise UserError if the rule keeps no row."""
    if not selection.kept:
        passes = ", ".join(f"{name} {count:,}" for name, count in selection.passed.items())
        raise UserError(
            f"params.yaml: filter.rule: {rule!r} keeps none of {selection.rows:,} rows; relax it "
            f"(rows for which each signal is true: {passes})"
        )
