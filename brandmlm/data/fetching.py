"""Fetch raw data sets: retrieve what changed, keep what did not, read the rows, record the origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from brandmlm.config.params.sources import AnySource, FileSource, HubSource
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.locks import exclusive
from brandmlm.data.column_map import ColumnMap, resolve_columns
from brandmlm.data.corpus import write_table
from brandmlm.data.kept_files import asked_digest, copy_kept, digest_files, find_kept, request_digest, retire
from brandmlm.data.raw_source import (
    FILES,
    ORDER,
    ORIGIN,
    ROWS,
    SINGLE_ROLES,
    SKIPPED,
    RowWriter,
    describe_columns,
)
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile
from brandmlm.data.sources.remote import Limits
from brandmlm.data.sources.retrieval import retrieve
from brandmlm.data.tables import ReadOptions, Table, open_table
from brandmlm.data.values.dates import DateSurvey


def unused_folder(out: Path) -> Path:
    """The folder of downloads that no source uses any more, beside the output."""
    return out.with_name(f".{out.name}.unused")


@dataclass(frozen=True)
class Fetched:
    """What became of one source."""

    origin: Mapping[str, Any]  # the content of origin.json
    notes: Sequence[str]  # what to tell the user
    kept: bool  # whether the files of an earlier run were used


@dataclass(frozen=True)
class _Reading:
    """The rows of a source, once they are written."""

    columns: ColumnMap
    rows: int
    skipped: int
    notes: list[str]


def check_digest(found: str, pinned: str | None, name: str, key: str) -> None:
    """Raise UserError if another SHA-256 is pinned."""
    if pinned not in (None, found):
        raise UserError(
            f"{name}: its sha256 is {found}, but {pinned} is pinned; get the pinned file, or set {key}.sha256 in "
            "params.yaml to the digest of the new one"
        )


def _options(source: AnySource, file: RetrievedFile, job: Job) -> ReadOptions:
    return ReadOptions(
        name=file.name,
        key=job.key,
        encoding=source.encoding,
        sheet=source.sheet,
        file=source.file if isinstance(source, FileSource) else None,
        max_bad_rows=source.max_bad_rows,
        max_bytes=job.limits.max_bytes,
        scratch=job.folder.parent,
    )


def _resolve(table: Table, source: AnySource, key: str, first: ColumnMap | None) -> ColumnMap:
    """The columns of one of a source's files; all files have to have the same roles."""
    columns = resolve_columns(table.columns, source.table, source.columns.as_map(), table.name, key)
    if first is not None and _roles(columns) != _roles(first):
        raise UserError(
            f"{table.name}: its columns ({columns}) are not those of the files before it ({first}); set {key}.columns "
            "in params.yaml, or make it a source of its own"
        )
    return columns


def _roles(columns: ColumnMap) -> list[Any]:
    return [list(map(len, columns.text)), *(getattr(columns, role) is None for role in SINGLE_ROLES)]


def _read_rows(source: AnySource, retrieved: Retrieved, job: Job, folder: Path) -> _Reading:
    """Write the rows of all files to `rows.parquet`, and those that cannot be read to `skipped.parquet`."""
    first: ColumnMap | None = None
    rows, notes, skipped = 0, list[str](), list[tuple[str, int, str]]()
    with RowWriter(folder / ROWS) as writer:
        for file in retrieved.files:
            with open_table(file.path, _options(source, file, job)) as table:
                columns = _resolve(table, source, job.key, first)
                first = first or columns
                for batch in table.batches(columns.names):
                    writer.append(batch, columns, file.path.name)
                    rows += len(batch)
                notes += table.notes
                skipped += [(file.path.name, bad.line, bad.reason) for bad in table.bad_rows]
    types = {"file": "string", "line": "int64", "reason": "string"}
    write_table(pd.DataFrame(skipped, columns=list(types)).astype(types), folder / SKIPPED)
    assert first is not None, "a retrieval gives one file at least"
    return _Reading(first, rows, len(skipped), [*notes, f"columns: {first}"])


