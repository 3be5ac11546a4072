"""Which training rows the keep rule selects, and how many."""

from __future__ import annotations

import pandas as pd

from brandmlm.config.params.filter import Filter
from brandmlm.core.errors import UserError
from brandmlm.filtering.signals import SIGNALS

Counts = dict[str, dict[str, int]]


def count_kept(corpus: pd.DataFrame, kept: pd.Series[bool], column: str) -> Counts:
    """Rows and kept rows by the values of a column, sorted; a null counts as "none"."""
    groups = kept.groupby(corpus[column].fillna("none"))
    return {str(value): {"rows": len(rows), "kept": int(rows.sum())} for value, rows in groups}


def count_passes(verdicts: pd.DataFrame) -> Counts:
    """Rows in which each signal holds, whatever the keep rule makes of it."""
    return {name: {"passed": int(verdicts[name].sum())} for name in SIGNALS}


def check_length_bounds(params: Filter) -> None:
    """Raise UserError where no text could have the signal `length`."""
    if params.min_words > params.max_words:
        raise UserError(
            f"params.yaml: filter.min_words ({params.min_words}) is above filter.max_words ({params.max_words}); "
            "lower the one or raise the other"
        )


def check_kept(verdicts: pd.DataFrame, rule: str) -> None:
    """Raise UserError where the rule keeps no row."""
    if not verdicts["kept"].any():
        passes = ", ".join(f"{name} {count['passed']:,}" for name, count in count_passes(verdicts).items())
        raise UserError(
            f"params.yaml: filter.rule: {rule!r} keeps none of {len(verdicts):,} rows; loosen it "
            f"(rows in which each signal holds: {passes})"
        )
