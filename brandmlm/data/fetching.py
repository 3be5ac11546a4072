"""Fetch raw data sets: retrieve what changed, keep what did not, read the rows, record the origin."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.config.params.sources import AnySource, FileSource, HubSource, KaggleSource, SampleSource
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, read_json, sha256, write_json
from brandmlm.data.column_map import ColumnMap, resolve_columns
from brandmlm.data.corpus import write_table
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
from brandmlm.data.sources import retrieve
from brandmlm.data.sources.file import find_paths, is_address
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile
from brandmlm.data.sources.remote import Limits
from brandmlm.data.tables import ReadOptions, Table, open_table
from brandmlm.data.values.dates import DateSurvey

# The keys that say which files to retrieve. A version or revision is compared with the one that was retrieved.
_REQUEST_KEYS: Final = ("kind", "path", "dataset", "repository", "file", "split")


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


def digest_files(paths: Sequence[Path]) -> str:
    """The SHA-256 of a file; of several files, that of their digests in order."""
    digests = [sha256(path) for path in paths]
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def request_digest(source: AnySource) -> str:
    """Identifies which files are asked for, without showing them: an address may hold a password."""
    asked = {key: getattr(source, key) for key in _REQUEST_KEYS if getattr(source, key, None) is not None}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def matches(source: AnySource, origin: Mapping[str, Any]) -> bool:
    """Whether what was retrieved, by its `origin.json`, is what `source` asks for now."""
    if origin.get("request") != request_digest(source):
        return False
    if isinstance(source, KaggleSource):
        return source.version in (None, origin.get("version"))
    if isinstance(source, HubSource):
        return source.revision in (origin.get("version"), origin.get("revision"))
    return True


def _is_local(source: AnySource) -> bool:
    """Whether the files are on this machine. They may change at any time, and are read again."""
    return isinstance(source, SampleSource) or (isinstance(source, FileSource) and not is_address(source.path))


def is_edited(source: AnySource, folder: Path) -> bool:
    """Whether files of the user's changed since they were fetched into `folder`. DVC does not see that."""
    if not isinstance(source, FileSource) or is_address(source.path):
        return False
    try:
        origin = read_json(folder / ORIGIN)
        paths = [path for _, path in find_paths(source.path)]
        return bool(matches(source, origin) and paths and digest_files(paths) != origin.get("sha256"))
    except (UserError, OSError, AttributeError):
        return False  # not fetched yet, or not there any more, which `fetch` says


def find_kept(folder: Path, source: AnySource) -> tuple[dict[str, Any], Retrieved] | None:
    """The files of an earlier run that are still what `source` asks for, and their origin; None if there are none."""
    try:
        origin = read_json(folder / ORIGIN)
        if _is_local(source) or not matches(source, origin) or source.sha256 not in (None, origin["sha256"]):
            return None
        files = [RetrievedFile(folder / FILES / each["file"], each["from"]) for each in origin["files"]]
        if digest_files([file.path for file in files]) != origin["sha256"]:
            return None
    except (UserError, OSError, KeyError, TypeError, AttributeError):
        return None  # of another version of the project, or damaged
    return origin, Retrieved(origin["retrieved_from"], files, origin.get("version"))


def _copy_kept(kept: Retrieved, job: Job) -> Retrieved:
    files = [RetrievedFile(job.folder / file.path.name, file.name) for file in kept.files]
    for old, new in zip(kept.files, files, strict=True):
        shutil.copyfile(old.path, new.path)
    return Retrieved(kept.retrieved_from, files, kept.version)


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
    }


def fetch_source(item: str, source: AnySource, limits: Limits, out: Path) -> Fetched:
    """Write the folder of one source (see `raw_source`); it is replaced only if everything succeeds.

    Args:
        item: the source's name in params.yaml.
        source: where the files are, how to read them, and what is pinned.
        limits: when to give up a download.
        out: the folder of all sources.

    Raises:
        UserError: the files cannot be retrieved or read, or are not what params.yaml describes.
    """
    key, folder = f"sources.{item}", out / item
    DateSurvey().settle(source.date_format, f"{key}.date_format in params.yaml")
    with atomic_folder(folder) as partial:
        (partial / FILES).mkdir()
        # Downloads are not collected in the output but beside it, so that a rename suffices in the end.
        job = Job(partial / FILES, out.with_name(f".{out.name}.download") / item, limits, key)
        kept = find_kept(folder, source)
        try:
            retrieved = _copy_kept(kept[1], job) if kept else retrieve(source, job)
        except OSError as error:
            raise UserError(
                f"{folder}: cannot be written ({error.strerror or error}); free space or correct the path"
            ) from None
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
            origin |= {name: kept[0][name] for name in ("version", "revision") if name in kept[0]}
        write_json(partial / ORIGIN, origin)
    # What an interrupted download from another address left.
    shutil.rmtree(job.downloads, ignore_errors=True)
    return Fetched(origin, reading.notes, kept is not None)


def fetch_sources(sources: Mapping[str, AnySource], limits: Limits, out: Path) -> Iterator[tuple[str, Fetched]]:
    """Fetch every source, in order; then remove the folders of sources that are no longer named.

    A source that fails leaves its earlier folder and what was fetched before it.
    """
    for item, source in sources.items():
        yield item, fetch_source(item, source, limits, out)
    for path in out.iterdir():
        if path.name not in sources:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.rmtree(out.with_name(f".{out.name}.download"), ignore_errors=True)
    write_json(out / ORDER, list(sources))
