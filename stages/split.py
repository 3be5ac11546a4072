"""Split the rows into train, validation and test by group.

In:  the cleaned corpus (`clean`) and the synthetic one (`synthesize`).
Out: `train.parquet`, `validation.parquet`, `test.parquet` (the corpus table and all further columns, null for rows
     whose source does not have them), `counts.json` (rows by split and source, and the synthetic sentences left out
     because they equal a real text).

A few dozen template frames are distributed unevenly, so the resulting shares are printed for each source; another salt
gives another split.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.params.sections import Sections
from brandmlm.config.params.split import Split
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import read_corpus, write_table
from brandmlm.data.splitting import check_shares, count_sources, describe_split, merge_corpora, split_corpus


class Params(Sections):
    split: Split


def main() -> None:
    parser = argparse.ArgumentParser(description="Split the rows into train, validation and test by group.")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the cleaned corpus.parquet")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three tables and counts.json")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read().split
    check_shares(params)
    corpus, equal_to_real = merge_corpora(
        read_corpus(arguments.corpus / "corpus.parquet"), read_corpus(arguments.synthetic / "corpus.parquet")
    )
    tables = split_corpus(corpus, params)
    sources = sorted(corpus["source"].unique())
    with atomic_folder(arguments.out) as out:
        for name, rows in tables.items():
            write_table(rows, out / f"{name}.parquet")
        counts = {name: count_sources(rows, sources) for name, rows in tables.items()}
        write_json(out / "counts.json", {**counts, "equal_to_real": {"synthetic": equal_to_real}})

    for source in sources:
        say(describe_split(tables, source))
    sizes = ", ".join(f"{len(rows):,} {name}" for name, rows in tables.items())
    say(
        f"split: {len(corpus) + equal_to_real:,} rows in, {sizes}, {equal_to_real} synthetic left out as equal "
        f"to a real text, {time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
