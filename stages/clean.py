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
from brandmlm.config.params.execution import Execution
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.executors import open_executor
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.brand_context import BrandContext, check_language
from brandmlm.data.cleaning import describe_counts
from brandmlm.data.cleaning_parts import Running, clean_files
from brandmlm.data.raw_source import read_order, read_origin


class Params(Sections):
    clean: Clean
    execution: Execution


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn the raw data sets into one corpus.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with a folder for each source")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's lexicon.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus, dropped rows and counts")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read()
    root = Path.cwd() if params.execution.scheduler else Path()  # a cluster's workers run in folders of their own
    out_folder, folders = root / arguments.out, [root / arguments.raw / name for name in read_order(arguments.raw)]
    lexicon = load_lexicon(arguments.lexicon)
    check_language(lexicon.language, str(arguments.lexicon))
    brand, work = BrandContext.of(lexicon), out_folder.with_name(f".{out_folder.name}.parts")
    with (
        atomic_folder(out_folder) as out,
        open_executor(params.execution.workers, params.execution.scheduler) as executor,
    ):
        cleaned = clean_files(folders, params.clean, brand, out, work, Running(executor))
        write_json(out / "counts.json", cleaned.counts)
        write_json(out / "tables.json", {folder.name: read_origin(folder)["table"] for folder in folders})

    for line in describe_counts(cleaned.counts):
        say(f"clean: {line}")
    for name, each in cleaned.columns.items():
        for note in each.notes:
            say(f"clean: {name}: {note}")
        for warning in each.warnings:
            print(f"warning: {name}: {warning}", file=sys.stderr, flush=True)
    kept, read = cleaned.kept, cleaned.read
    say(f"clean: {read:,} rows in, {kept:,} kept, {read - kept:,} dropped, {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    run(main)
