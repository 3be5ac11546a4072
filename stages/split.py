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

from brandmlm.config.params.sections import Sections
from brandmlm.config.params.split import Split
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import read_corpus, write_table
from brandmlm.data.splitting import check_shares, count_sources, describe, split_corpus, unite


class Params(Sections):
    split: Split


def main() -> None:
    parser = argparse.ArgumentParser(description="Deal the rows to train, validation and test by group.")
    parser.add_argument("--corpus", type=Path, required=True, help="folder with the cleaned corpus.parquet")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--out", type=Path, required=True, help="folder for the three tables and counts.json")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read().split
    check_shares(params)
    corpus, equal_to_real = unite(
        read_corpus(arguments.corpus / "corpus.parquet"), read_corpus(arguments.synthetic / "corpus.parquet")
    )
    dealt = split_corpus(corpus, params)
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
