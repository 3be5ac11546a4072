"""Parts of raw sources: which rows they are, and the tasks that survey and map them.

Parts are cut by the data alone. A mapped part is written under its final name only when it is complete, so that a later
run goes on from the parts that it finds.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from brandmlm.config.params.clean import Clean
from brandmlm.data.brand_context import BrandContext
from brandmlm.data.corpus import stable_hash
from brandmlm.data.mapping import ColumnSurvey, MappedPart, SettledColumns, map_part, survey_columns
from brandmlm.data.raw_source import ROWS, RawSource, read_origin
from brandmlm.data.row_checks import unusable
from brandmlm.data.table_parts import PART_ROWS, open_parquet
from brandmlm.data.values.dates import DateSummary
from brandmlm.data.values.ratings import RatingSummary
from brandmlm.text.sentences import words

_SUMMARY: Final = b"brandmlm"  # the key of a mapped file's metadata

_KEY_BYTES: Final = 16


@dataclass(frozen=True)
class Part:
    """Some rows of a raw source that follow each other."""

    folder: Path  # of the source
    number: int  # among the parts of all sources
    first: int  # rows of the source before it
    rows: int

    def read(self) -> RawSource:
        """The rows."""
        with open_parquet(self.folder / ROWS) as file:
            groups: list[int] = []
            before, end = 0, 0
            for group in range(file.metadata.num_row_groups):
                start, end = end, end + file.metadata.row_group(group).num_rows
                if start < self.first + self.rows and end > self.first:
                    before = before if groups else start
                    groups.append(group)
            table = file.read_row_groups(groups).slice(self.first - before, self.rows)
        return RawSource(self.folder.name, read_origin(self.folder), table.to_pandas())


@dataclass(frozen=True)
class MappingJob:
    """What the mapping of a part needs beside its rows."""

    brand: BrandContext
    params: Clean
    out: Path  # folder of the mapped parts


def cut_parts(folders: Sequence[Path], part_rows: int = PART_ROWS) -> list[Part]:
    """The parts of all sources, in the order in which the earlier of two equal texts wins; each source has one."""
    parts: list[Part] = []
    for folder in folders:
        with open_parquet(folder / ROWS) as file:
            total = file.metadata.num_rows
        for first in range(0, max(total, 1), part_rows):
            parts.append(Part(folder, len(parts), first, min(part_rows, total - first)))
    return parts


def survey_part(part: Part) -> ColumnSurvey:
    """What the columns of a part show."""
    return survey_columns(part.read())


def mapped_file(out: Path, number: int) -> Path:
    """The file of a mapped part."""
    return out / f"{number:05}.parquet"


def _described(mapped: MappedPart) -> dict[str, Any]:
    """What a part's columns did not say, for the metadata of its file."""
    return {
        name: None if each is None else [each.read, each.unreadable, each.example]
        for name, each in (("ratings", mapped.ratings), ("dates", mapped.dates))
    }


def read_summaries(file: Path, settled: SettledColumns) -> tuple[RatingSummary | None, DateSummary | None]:
    """What is to be said about the ratings and the dates of a mapped part; None: no such column."""
    found: dict[str, Any] = json.loads(pq.read_schema(file).metadata[_SUMMARY])
    ratings, dates, order = found["ratings"], found["dates"], settled.order
    return (
        RatingSummary(ratings[0], ratings[1], ratings[2], settled.scale) if ratings else None,
        DateSummary(dates[0], dates[1], dates[2], order) if dates and order else None,
    )


def map_one(part: Part, settled: SettledColumns, job: MappingJob) -> int:
    """Map a part and check its rows one by one; write them to `mapped_file`.

    The file has `mapping.ROW_COLUMNS` and: `reason` (why a row is dropped, or null); of the others, `words` (with
    single blanks between them), `key` (16 bytes, a hash of the words) and `id` (of the text, as a number).

    Returns:
        The number of rows.
    """
    mapped = map_part(part.read(), settled, job.brand, part.first + 1)
    reasons: list[str | None] = []
    normalised: list[str | None] = []
    for text in mapped.rows["text"]:
        tokens = words(text)
        reasons.append(unusable(text, len(tokens), job.params, job.brand.language))
        normalised.append(None if reasons[-1] else " ".join(tokens))
    keys = [each and hashlib.blake2b(each.encode(), digest_size=_KEY_BYTES).digest() for each in normalised]
    ids = [
        None if each is None else stable_hash(text) for each, text in zip(normalised, mapped.rows["text"], strict=True)
    ]
    table = pa.Table.from_pandas(mapped.rows, preserve_index=False)
    for name, cells, kind in (
        ("reason", reasons, pa.string()),
        ("words", normalised, pa.large_string()),
        ("key", keys, pa.binary(_KEY_BYTES)),
        ("id", ids, pa.uint64()),
    ):
        table = table.append_column(name, pa.array(cells, kind))
    described = {_SUMMARY: json.dumps(_described(mapped)).encode()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **described})
    file = mapped_file(job.out, part.number)
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")  # a cluster may run a task twice
    pq.write_table(table, partial, compression="zstd")
    os.replace(partial, file)
    return len(table)
