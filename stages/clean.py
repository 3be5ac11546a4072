"""Turn the raw data sets into one corpus; every dropped row keeps its reason.

In:  the folders of the sources, as fetched; the brand's lexicon, for its language and names.
Out: `corpus.parquet` (the corpus table and `date`, YYYY-MM-DD or null), `dropped.parquet` (source, row, file and line,
     reason, detail, text, duplicate_of: the id of the text that was kept instead, or null), `counts.json` (by source:
     rows read, kept, and dropped by reason; dates and ratings that could not be read), `tables.json` (by source:
     review, product or text).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.clean import Clean
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.brand_context import BrandContext, check_language
from brandmlm.data.cleaning import clean_sources, describe_counts
from brandmlm.data.corpus import write_table
from brandmlm.data.raw_source import read_order, read_source


class Params(Sections):
    clean: Clean


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn the raw data sets into one corpus.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with a folder for each source")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's lexicon.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus, dropped rows and counts")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    sources = [read_source(arguments.raw / name) for name in read_order(arguments.raw)]
    lexicon = load_lexicon(arguments.lexicon)
    check_language(lexicon.language, str(arguments.lexicon))
    result, mapped = clean_sources(sources, Params.read().clean, BrandContext.of(lexicon))
    with atomic_folder(arguments.out) as out:
        write_table(result.corpus, out / "corpus.parquet")
        write_table(result.dropped, out / "dropped.parquet")
        write_json(out / "counts.json", result.counts)
        write_json(out / "tables.json", {source.name: source.table for source in sources})

    for line in describe_counts(result.counts):
        say(f"clean: {line}")
    for source, each in zip(sources, mapped, strict=True):
        for note in each.notes:
            say(f"clean: {source.name}: {note}")
        for warning in each.warnings:
            print(f"warning: {source.name}: {warning}", file=sys.stderr, flush=True)
    kept, dropped = len(result.corpus), len(result.dropped)
    say(f"clean: {kept + dropped:,} rows in, {kept:,} kept, {dropped:,} dropped, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    run(main)
