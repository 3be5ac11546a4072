"""Clean sources of any size: what `cleaning.clean_rows` does with a table in memory, part by part.

1. Survey: each part's columns, for what only whole columns tell.
2. Map: each part's rows are repaired and checked one by one, and written with a hash of their words.
3. Compare: of equal words the first row is kept, then near-duplicates are dropped and groups merged (`similarity`).
4. Write: dropped rows in the order of the sources, kept ones by id, in buckets of their first digits.

Survey and map are tasks for an executor and take nearly all of the time. Between them and the output there are numbers
and hashes in memory, and texts in one part at a time. Whatever the parts, the executor and its workers, the output is
the same.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.config.params.clean import Clean
from brandmlm.core.code_digest import find_closure
from brandmlm.core.executors import InlineExecutor, run_tasks
from brandmlm.core.files import sha256
from brandmlm.data.brand_context import BrandContext, check_named
from brandmlm.data.cleaning import REASONS, SourceCounts, none_left
from brandmlm.data.mapping import ColumnSurvey, MappedColumns, SettledColumns, describe_mapped, settle_columns
from brandmlm.data.part_files import MappingJob, Part, cut_parts, map_one, mapped_file, read_summaries, survey_part
from brandmlm.data.part_output import count_parts, write_parts
from brandmlm.data.part_verdicts import KEPT, PickedTexts, compare_parts
from brandmlm.data.raw_source import ORIGIN, ROWS, RawSource, read_origin
from brandmlm.data.similarity import PLAIN_TEXTS
from brandmlm.data.table_parts import PART_ROWS


@dataclass(frozen=True)
class Running:
    """How to run, never what comes out."""

    executor: tuple[Executor, int] = (InlineExecutor(), 1)  # see `executors.open_executor`
    part_rows: int = PART_ROWS
    plain_texts: int = PLAIN_TEXTS  # see `similarity.compare`


INLINE: Final = Running()


@dataclass(frozen=True)
class CleanedFiles:
    """What was written."""

    counts: dict[str, SourceCounts]  # by source
    columns: dict[str, MappedColumns]  # by source

    @property
    def kept(self) -> int:
        return sum(count["kept"] for count in self.counts.values())

    @property
    def read(self) -> int:
        return sum(count["read"] for count in self.counts.values())


def clean_files(
    folders: Sequence[Path], params: Clean, brand: BrandContext, out: Path, work: Path, running: Running = INLINE
) -> CleanedFiles:  # fmt: skip
    """Write `corpus.parquet` and `dropped.parquet`.

    Args:
        folders: Of the fetched sources, in order: of two equal texts, the earlier one is kept.
        params: The limits.
        brand: Its language and names.
        out: The folder of the two tables.
        work: A folder for parts where a source has several, removed at the end; parts of the same rows, code and params
            that it has are used.
        running: How to run.

    Raises:
        UserError: A file is missing or damaged, no row is left, or too few name the brand.
    """
    parts = cut_parts(folders, running.part_rows)
    long = any(part.first for part in parts)  # what takes seconds need not be kept
    with _working(work, _key(parts, params, brand)) if long else _working(out / "parts", "once") as place:
        job = MappingJob(brand, params, place)
        settled = _settle(parts, running.executor)
        missing = [part for part in parts if not (long and mapped_file(place, part.number).exists())]
        tasks = [(part, settled[part.folder], job) for part in missing]
        for _ in run_tasks(running.executor, map_one, tasks, "cleaning", [part.rows for part in missing]):
            pass
        verdicts = compare_parts(parts, place, params.near_duplicate, brand, running.plain_texts)
        counts = count_parts(parts, verdicts.reasons)
        if not any(count["kept"] for count in counts.values()):
            foreign = PickedTexts(parts, place, verdicts.reasons == REASONS.index("other_language"))
            raise none_left(list(foreign), counts)
        check_named(PickedTexts(parts, place, verdicts.reasons == KEPT), brand, params.min_brand_share)
        write_parts(parts, place, verdicts, out)
        columns = _describe(parts, place, settled)
    for name, each in columns.items():
        if each.unreadable_dates is not None:
            counts[name]["unreadable_dates"] = each.unreadable_dates
        if each.unreadable_ratings is not None:
            counts[name]["unreadable_ratings"] = each.unreadable_ratings
    return CleanedFiles(counts, columns)


@contextmanager
def _working(work: Path, key: str) -> Iterator[Path]:
    """Yield the folder of parts with this key; remove it, and those with others, when it is done with."""
    place = work / key
    if work.exists():
        for other in work.iterdir():
            if other != place:
                shutil.rmtree(other)
    place.mkdir(parents=True, exist_ok=True)
    yield place
    shutil.rmtree(work)


def _key(parts: Sequence[Part], params: Clean, brand: BrandContext) -> str:
    """What decides the mapped parts: rows, code, params and the brand."""
    folders = list(dict.fromkeys(part.folder for part in parts))
    decisive = {
        "rows": [[sha256(folder / name) for name in (ROWS, ORIGIN)] for folder in folders],
        "parts": [[part.first, part.rows] for part in parts],
        "code": find_closure(__name__).digests,
        "params": params.model_dump(),
        "brand": asdict(brand),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:16]


def _settle(parts: Sequence[Part], executor: tuple[Executor, int]) -> dict[Path, SettledColumns]:
    """What the whole columns of each source tell."""
    surveys: dict[Path, ColumnSurvey] = {}
    found = run_tasks(executor, survey_part, [(part,) for part in parts], "surveying", [part.rows for part in parts])
    for part, survey in zip(parts, found, strict=True):
        if part.folder in surveys:
            surveys[part.folder].merge(survey)
        else:
            surveys[part.folder] = survey
    return {folder: settle_columns(survey, folder.name, read_origin(folder)) for folder, survey in surveys.items()}


def _describe(parts: Sequence[Part], place: Path, settled: dict[Path, SettledColumns]) -> dict[str, MappedColumns]:
    """What the columns of each source did not say."""
    found: dict[str, MappedColumns] = {}
    for folder, columns in settled.items():
        own = [read_summaries(mapped_file(place, part.number), columns) for part in parts if part.folder == folder]
        ratings = [each for each, _ in own if each]
        dates = [each for _, each in own if each]
        raw = RawSource(folder.name, read_origin(folder), pd.DataFrame())
        found[folder.name] = describe_mapped(
            raw,
            reduce(lambda one, other: one.merge(other), ratings) if ratings else None,
            reduce(lambda one, other: one.merge(other), dates) if dates else None,
        )
    return found
