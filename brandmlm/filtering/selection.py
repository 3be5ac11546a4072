"""Count what the signals and the keep rule select, and refuse settings that select nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from brandmlm.config.brand.lexicon import NO_SENTIMENT, Lexicon
from brandmlm.config.params.filter import Filter
from brandmlm.core.errors import UserError
from brandmlm.filtering.signals import SIGNALS

Counts = dict[str, dict[str, int]]


def count_kept(corpus: pd.DataFrame, kept: pd.Series[bool], column: str) -> Counts:
    """Rows and kept rows for each value of a column, sorted; null is counted as "none"."""
    groups = kept.groupby(corpus[column].fillna("none"))
    return {str(value): {"rows": len(rows), "kept": int(rows.sum())} for value, rows in groups}


def count_passes(signals: pd.DataFrame) -> Counts:
    """Rows for which each signal is true, whether the keep rule uses it or not."""
    return {name: {"passed": int(signals[name].sum())} for name in SIGNALS}


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


def check_kept(signals: pd.DataFrame, rule: str) -> None:
    """Raise UserError if the rule keeps no row."""
    if not signals["kept"].any():
        passes = ", ".join(f"{name} {count['passed']:,}" for name, count in count_passes(signals).items())
        raise UserError(
            f"params.yaml: filter.rule: {rule!r} keeps none of {len(signals):,} rows; relax it "
            f"(rows for which each signal is true: {passes})"
        )
