"""Select the training rows of v2, and detect drift in the reviews.

In:  train.parquet of the split, the brand's lexicon, and the cleaned corpus with the kinds of its sources (for
     the dates of the reviews).
Out: `train.parquet` (the kept rows), `signals.parquet` (id, signals and `kept` of every training row), `counts.json`
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
from brandmlm.data.corpus import read_corpus, write_table
from brandmlm.filtering.drift import describe_drift, find_drift
from brandmlm.filtering.selection import check_kept, check_length_bounds, check_sentiment, count_kept, count_passes
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
    corpus = read_corpus(arguments.split / "train.parquet")
    signals = evaluate_signals(corpus, signal_words(lexicon), params, lexicon.valences)
    check_kept(signals, params.rule)
    kept = corpus["id"].isin(signals["id"][signals["kept"]])
    reviews = [source for source, table in read_json(arguments.reviews / "tables.json").items() if table == "review"]
    drift = find_drift(read_corpus(arguments.reviews / "corpus.parquet"), params.drift_warm_up, reviews)

    by_source = count_kept(corpus, kept, "source")
    counts = {
        "rows": len(corpus),
        "kept": int(kept.sum()),
        "signals": count_passes(signals),
        "by_source": by_source,
        "by_label": count_kept(corpus, kept, "label"),
    }
    with atomic_folder(arguments.out) as out:
        write_table(corpus[kept], out / "train.parquet")
        write_table(signals, out / "signals.parquet")
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
