"""Split a corpus into train, validation and test by group.

The split of a row depends only on its group, the salt and the shares: rows may come and go, and no group is in two
splits. In return, the shares hold only on average over many groups.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

import pandas as pd

from brandmlm.config.params.split import Split
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import COLUMNS, stable_hash

SPLITS: Final = ("train", "validation", "test")

SYNTHETIC: Final = "synthetic"  # the source of sentences that are not real text

FURTHER_COLUMNS: Final = ("date", "word")  # always present, so that later stages need not check


def split_of(group: str, params: Split) -> str:
    """The split of a group. Test is the low end of the hash's range, so that a change of the validation share never
    moves a row into or out of the test set."""
    return split_at(stable_hash(params.salt, group), params)


def split_at(hashed: int, params: Split) -> str:
    """The split of a group by its hash with the salt (64 bits)."""
    position = hashed / 2**64
    if position < params.test:
        return "test"
    return "validation" if position < params.test + params.validation else "train"


def merged_columns(real: Iterable[str], synthetic: Iterable[str]) -> list[str]:
    """The columns of the merged corpus."""
    further = dict.fromkeys([*FURTHER_COLUMNS, *real, *synthetic])
    return [*COLUMNS, *(column for column in further if column not in COLUMNS)]


def in_columns(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows with the columns of the merged corpus, null where they have none of them."""
    types = {column: "Int64" if column == "rating" else "string" for column in columns}
    return rows.reindex(columns=columns).astype(types)


def split_corpus(corpus: pd.DataFrame, params: Split) -> dict[str, pd.DataFrame]:
    """Split a corpus; rows keep their order. Raises UserError if a split has no real or no synthetic rows of those that
    the corpus has."""
    split = corpus["group"].map({group: split_of(group, params) for group in corpus["group"].unique()})
    synthetic = corpus["source"] == SYNTHETIC
    for kind, rows in (("real", corpus[~synthetic]), ("synthetic", corpus[synthetic])):
        check_filled(set(split[rows.index]), kind, rows["group"].nunique(), params)
    return {name: corpus[split == name].reset_index(drop=True) for name in SPLITS}


def check_filled(present: Collection[str], kind: str, groups: int, params: Split) -> None:
    """Raise UserError if only some splits have rows.

    Args:
        present: The splits that have some.
        kind: "real" or "synthetic" rows.
        groups: The number of their groups.
        params: The shares.
    """
    absent = [name for name in SPLITS if name not in present] if present else []
    if absent:
        raise UserError(f"params.yaml: {_no_rows(absent[0], kind, groups, params)}")


def _no_rows(name: str, kind: str, groups: int, params: Split) -> str:
    """That a split has no rows of a kind, and what to do."""
    if name == "train":
        keys = f"split.validation and split.test: {params.validation} and {params.test} leave"
        remedy = "lower them"
    else:
        keys = f"split.{name}: a share of {getattr(params, name)} leaves"
        remedy = f"raise split.{name}"
    source = "real texts of other products" if kind == "real" else "frames in templates.yaml"
    return (
        f"{keys} {name} without {kind} rows: none of {groups:,} groups is there; {remedy}, give more {source}, or "
        "choose another split.salt"
    )


def check_shares(params: Split) -> None:
    """Raise UserError if no rows would be left to train on."""
    if params.validation + params.test >= 1:
        raise UserError(
            f"params.yaml: split.validation ({params.validation}) and split.test ({params.test}) "
            "add up to 1 or more; lower one, so that rows are left to train on"
        )
