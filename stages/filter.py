"""Decide which training rows the second model learns from, and look for drift in the reviews.

Comes in: the training side of the split, the brand's lexicon, and the cleaned corpus (for the reviews' dates).
Goes out: `train.parquet` (the kept rows), `verdicts.parquet` (every training row's id, signals and `kept`),
`counts.json` (rows kept by source and label, passes by signal), `drift.json` and `drift.parquet` (alarms; months).

The signals and UpTrain's part stand in `signals.py`, the keep rule in `keep_rule.py`, the drift in `drift.py`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd

from stages.brand import load_lexicon
from stages.cli import UserError, run, say
from stages.corpus import read_corpus, write_table
from stages.drift import Drift, find_drift
from stages.files import atomic_folder, write_json
from stages.params import Filter, load_params
from stages.signals import SIGNALS, judge, signal_words

Counts = dict[str, dict[str, int]]


def count_kept(corpus: pd.DataFrame, kept: pd.Series[bool], column: str) -> Counts:
    """Rows and kept rows by the values of a column, sorted; a null counts as "none"."""
    groups = kept.groupby(corpus[column].fillna("none"))
    return {str(value): {"rows": len(rows), "kept": int(rows.sum())} for value, rows in groups}


def count_passes(verdicts: pd.DataFrame) -> Counts:
    """Rows in which each signal holds, whatever the keep rule makes of it."""
    return {name: {"passed": int(verdicts[name].sum())} for name in SIGNALS}


def check_params(params: Filter) -> None:
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


def describe_drift(drift: Drift, warm_up: int) -> str:
    """One line on what the detector found."""
    if drift.reviews <= warm_up:
        return f"filter: drift: {drift.reviews} dated reviews, too few for an alarm (warm-up {warm_up})"
    dates = ", ".join(alarm["date"] for alarm in drift.alarms)
    alarms = f"{len(drift.alarms)} alarms ({dates})" if dates else "no alarm"
    return f"filter: drift: {drift.reviews:,} dated reviews, {drift.bad:,} of 2 stars or fewer, {alarms}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Decide which training rows the second model learns from.")
    parser.add_argument("--split", type=Path, required=True, help="folder with train.parquet")
    parser.add_argument("--reviews", type=Path, required=True, help="folder with the cleaned corpus.parquet")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's lexicon.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder for the kept rows, verdicts, counts and drift")
    arguments = parser.parse_args()
    started = time.perf_counter()

    params = load_params().filter
    check_params(params)
    corpus = read_corpus(arguments.split / "train.parquet")
    words = signal_words(load_lexicon(arguments.lexicon))
    verdicts = judge(arguments.split / "train.parquet", words, params).to_pandas()
    check_kept(verdicts, params.rule)
    kept = corpus["id"].isin(verdicts["id"][verdicts["kept"]])
    drift = find_drift(read_corpus(arguments.reviews / "corpus.parquet"), params.drift_warm_up)

    by_source = count_kept(corpus, kept, "source")
    counts = {
        "rows": len(corpus),
        "kept": int(kept.sum()),
        "signals": count_passes(verdicts),
        "by_source": by_source,
        "by_label": count_kept(corpus, kept, "label"),
    }
    with atomic_folder(arguments.out) as out:
        write_table(corpus[kept], out / "train.parquet")
        write_table(verdicts, out / "verdicts.parquet")
        write_json(out / "counts.json", counts)
        write_json(
            out / "drift.json",
            {"reviews": drift.reviews, "bad": drift.bad, "alarms": drift.alarms, "warnings": drift.warnings},
        )
        write_table(drift.months, out / "drift.parquet")

    sources = ", ".join(f"{name} {count['kept']:,} of {count['rows']:,}" for name, count in by_source.items())
    say(
        f"filter: {len(corpus):,} rows in, {counts['kept']:,} kept by {params.rule!r} ({sources}), "
        f"{time.perf_counter() - started:.1f} s"
    )
    say(describe_drift(drift, params.drift_warm_up))


if __name__ == "__main__":
    run(main)
