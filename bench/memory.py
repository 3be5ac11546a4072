"""Measure the memory that a training's preparation takes: rows read, tokenised and planned, at several numbers of rows.

    python -m bench.memory

needs the data of a `dvc repro`. The rows of the last run are repeated with a number before each text, so that all
differ; a tenth as many are validation rows. Each measurement is a process of its own. `memory-mapped` is what the
training does; `in memory` keeps tables and tokens as Python objects. Anonymous memory is counted; pages of the
memory-mapped files belong to the system's file cache. Linux only.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
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
from brandmlm.data.corpus import labelled_words, make_corpus, read_corpus, write_table
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.corpus_dataset import is_synthetic, read_rows
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.steps import Division, Steps
from brandmlm.training.tokenized import MASK_FOLDS, mask_rows, tokenize_rows

INTERVAL_S: Final = 0.002  # between looks at the memory
WAYS: Final = ("memory-mapped", "in memory")


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


def prepare_mapped(tokenizer: PreTrainedTokenizerBase, params: Train, folder: Path) -> Any:
    """What `training.fine_tuning.train` prepares; returned so that it stays in memory."""
    rows, validation = (
        read_rows(folder / f"{name}.parquet", folder / f"{name}.arrow") for name in ("train", "validation")
    )
    chunks = tokenize_rows(tokenizer, rows, params.max_length, folder / "chunks.arrow")
    plan = plan_training(chunks.lengths, params.tokens, params.batch_tokens, params.seed)
    steps = Steps(tokenizer, chunks, plan, params, Division(2048))
    examples = mask_rows(tokenizer, validation, params.max_length, folder / "masked.arrow", DistributedContext())
    return rows, steps, steps[0], contrast_words(tokenizer, rows), examples, is_synthetic(validation)


def prepare_in_memory(tokenizer: PreTrainedTokenizerBase, params: Train, folder: Path) -> Any:
    """The same with tables and lists of tokens in memory."""
    rows, validation = (read_corpus(folder / f"{name}.parquet") for name in ("train", "validation"))
    chunks = make_chunks(tokenizer, list(rows["text"]), params.max_length)
    plan = plan_training(chunks.lengths, params.tokens, params.batch_tokens, params.seed)
    masks = target_word_masks(tokenizer, chunks, labelled_words(rows))
    ids, texts = list(validation["id"]), list(validation["text"])
    return rows, chunks, plan, masks, fixed_mask_examples(tokenizer, ids, texts, MASK_FOLDS, params.max_length, [0])


def write_rows(source: Path, rows: int, file: Path) -> None:
    """Write so many rows: those of `source` over and over, each text with a number of its own."""
    table = read_corpus(source)
    many = table.iloc[np.arange(rows) % len(table)].reset_index(drop=True)
    write_table(make_corpus(many.assign(text=pd.Series(range(rows)).astype("string") + " " + many["text"])), file)


def measure(way: str, base: Path, folder: Path) -> None:
    """Print the peak in bytes, the seconds, and the bytes of the memory-mapped files."""
    prepare: Callable[..., Any] = {"memory-mapped": prepare_mapped, "in memory": prepare_in_memory}[way]
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    tokenizer(["warm-up of the tokenizer"] * 1000)
    params = load_params().train
    started = time.monotonic()
    with peak() as found:
        kept = prepare(tokenizer, params, folder)
    seconds = time.monotonic() - started
    mapped = sum(file.stat().st_size for file in folder.rglob("*.arrow"))
    del kept
    print(f"{found[0]} {seconds} {mapped}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000], help="numbers of training rows")
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder with the tokenizer")
    parser.add_argument("--source", type=Path, default=Path("data/split/train.parquet"), help="rows to repeat")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(args.measure[0], args.base, Path(args.measure[1]))
        return
    print("| rows | | anonymous memory at the peak, MB | memory-mapped files, MB | s |\n|---:|---|---:|---:|---:|")
    for rows in args.rows:
        for way in WAYS:
            with TemporaryDirectory(prefix="bench-") as folder:
                for name, number in (("train", rows), ("validation", rows // 10)):
                    write_rows(args.source, number, Path(folder, f"{name}.parquet"))
                words = [sys.executable, "-m", "bench.memory", "--base", str(args.base), "--measure", way, folder]
                done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
            found, seconds, mapped = map(float, done.stdout.split())
            print(f"| {rows:,} | {way} | {found / 1e6:,.0f} | {mapped / 1e6:,.0f} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    run(main)
