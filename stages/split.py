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
from brandmlm.data.splitting import check_shares
from brandmlm.data.splitting_parts import split_files


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
    with atomic_folder(arguments.out) as out:
        counts = split_files(arguments.corpus / "corpus.parquet", arguments.synthetic / "corpus.parquet", params, out)
        write_json(out / "counts.json", counts.document())

    for source in counts.sources:
        say(counts.describe(source))
    rows = {name: by_source.total() for name, by_source in counts.rows.items()}
    sizes = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    read, equal = sum(rows.values()) + counts.equal_to_real, counts.equal_to_real
    say(
        f"split: {read:,} rows in, {sizes}, {equal} synthetic left out as equal to a real text, "
        f"{time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
