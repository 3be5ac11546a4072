"""Turn the raw data sets into one corpus; every dropped row keeps its reason.

In:  rows.csv of each source, as fetched.
Out: `corpus.parquet` (the corpus table and `date`, YYYY-MM-DD or null), `dropped.parquet` (source, row, reason, text,
     duplicate_of: the id of the text that was kept instead, or null), `counts.json` (rows read, kept, and dropped by
     reason, for each source; for reviews also the dates that could not be read).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.params.clean import Clean
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.cleaning import clean_sources, describe_counts
from brandmlm.data.corpus import write_table
from brandmlm.data.raw_tables import read_csv
from brandmlm.data.schemas import SCHEMAS


class Params(Sections):
    clean: Clean


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn the raw data sets into one corpus.")
    for source in SCHEMAS:
        parser.add_argument(f"--{source}", type=Path, required=True, help="folder with rows.csv of this source")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus, dropped rows and counts")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    tables = {source: read_csv(getattr(arguments, source) / "rows.csv", SCHEMAS[source]) for source in SCHEMAS}
    result = clean_sources(tables, Params.read().clean)
    with atomic_folder(arguments.out) as out:
        write_table(result.corpus, out / "corpus.parquet")
        write_table(result.dropped, out / "dropped.parquet")
        write_json(out / "counts.json", result.counts)

    for line in describe_counts(result.counts):
        say(f"clean: {line}")
    if unreadable := result.counts["reviews"]["unreadable_dates"]:
        say(f"clean: reviews without a readable date (it is null): {unreadable:,}")
    kept, dropped = len(result.corpus), len(result.dropped)
    say(f"clean: {kept + dropped:,} rows in, {kept:,} kept, {dropped:,} dropped, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    run(main)
