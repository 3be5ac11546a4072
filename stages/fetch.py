"""Fetch the raw data sets.

In:  the sources of params.yaml (sample files, the user's files or URLs, data sets on Kaggle, data.world or the hub).
Out: a folder for each source (`files/`: the bytes as retrieved; `rows.parquet`, `skipped.parquet`, `origin.json`; see
     `brandmlm/data/raw_source.py`), and `sources.json`, their names in order.

Downloads that are still what params.yaml asks for are kept; local files are read again. A source's digest, columns and
number of rows are checked before its folder replaces an earlier one; folders of sources that are gone are removed.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.params.fetch import Fetch
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.sources import Sources
from brandmlm.core.command_line import run, say
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.fetching import fetch_sources
from brandmlm.data.sources.remote import Limits


class Params(Sections):
    fetch: Fetch
    sources: Sources


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder with a folder for each source")
    arguments = parse_stage(parser)
    params = Params.read()
    limits = Limits(timeout_s=params.fetch.timeout_s, max_bytes=params.fetch.max_megabytes * 1_000_000)
    began = time.monotonic()
    for item, fetched in fetch_sources(params.sources, limits, arguments.out):
        origin, source = fetched.origin, params.sources[item]
        say(
            f"fetch: {item}: {origin['rows']:,} rows, {origin['bytes'] / 1000:,.0f} kB from {origin['retrieved_from']} "
            f"({origin['kind']}{', unchanged' if fetched.kept else ''}), {time.monotonic() - began:.1f} s"
        )
        for note in fetched.notes:
            say(f"fetch: {item}: {note}")
        if source.sha256 is None and source.kind != "sample":
            say(f"fetch: {item}: not pinned; `brand-mlm pin` writes its digest and rows into params.yaml")
        began = time.monotonic()


if __name__ == "__main__":
    run(main)
