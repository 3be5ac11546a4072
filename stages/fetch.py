"""Fetch a raw data set.

In:  a source of params.yaml (a sample file, the user's file or URL, a data set on Kaggle or data.world).
Out: `rows.csv` (the bytes as retrieved), `origin.json` (where they came from, their digest, bytes and rows).

The columns, the number of rows and the pinned SHA-256 are checked before the output replaces an earlier one.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.params.fetch import Fetch
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.sources import SOURCE_NAMES, AnySource, Sources
from brandmlm.core.command_line import run, say
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.fetching import fetch
from brandmlm.data.sources.remote import Limits


class Params(Sections):
    fetch: Fetch
    sources: Sources


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", choices=SOURCE_NAMES, help="which of the sources in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder to fill")
    arguments = parse_stage(parser)
    params = Params.read()
    limits = Limits(timeout_s=params.fetch.timeout_s, max_bytes=params.fetch.max_megabytes * 1_000_000)
    source: AnySource = getattr(params.sources, arguments.source)
    began = time.monotonic()
    origin = fetch(arguments.source, source, limits, arguments.out)
    say(
        f"fetch: {arguments.source}: {origin['rows']:,} rows, {int(origin['bytes']) / 1000:,.0f} kB "
        f"from {origin['retrieved_from']} ({origin['kind']}), {time.monotonic() - began:.1f} s"
    )
    if source.sha256 is None and source.kind != "sample":
        say(f"fetch: {arguments.source}: not pinned; `brand-mlm pin` writes its digest and rows into params.yaml")


if __name__ == "__main__":
    run(main)
