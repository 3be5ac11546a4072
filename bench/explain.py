"""Measure how long tracing words among many training rows takes, as `brand-mlm explain` does, and check the counts.

    python -m bench.scale --rows 1000000
    python -m bench.explain data/bench-scale/1000000/data --times 2

builds the index of the words in a folder beside the tables, with every row `--times` times, then traces each word in
processes of its own: processor seconds after the imports, the least of three. `--check` also traces them once by
reading all rows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from brandmlm.core.command_line import run
from brandmlm.data.table_parts import PART_ROWS
from brandmlm.reporting.lineage_index import open_training_rows

BRAND: Final = ["Nike"]

WORDS: Final = ["heavy", "the", "and", "Nike", "shoes", "of the", "in the", "the Nike", "Nike shoes", "the shoes are"]


class Tables(NamedTuple):
    """The tables that `explain` reads."""

    training: Path
    kept: Path
    signals: Path


def in_folder(folder: Path) -> Tables:
    return Tables(
        folder / "split/train.parquet", *(folder / "filtered" / f"{it}.parquet" for it in ("train", "signals"))
    )


def repeat(tables: Tables, times: int, folder: Path) -> Tables:
    """Write the tables with every row `times` (at most 16) times; copies differ in their ids and in a last word."""
    copies = in_folder(folder)
    for source, target in zip(tables, copies, strict=True):
        rows = pl.read_parquet(source).with_columns(copy=pl.lit([f"{copy:x}" for copy in range(times)])).explode("copy")
        rows = rows.with_columns(pl.col("id").str.head(15) + pl.col("copy"))
        if "text" in rows.columns:
            rows = rows.with_columns(pl.concat_str("text", pl.lit(" copy"), "copy"))
        target.parent.mkdir(parents=True, exist_ok=True)
        rows.drop("copy").write_parquet(target, row_group_size=PART_ROWS)
    return copies


def measure(tables: Tables, index: Path, word: str, many: int) -> dict[str, Any]:
    """Open the rows and trace a word: processor seconds, counts of rows and of claims."""
    began = time.process_time()
    found = open_training_rows(*tables, BRAND, index, many).trace(word, 3)
    return {"cpu_s": time.process_time() - began, "rows": found.rows, "claims": found.claims}


def measured(folder: Path, index: Path, word: str, many: int) -> dict[str, Any]:
    """`measure` in a process of its own."""
    script = (
        "import json, sys; from pathlib import Path; from bench.explain import in_folder, measure;"
        "f, i, word, many = sys.argv[1:]; print(json.dumps(measure(in_folder(Path(f)), Path(i), word, int(many))))"
    )
    words = [sys.executable, "-c", script, str(folder), str(index), word, str(many)]
    document: dict[str, Any] = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
    return document


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.explain", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder `data` of a pipeline; bench.scale leaves such")
    parser.add_argument("--times", type=int, default=1, choices=range(1, 17), metavar="1-16", help="copies of each row")
    parser.add_argument("--words", nargs="+", default=WORDS, help="words and phrases")
    parser.add_argument("--check", action="store_true", help="also trace each word without the index, and compare")
    args = parser.parse_args(argv)
    folder = args.data
    if args.times > 1:
        folder = args.data / f"{args.times}-times"
        repeat(in_folder(args.data), args.times, folder)
    index = folder / ".lineage"
    built = measure(in_folder(folder), index, args.words[0], 1)["cpu_s"]
    total = pl.scan_parquet(in_folder(folder).training).select(pl.len()).collect().item()
    size = sum(file.stat().st_size for file in index.iterdir()) / 1e6
    print(f"{total:,} training rows; index: {built:.1f} CPU s, {size:,.0f} MB\n")
    print("| word | rows | claims | CPU s |" + " CPU s without index |" * args.check)
    print("|---|---:|---:|---:|" + "---:|" * args.check)
    for word in args.words:
        found = min((measured(folder, index, word, 1) for _ in range(3)), key=lambda each: float(each["cpu_s"]))
        line = (
            f"| {word} | {sum(found['rows'].values()):,} | {sum(found['claims'].values()):,} | {found['cpu_s']:.2f} |"
        )
        if args.check:
            plain = measured(folder, index, word, sys.maxsize)
            if {**plain, "cpu_s": found["cpu_s"]} != found:
                raise SystemExit(f"{word}: {found}, but without the index {plain}")
            line += f" {plain['cpu_s']:.2f} |"
        print(line, flush=True)


if __name__ == "__main__":
    run(main)
