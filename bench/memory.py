"""Measure the memory that a training's preparation takes: rows read, tokenised and planned, at several numbers of rows.

    python -m bench.memory

needs the data of a `dvc repro`. The rows of the last run are repeated with a number before each text, so that all
differ; a tenth as many are validation rows. Each measurement is a process of its own. Anonymous memory is counted;
pages of the memory-mapped files belong to the system's file cache. Linux only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pandas as pd
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from brandmlm.config.params.reading import load_params
from brandmlm.config.params.train import Train
from brandmlm.core.command_line import run
from brandmlm.data.corpus import make_corpus, read_corpus
from brandmlm.data.table_parts import TableWriter
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.corpus_dataset import is_synthetic, training_rows, validation_rows
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.fine_tuning import plan_steps
from brandmlm.training.steps import Division
from brandmlm.training.tokenized import mask_rows

INTERVAL_S: Final = 0.002  # between looks at the memory


def anonymous_memory() -> int:
    """Bytes of anonymous memory that this process holds."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (kilobytes,) = re.findall(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) * 1024


@contextmanager
def peak() -> Iterator[list[int]]:
    """Growth of the anonymous memory at its peak, in bytes: the only item of the list, once the block has ended."""
    before, found, done = anonymous_memory(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(INTERVAL_S):
            found[0] = max(found[0], anonymous_memory() - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()
        found[0] = max(found[0], anonymous_memory() - before)


def prepare(tokenizer: PreTrainedTokenizerBase, params: Train, folder: Path) -> Any:
    """What `training.fine_tuning.train` prepares; returned so that it stays in memory."""
    rows, _ = training_rows(folder / "train.parquet", params, folder / "rows.arrow")
    held_out = validation_rows(folder / "validation.parquet", params.validation_rows, folder / "held-out.arrow")
    assert held_out is not None
    steps = plan_steps(tokenizer, rows, [], params, Division(2048), folder / "chunks.arrow")
    examples = mask_rows(tokenizer, held_out, params.max_length, folder / "masked.arrow", DistributedContext())
    return rows, steps, steps[0], contrast_words(tokenizer, rows), examples, is_synthetic(held_out)


def write_rows(source: Path, rows: int, file: Path) -> None:
    """Write so many rows: those of `source` over and over, each text with a number of its own."""
    table = read_corpus(source)
    many = table.iloc[np.arange(rows) % len(table)].reset_index(drop=True)
    corpus = make_corpus(many.assign(text=pd.Series(range(rows)).astype("string") + " " + many["text"]))
    with TableWriter(file) as writer:
        writer.append(corpus)


def measure(base: Path, folder: Path) -> None:
    """Print the rows read, the peak in bytes, processor seconds, and the bytes of the memory-mapped files."""
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    tokenizer(["warm-up of the tokenizer"] * 1000)
    params = load_params().train
    started = time.process_time()
    with peak() as found:
        kept = prepare(tokenizer, params, folder)
    seconds = time.process_time() - started
    mapped = sum(file.stat().st_size for file in folder.rglob("*.arrow"))
    print(f"{len(kept[0])} {found[0]} {seconds} {mapped}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="numbers of training rows"
    )
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder with the tokenizer")
    parser.add_argument("--source", type=Path, default=Path("data/split/train.parquet"), help="rows to repeat")
    parser.add_argument("--measure", type=Path, metavar="FOLDER", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(args.base, args.measure)
        return
    print("| rows | rows read | anonymous memory at the peak, MB | memory-mapped files, MB | CPU s |")
    print("|---:|---:|---:|---:|---:|")
    for rows in args.rows:
        with TemporaryDirectory(prefix="bench-") as folder:
            for name, number in (("train", rows), ("validation", rows // 10)):
                write_rows(args.source, number, Path(folder, f"{name}.parquet"))
            words = [sys.executable, "-m", "bench.memory", "--base", str(args.base), "--measure", folder]
            done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
        read, found, seconds, mapped = map(float, done.stdout.split())
        print(f"| {rows:,} | {read:,.0f} | {found / 1e6:,.0f} | {mapped / 1e6:,.1f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    run(main)
