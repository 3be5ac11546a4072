"""Select the training rows of v2, and detect drift in the reviews.

In:  train.parquet of the split, the brand's lexicon, and the cleaned corpus with the kinds of its sources (for
     the dates of the reviews).
Out: `train.parquet` (the kept rows), `signals.parquet` (id, signals and `kept` of every training row; `positive` only
     if the rule asks for it), `counts.json`
     (kept rows by source and label, rows by signal), `drift.json` (alarms and warnings), `drift.parquet` (by month).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.filter import Filter
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, read_json, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import write_table
from brandmlm.data.table_parts import TableWriter, check_corpus, read_parts
from brandmlm.filtering.drift import describe_drift, find_drift
from brandmlm.filtering.selection import Selection, check_kept, check_length_bounds, check_sentiment
from brandmlm.filtering.signals import signal_words
from brandmlm.filtering.uptrain_operators import evaluate_signals


class Params(Sections):
    filter: Filter


def main() -> None:
    parser = argparse.ArgumentParser(description="Select the training rows of v2, and detect drift in the reviews.")
    parser.add_argument("--split", type=Path, required=True, help="folder with train.parquet")
    parser.add_argument("--reviews", type=Path, required=True, help="folder with clean's corpus and tables.json")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's lexicon.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder for the kept rows, signals, counts and drift")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read().filter
    check_length_bounds(params)
    lexicon = load_lexicon(arguments.lexicon)
    check_sentiment(params.rule, lexicon, arguments.lexicon)
    training, corpus = arguments.split / "train.parquet", arguments.reviews / "corpus.parquet"
    check_corpus(training)
    reviews = [source for source, table in read_json(arguments.reviews / "tables.json").items() if table == "review"]
    dated = [column for column in ("id", "source", "rating", "date") if column in check_corpus(corpus)]
    drift = find_drift(read_parts(corpus, dated), params.drift_warm_up, reviews)

    selection, words = Selection(), signal_words(lexicon)
    with atomic_folder(arguments.out) as out:
        with TableWriter(out / "train.parquet") as train, TableWriter(out / "signals.parquet") as table:
            for rows in read_parts(training, label="filtering"):
                signals = evaluate_signals(rows, words, params, lexicon.valences)
                selection.add(rows, signals)
                train.append(rows[signals["kept"].to_numpy()])
                table.append(signals)
        check_kept(selection, params.rule)
        write_json(out / "counts.json", selection.document())
        write_json(
            out / "drift.json",
            {"reviews": drift.reviews, "bad": drift.bad, "alarms": drift.alarms, "warnings": drift.warnings},
        )
        write_table(drift.months, out / "drift.parquet")

    by_source = selection.by("source").items()
    sources = ", ".join(f"{name} {count['kept']:,} of {count['rows']:,}" for name, count in by_source)
    say(
        f"filter: {selection.rows:,} rows in, {selection.kept:,} kept by {params.rule!r} ({sources}), "
        f"{time.perf_counter() - started:.1f} s"
    )
    say(describe_drift(drift, params.drift_warm_up))


if __name__ == "__main__":
    run(main)
