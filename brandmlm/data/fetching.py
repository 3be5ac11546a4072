"""Fetch a raw data set: retrieve the file, check it, record its origin."""

from __future__ import annotations

import shutil
from pathlib import Path

from brandmlm.config.params.sources import AnySource
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, sha256, write_json
from brandmlm.data.raw_tables import read_csv
from brandmlm.data.schemas import SCHEMAS
from brandmlm.data.sources import retrieve
from brandmlm.data.sources.remote import Limits


def check_digest(path: Path, pinned: str | None, name: str, key: str) -> str:
    """Return the SHA-256 of a file. Raises UserError if another one is pinned."""
    found = sha256(path)
    if pinned not in (None, found):
        raise UserError(
            f"{name}: its sha256 is {found}, but {pinned} is pinned; get the pinned file, or set {key}.sha256 in "
            "params.yaml to the digest of the new one"
        )
    return found


def fetch(item: str, source: AnySource, limits: Limits, out: Path) -> dict[str, str | int]:
    """Write `rows.csv` and `origin.json` of a source.

    Args:
        item: The source's name in params.yaml.
        source: Where the file is, and what is pinned.
        limits: When to give up a download.
        out: The folder to fill; it is replaced only if everything succeeds.

    Returns:
        The content of `origin.json`: where the file came from, its digest, and its size in bytes and rows.

    Raises:
        UserError: The file cannot be retrieved, or is not what params.yaml describes.
    """
    key = f"sources.{item}"
    # Not in the output, which DVC removes before a run; beside it, so that a rename suffices in the end.
    download = out.with_name(f".{out.name}.download")
    with atomic_folder(out) as partial:
        rows = partial / "rows.csv"
        try:
            retrieved = retrieve(source, rows, download, limits, key)
        except OSError as error:
            raise UserError(
                f"{out}: cannot be written ({error.strerror or error}); free space or correct the path"
            ) from None
        name = retrieved.retrieved_from
        # Bytes first: the message for an empty or changed file must not be about missing columns.
        if rows.stat().st_size == 0:
            raise UserError(f"{name}: the file is empty; export or download it again")
        digest = check_digest(rows, source.sha256, name, key)
        count = len(read_csv(rows, SCHEMAS[item], name))
        if count < source.min_rows:
            raise UserError(
                f"{name}: {count} rows, fewer than the {source.min_rows} of {key}.min_rows; get the whole file, or "
                "lower the number in params.yaml"
            )
        origin: dict[str, str | int] = {
            "source": item,
            "kind": source.kind,
            "retrieved_from": name,
            **({"version": retrieved.version} if retrieved.version is not None else {}),
            "sha256": digest,
            "bytes": rows.stat().st_size,
            "rows": count,
        }
        write_json(partial / "origin.json", origin)
    # What an interrupted download from another address left.
    shutil.rmtree(download, ignore_errors=True)
    return origin
