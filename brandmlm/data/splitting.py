"""Split a corpus into train, validation and test by group."""

from __future__ import annotations

from typing import Final

import pandas as pd

from brandmlm.config.params.split import Split
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import COLUMNS, make_corpus, stable_hash

SPLITS: Final = ("train", "validation", "test")

FURTHER_COLUMNS: Final = ("date", "word")  # always there, so that the stages after this one need not ask


def split_of(group: str, params: Split) -> str:
    """The side of a group. Test takes the low end of the hash's range, so that a change of the validation share
    never moves a row into or out of the test set."""
    place = stable_hash(params.salt, group) / 2**64
    if place < params.test:
        return "test"
    return "validation" if place < params.test + params.validation else "train"


def unite(real: pd.DataFrame, synthetic: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Both corpora as one canonical table, and the number of synthetic sentences left out because a real text is equal.

    A column that only one of them has is null in the other's rows.
    """
    fresh = synthetic[~synthetic["id"].isin(real["id"])]
    further = dict.fromkeys([*FURTHER_COLUMNS, *real.columns, *synthetic.columns])
    columns = [*COLUMNS, *(column for column in further if column not in COLUMNS)]
    parts = [part.reindex(columns=columns).astype(_column_types(columns)) for part in (real, fresh)]
    return make_corpus(pd.concat(parts, ignore_index=True)), len(synthetic) - len(fresh)


def _column_types(columns: list[str]) -> dict[str, str]:
    return {column: "Int64" if column == "rating" else "string" for column in columns}


def split_corpus(corpus: pd.DataFrame, params: Split) -> dict[str, pd.DataFrame]:
    """The corpus cut into its sides, rows in their order. Raises UserError where a side is left without a row."""
    sides = corpus["group"].map({group: split_of(group, params) for group in corpus["group"].unique()})
    dealt = {side: corpus[sides == side].reset_index(drop=True) for side in SPLITS}
    for side, rows in dealt.items():
        if rows.empty:
            keys = "split.validation and split.test" if side == "train" else f"split.{side}"
            raise UserError(
                f"params.yaml: {keys}: no group of {corpus['group'].nunique()} fell to {side}; "
                "change the share, take another split.salt, or give the pipeline more rows"
            )
    return dealt


def check_shares(params: Split) -> None:
    """Raise UserError where nothing would be left to train on."""
    if params.validation + params.test >= 1:
        raise UserError(
            f"params.yaml: split.validation ({params.validation}) and split.test ({params.test}) "
            "make 1 or more together; lower one, so that rows are left to train on"
        )


def count_sources(rows: pd.DataFrame, sources: list[str]) -> dict[str, int]:
    """Rows by source, zeros included, sources in the order given."""
    counted = rows["source"].value_counts()
    return {source: int(counted.get(source, 0)) for source in sources}


def describe(dealt: dict[str, pd.DataFrame], source: str) -> str:
    """One line on how a source's rows and groups fell out, and on which sides it lacks."""
    parts = {side: rows[rows["source"] == source] for side, rows in dealt.items()}
    total = sum(len(part) for part in parts.values())
    rows = ", ".join(f"{side} {len(part):,} ({len(part) / total:.1%})" for side, part in parts.items())
    groups = " / ".join(f"{part['group'].nunique():,}" for part in parts.values())
    absent = [side for side, part in parts.items() if part.empty]
    warning = f"; NO ROWS in {' and '.join(absent)}" if absent else ""
    return f"split: {source}: {rows}; groups {groups}{warning}"
