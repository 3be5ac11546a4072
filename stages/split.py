"""Deal the rows to train, validation and test.

Comes in: the cleaned corpus (`clean`) and the synthetic one (`synthesize`).
Goes out: `train.parquet`, `validation.parquet`, `test.parquet` (the corpus table and its further columns, null where a
row's source has no such value) and `counts.json`: rows by side and source, and synthetic sentences dropped because a
real text says the same.

A row's side depends on its group, the salt and the shares, and on nothing else: other rows may come and go, and no
group stands on two sides. The price is that the shares are met on average over groups only. A few dozen template
frames fall out unevenly, which is why the shares obtained are printed, source by source; another salt deals anew.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Final

import pandas as pd

from stages.cli import UserError, run, say
from stages.corpus import COLUMNS, make_corpus, read_corpus, stable_hash, write_table
from stages.files import atomic_folder, write_json
from stages.params import Split, load_params

SIDES: Final = ("train", "validation", "test")
FURTHER_COLUMNS: Final = ("date", "word")  # always there, so that the stages after this one need not ask


def side_of(group: str, params: Split) -> str:
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


def deal(corpus: pd.DataFrame, params: Split) -> dict[str, pd.DataFrame]:
    """The corpus cut into its sides, rows in their order. Raises UserError where a side is left without a row."""
    sides = corpus["group"].map({group: side_of(group, params) for group in corpus["group"].unique()})
    dealt = {side: corpus[sides == side].reset_index(drop=True) for side in SIDES}
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Deal the rows to train, validation and test by group.")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the cleaned corpus.parquet")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three tables and counts.json")
    arguments = parser.parse_args()
    started = time.perf_counter()

    params = load_params().split
    check_shares(params)
    corpus, equal_to_real = unite(
        read_corpus(arguments.corpus / "corpus.parquet"), read_corpus(arguments.synthetic / "corpus.parquet")
    )
    dealt = deal(corpus, params)
    sources = sorted(corpus["source"].unique())
    with atomic_folder(arguments.out) as out:
        for side, rows in dealt.items():
            write_table(rows, out / f"{side}.parquet")
        counts = {side: count_sources(rows, sources) for side, rows in dealt.items()}
        write_json(out / "counts.json", {**counts, "equal_to_real": {"synthetic": equal_to_real}})

    for source in sources:
        say(describe(dealt, source))
    sizes = ", ".join(f"{len(rows):,} {side}" for side, rows in dealt.items())
    say(
        f"split: {len(corpus) + equal_to_real:,} rows in, {sizes}, {equal_to_real} synthetic dropped as equal "
        f"to a real text, {time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
