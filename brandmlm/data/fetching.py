"""Fetch one raw data set: bring the file, check it, record its origin."""

from __future__ import annotations

import shutil
from pathlib import Path

from brandmlm.config.params.sources import AnySource
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, sha256, write_json
from brandmlm.data.raw_tables import SCHEMAS, read_csv
from brandmlm.data.sources import bring
from brandmlm.data.sources.download import Limits


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