def _describe(item: str, source: AnySource, retrieved: Retrieved, reading: _Reading) -> dict[str, Any]:
    """The content of `origin.json`, without the digest."""
    return {
        "source": item,
        "kind": source.kind,
        "retrieved_from": retrieved.retrieved_from,
        **({"version": retrieved.version} if retrieved.version is not None else {}),
        **({"revision": source.revision} if isinstance(source, HubSource) else {}),
        "bytes": sum(file.path.stat().st_size for file in retrieved.files),
        "rows": reading.rows,
        "skipped": reading.skipped,
        "table": source.table,
        "columns": describe_columns(reading.columns),
        "date_format": source.date_format,
        "rating_scale": source.rating_scale,
        "files": [{"file": file.path.name, "from": file.name} for file in retrieved.files],
        "request": request_digest(source),
        "asked": asked_digest(source),
    }


def fetch_source(item: str, source: AnySource, limits: Limits, out: Path) -> Fetched:
    """Write the folder of one source (see `raw_source`); it is replaced only if everything succeeds.

    Args:
        item: the source's name in params.yaml.
        source: where the files are, how to read them, and what is pinned.
        limits: when to give up a download; the source may have a size of its own.
        out: the folder of all sources.

    Raises:
        UserError: the files cannot be retrieved or read, or are not what params.yaml describes.
    """
    key, folder, unused = f"sources.{item}", out / item, unused_folder(out)
    if source.max_megabytes is not None:
        limits = replace(limits, max_bytes=source.max_megabytes * 1_000_000)
    DateSurvey().settle(source.date_format, f"{key}.date_format in params.yaml")
    with atomic_folder(folder) as partial:
        (partial / FILES).mkdir()
        # Downloads are not collected in the output but beside it, so that a rename suffices in the end.
        job = Job(partial / FILES, out.with_name(f".{out.name}.download") / item, limits, key)
        kept = find_kept(source, folder, unused)
        retrieved = copy_kept(kept[1], job) if kept else retrieve(source, job)
        paths = [file.path for file in retrieved.files]
        digest = digest_files(paths)
        if all(path.stat().st_size for path in paths):  # what the reader says of an empty file is more to the point
            check_digest(digest, source.sha256, retrieved.retrieved_from, key)
        reading = _read_rows(source, retrieved, job, partial)
        if reading.rows < source.min_rows:
            raise UserError(
                f"{retrieved.retrieved_from}: {reading.rows} rows, fewer than the {source.min_rows} of {key}.min_rows; "
                "get the whole file, or lower the number in params.yaml"
            )
        origin = _describe(item, source, retrieved, reading) | {"sha256": digest}
        if kept:  # a pin of what was retrieved changes nothing
            origin |= {name: kept[0][name] for name in ("version", "revision", "asked") if name in kept[0]}
        write_json(partial / ORIGIN, origin)
        if kept:
            shutil.rmtree(unused / origin["asked"], ignore_errors=True)
        elif folder.exists():
            retire(folder, unused)
    # What an interrupted download from another address left.
    shutil.rmtree(job.downloads, ignore_errors=True)
    return Fetched(origin, reading.notes, kept is not None)


def fetch_sources(sources: Mapping[str, AnySource], limits: Limits, out: Path) -> Iterator[tuple[str, Fetched]]:
    """Fetch every source, in order; then remove the folders of sources that are no longer named.

    A source that fails leaves its earlier folder and what was fetched before it.
    """
    with exclusive(out):
        for item, source in sources.items():
            yield item, fetch_source(item, source, limits, out)
        for path in out.iterdir():
            if path.is_dir() and not path.is_symlink():
                if path.name not in sources:
                    retire(path, unused_folder(out))
            elif path.name != ORDER:
                path.unlink()
        shutil.rmtree(out.with_name(f".{out.name}.download"), ignore_errors=True)
        write_json(out / ORDER, list(sources))
