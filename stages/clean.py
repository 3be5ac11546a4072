"""Clean: the raw sets become one corpus table; what cannot be used is set aside with the reason.

In:  rows.csv of each source, as fetched.
Out: `corpus.parquet` (the corpus table and `date`, YYYY-MM-DD or null), `dropped.parquet` (source, row, reason, text,
     duplicate_of: the id of the text that was kept instead, or null), `counts.json` (read, kept and dropped by reason,
     for each source; for reviews also the dates that could not be read).

Only the columns named in `TABLES` are ever looked at. Of these, the reviewer's name serves to remove it from the text.
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
from brandmlm.data.cleaning import clean, list_reasons
from brandmlm.data.corpus import write_table
from brandmlm.data.raw_tables import SCHEMAS, read_csv
from brandmlm.data.schemas import TABLES


class Params(Sections):
    clean: Clean


def main() -> None:
    parser = argparse.ArgumentParser(description="Map the raw sets to one table, repair its text, drop what is unfit.")
    for source in TABLES:
        parser.add_argument(f"--{source}", type=Path, required=True, help="folder with rows.csv of this source")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus, dropped rows and counts")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    tables = {source: read_csv(getattr(arguments, source) / "rows.csv", SCHEMAS[source]) for source in TABLES}
    corpus, dropped, counts = clean(tables, Params.read().clean)
    with atomic_folder(arguments.out) as out:
        write_table(corpus, out / "corpus.parquet")
        write_table(dropped, out / "dropped.parquet")
        write_json(out / "counts.json", counts)

    for source, of in counts.items():
        say(f"clean: {source}: {of['read']:,} read, {of['kept']:,} kept, dropped: {list_reasons(of['dropped'])}")
    if unreadable := counts["reviews"]["unreadable_dates"]:
        say(f"clean: reviews without a readable date (it is null): {unreadable:,}")
    say(
        f"clean: {len(corpus) + len(dropped):,} rows in, {len(corpus):,} kept, {len(dropped):,} dropped, "
        f"{time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
