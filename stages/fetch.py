"""Bring one raw data set into the project.

In: a source of params.yaml (a sample file, a file or URL of the user's, a data set on Kaggle or data.world). Out: a
folder with `rows.csv`, the bytes as they came, and `origin.json`, where from and what. The columns, the number of rows
and, where pinned, the sha256 are checked before the folder takes its name: an earlier one stays as it is when anything
fails.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from stages.cli import UserError, run, say
from stages.download import Limits
from stages.files import atomic_folder, sha256, write_json
from stages.params import SOURCES, AnySource, load_params
from stages.sources import bring
from stages.tables import SCHEMAS, read_csv


def check_digest(path: Path, pinned: str | None, name: str, key: str) -> str:
    """The file's sha256. Raises UserError where another one is pinned."""
    found = sha256(path)
    if pinned not in (None, found):
        raise UserError(
            f"{name}: its sha256 is {found}, pinned is {pinned}; get the file that was pinned, or, if the new one is "
            f"meant, set {key}.sha256 in params.yaml to its digest"
        )
    return found


def fetch(item: str, source: AnySource, limits: Limits, out: Path) -> dict[str, str | int]:
    """Fill the folder `out` with a source's rows and origin; return the origin. Raises UserError on any fault."""
    key = f"sources.{item}"
    # Outside the output, which DVC removes before a run; beside it, so that a rename is enough in the end.
    parking = out.with_name(f".{out.name}.download")
    with atomic_folder(out) as partial:
        rows = partial / "rows.csv"
        try:
            arrival = bring(source, rows, parking, limits, key)
            came_from = arrival.retrieved_from
        except OSError as error:
            raise UserError(
                f"{out}: cannot be written ({error.strerror or error}); free space or mend the path"
            ) from None
        # Bytes first: an empty or changed file is named as such, not by the columns it lacks.
        if rows.stat().st_size == 0:
            raise UserError(f"{came_from}: the file is empty; export or download it again")
        digest = check_digest(rows, source.sha256, came_from, key)
        count = len(read_csv(rows, SCHEMAS[item], came_from))
        if count < source.min_rows:
            raise UserError(
                f"{came_from}: {count} rows, fewer than the {source.min_rows} that {key}.min_rows asks for; "
                "take the whole file or lower it in params.yaml"
            )
        origin: dict[str, str | int] = {
            "source": item,
            "kind": source.kind,
            "retrieved_from": came_from,
            **({"version": arrival.version} if arrival.version is not None else {}),
            "sha256": digest,
            "bytes": rows.stat().st_size,
            "rows": count,
        }
        write_json(partial / "origin.json", origin)
    # Of a download of another kind or address, given up.
    shutil.rmtree(parking, ignore_errors=True)
    return origin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", choices=SOURCES, help="which of the sources in params.yaml")
    parser.add_argument("--out", type=Path, required=True, help="folder to fill")
    arguments = parser.parse_args()
    params = load_params()
    limits = Limits(timeout_s=params.fetch.timeout_s, max_bytes=params.fetch.max_megabytes * 1_000_000)
    source: AnySource = getattr(params.sources, arguments.source)
    began = time.monotonic()
    origin = fetch(arguments.source, source, limits, arguments.out)
    say(
        f"fetch: {arguments.source}: {origin['rows']:,} rows, {int(origin['bytes']) / 1000:,.0f} kB "
        f"from {origin['retrieved_from']} ({origin['kind']}), {time.monotonic() - began:.1f} s"
    )
    if source.sha256 is None and source.kind != "sample":
        say(f"fetch: {arguments.source}: not pinned; `python -m stages.pin` writes what came into params.yaml")


if __name__ == "__main__":
    run(main)
