"""The lineage of a trained model: the files that it was made from, with their digests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brandmlm.config.params.base import AnyBase, HubBase
from brandmlm.core.files import sha256
from brandmlm.data.corpus import read_table
from brandmlm.data.raw_source import read_order, read_origin
from brandmlm.reporting.formatting import code_cell, escape

WEIGHTS: Final = "model.safetensors"


@dataclass(frozen=True)
class LineageEntry:
    """One ingredient of a model."""

    what: str
    origin: str  # Markdown
    rows: int | None  # None for what has no rows
    sha256: str


@dataclass(frozen=True)
class LineagePaths:
    """Where the ingredients of a model lie."""

    raw: Path  # with a folder per source
    synthetic: Path  # folder with corpus.parquet
    rows: Path  # training rows (parquet)
    base: Path  # folder of the base checkpoint
    model: Path  # folder of the trained model


def lineage(paths: LineagePaths, base: AnyBase, filtered: bool) -> Iterator[LineageEntry]:
    """Yield all ingredients, from the raw files to the weights; `filtered`: whether the keep rule chose the rows."""
    yield from (_source_entry(paths.raw / item) for item in read_order(paths.raw))
    synthetic = paths.synthetic / "corpus.parquet"
    rows_origin = "all of the above, cleaned and split" + (", kept by the filter" if filtered else "")
    for what, origin, table in (
        ("synthetic sentences", "the brand's templates and word lists", synthetic),
        ("training rows", rows_origin, paths.rows),
    ):
        yield LineageEntry(what, origin, len(read_table(table)), sha256(table))
    yield LineageEntry("base weights", describe_base(base), None, sha256(paths.base / WEIGHTS))
    yield LineageEntry("these weights", f"`{WEIGHTS}` in this folder", None, sha256(paths.model / WEIGHTS))


def base_name(base: AnyBase) -> str | None:
    """The base's name on the model hub, if it has one."""
    return base.repository if isinstance(base, HubBase) else base.name


def describe_base(base: AnyBase) -> str:
    """Where the base came from, in Markdown, without any path of this machine."""
    name = base_name(base)
    match base.kind:
        case "package":
            told = f"package {code_cell(base.package)}" + (f" ({escape(name)})" if name else "")
            return told + (f", adapter {code_cell(base.adapter)} merged in" if base.adapter else "")
        case "hub":
            return f"{escape(base.repository)}, revision {code_cell(base.revision)}"
    return escape(name) if name else "a local folder"


def _source_entry(folder: Path) -> LineageEntry:
    """A raw source, from the record that `fetch` wrote."""
    origin = read_origin(folder)
    place = str(origin["retrieved_from"])
    if origin["kind"] == "file" and "://" not in place:
        place = Path(place).name  # the path of one machine is private
    version = f", version {origin['version']}" if "version" in origin else ""
    return LineageEntry(
        str(origin["source"]), escape(f"{place} ({origin['kind']}){version}"), int(origin["rows"]), origin["sha256"]
    )
