"""Clean sources of any size: what `cleaning.clean_sources` does with tables in memory, part by part.

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
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from brandmlm.config.params.clean import Clean
from brandmlm.core.code_digest import find_closure
from brandmlm.core.executors import InlineExecutor, run_tasks
from brandmlm.core.files import sha256
from brandmlm.core.progress import progress_counter
from brandmlm.data.brand_context import BrandContext, check_named
from brandmlm.data.cleaning import DROPPED_COLUMNS, DROPPED_TYPES, REASONS, SourceCounts, none_left, unreadable_rows
from brandmlm.data.corpus import COLUMNS, read_table
from brandmlm.data.mapping import (
    ROW_COLUMNS,
    ColumnSurvey,
    MappedColumns,
    SettledColumns,
    describe_mapped,
    settle_columns,
)
from brandmlm.data.part_files import MappingJob, Part, cut_parts, map_one, mapped_file, read_summaries, survey_part
from brandmlm.data.raw_source import ORIGIN, ROWS, SKIPPED, RawSource, read_origin
from brandmlm.data.similarity import PLAIN_TEXTS, Texts, compare
from brandmlm.data.table_parts import PART_ROWS, TableWriter, open_parquet

_BUCKET_ROWS: Final = 4 * PART_ROWS  # kept rows that are sorted by id at a time, about

_KEPT: Final = 255  # a row's reason as a number: its place in REASONS, or this

Flags = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]


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
        verdicts = _compare(parts, place, params.near_duplicate, brand, running.plain_texts)
        counts = _count(parts, verdicts.reasons)
        if not any(count["kept"] for count in counts.values()):
            foreign = _KeptTexts(parts, place, verdicts.reasons == REASONS.index("other_language"))
            raise none_left(list(foreign), counts)
        check_named(_KeptTexts(parts, place, verdicts.reasons == _KEPT), brand, params.min_brand_share)
        _write(parts, place, verdicts, out)
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
        raw = RawSource(folder.name, read_origin(folder), pd.DataFrame(), pd.DataFrame())
        found[folder.name] = describe_mapped(
            raw,
            reduce(lambda one, other: one.merge(other), ratings) if ratings else None,
            reduce(lambda one, other: one.merge(other), dates) if dates else None,
        )
    return found


@dataclass(frozen=True)
class _Verdicts:
    """What became of each row of all parts."""

    reasons: Flags  # its place in REASONS; _KEPT
    ids: npt.NDArray[np.uint64]  # of usable texts
    duplicate_of: Numbers  # the row that is kept instead; -1: none
    groups: Numbers  # its group's place in `names`, of kept rows
    names: pa.Array


def _compare(parts: Sequence[Part], place: Path, near: float, brand: BrandContext, plain_texts: int) -> _Verdicts:
    """Find exact and near-duplicates, and merge groups."""
    reasons, ids, keys = _read_checks(parts, place)
    duplicate_of = _drop_equal(reasons, keys)
    del keys
    unique = np.flatnonzero(reasons == _KEPT)
    masks = _masks(parts, reasons == _KEPT)
    read = [(mapped_file(place, part.number), mask) for part, mask in zip(parts, masks, strict=True) if mask.any()]
    named = pa.chunked_array([_column(file, "group", mask) for file, mask in read], pa.large_string())
    names = pc.unique(named)
    names = names.take(pc.sort_indices(names))
    codes = pc.index_in(named, value_set=names).combine_chunks()
    del named
    total = sum(pc.sum(pc.count_substring(_column(file, "words", mask), " ")).as_py() or 0 for file, mask in read)
    texts = Texts(
        lambda: (_column(file, "words", mask) for file, mask in read),
        pa.DictionaryArray.from_arrays(codes, names),
        total + len(unique),
    )
    compared = compare(texts, near, brand.names, plain_texts)
    later = np.flatnonzero(compared.duplicate_of >= 0)
    reasons[unique[later]] = REASONS.index("near_duplicate")
    duplicate_of[unique[later]] = unique[compared.duplicate_of[later]]
    groups = np.full(len(reasons), -1, np.int32)
    groups[unique] = compared.groups
    return _Verdicts(reasons, ids, duplicate_of, groups, names)


def _column(file: Path, name: str, mask: npt.NDArray[np.bool_]) -> pa.Array:
    """A column of strings of the rows of a mapped part that a mask picks."""
    column = pq.read_table(file, columns=[name]).column(name).filter(pa.array(mask))
    return column.cast(pa.large_string()).combine_chunks()


def _masks(parts: Sequence[Part], rows: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """An array over all rows, cut into parts."""
    return np.split(rows, np.cumsum([part.rows for part in parts])[:-1])


def _read_checks(parts: Sequence[Part], place: Path) -> tuple[Flags, npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The reasons, ids and keys (rows, 2) of all rows."""
    total = sum(part.rows for part in parts)
    reasons, ids = np.empty(total, np.uint8), np.empty(total, np.uint64)
    keys = np.empty((total, 2), np.uint64)
    first = 0
    for part in parts:
        table = pq.read_table(mapped_file(place, part.number), columns=["reason", "key", "id"])
        found = pc.index_in(table.column("reason"), value_set=pa.array(REASONS))
        own = slice(first, first + len(table))
        reasons[own] = found.fill_null(_KEPT).to_numpy()
        ids[own] = table.column("id").fill_null(0).to_numpy()
        if len(table):
            key = table.column("key").fill_null(bytes(16)).combine_chunks()
            flat = np.frombuffer(key.buffers()[1], np.uint64)[2 * key.offset :]
            keys[own] = flat[: 2 * len(key)].reshape(-1, 2)
        first += len(table)
    return reasons, ids, keys


def _drop_equal(reasons: Flags, keys: npt.NDArray[np.uint64]) -> Numbers:
    """Give the rows that equal an earlier one their reason.

    Args:
        reasons: Of all rows; changed.
        keys: (rows, 2): hashes of their words.

    Returns:
        The earlier row of each of them; -1 for others.
    """
    usable = np.flatnonzero(reasons == _KEPT)
    order = usable[np.lexsort((keys[usable, 1], keys[usable, 0]))]  # stable: equal ones in the order of the rows
    equal = np.zeros(len(order), bool)
    equal[1:] = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    starts = np.flatnonzero(~equal)
    firsts = order[starts[np.cumsum(~equal) - 1]] if len(order) else order
    duplicate_of = np.full(len(reasons), -1, np.int32)
    duplicate_of[order[equal]] = firsts[equal]
    reasons[order[equal]] = REASONS.index("exact_duplicate")
    return duplicate_of


class _KeptTexts(Collection[str]):
    """The kept texts, read anew each time."""

    def __init__(self, parts: Sequence[Part], place: Path, kept: npt.NDArray[np.bool_]) -> None:
        self._read = list(zip((mapped_file(place, part.number) for part in parts), _masks(parts, kept), strict=True))
        self._len = int(kept.sum())

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[str]:
        return (text for file, mask in self._read for text in _column(file, "text", mask).to_pylist())

    def __contains__(self, text: object) -> bool:
        return any(text == each for each in self)


def _count(parts: Sequence[Part], reasons: Flags) -> dict[str, SourceCounts]:
    """Count the kept and dropped rows of each source."""
    counts: dict[str, SourceCounts] = {}
    for part, own in zip(parts, _masks(parts, reasons), strict=True):
        found = np.bincount(own, minlength=_KEPT + 1).tolist()
        if (count := counts.get(part.folder.name)) is None:
            with open_parquet(part.folder / SKIPPED) as file:
                skipped = file.metadata.num_rows
            empty = dict.fromkeys(REASONS, 0) | {"unreadable": skipped}
            counts[part.folder.name] = count = {"read": skipped, "kept": 0, "dropped": empty}
        count["read"] += part.rows
        count["kept"] += found[_KEPT]
        for place, reason in enumerate(REASONS):
            count["dropped"][reason] += found[place]
    return counts


def _write(parts: Sequence[Part], place: Path, verdicts: _Verdicts, out: Path) -> None:
    """Write the dropped rows, and the kept ones sorted by id."""
    buckets = place / "buckets"
    shutil.rmtree(buckets, ignore_errors=True)
    buckets.mkdir()
    kept = verdicts.reasons == _KEPT
    bits = max(0, (int(kept.sum()) - 1) // _BUCKET_ROWS).bit_length()
    first = 0
    with (
        TableWriter(out / "dropped.parquet") as dropped,
        progress_counter("writing", 2 * len(kept)) as bar,
    ):
        for part in parts:
            rows = pq.read_table(mapped_file(place, part.number), columns=list(ROW_COLUMNS)).to_pandas()
            own = slice(first, first + len(rows))
            dropped.append(_dropped_rows(rows, verdicts, own))
            _fill_buckets(_kept_rows(rows, verdicts, own), bits, buckets, part.number)
            first += len(rows)
            bar.update(len(rows))
        for folder in dict.fromkeys(part.folder for part in parts):
            dropped.append(unreadable_rows(folder.name, read_table(folder / SKIPPED)).astype(DROPPED_TYPES))
        with TableWriter(out / "corpus.parquet") as corpus:
            for number in range(1 << bits):
                files = sorted(buckets.glob(f"{number:05}-*.parquet"))
                if files:
                    rows = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
                    rows = rows.sort_values("id", ignore_index=True)
                    if len(twice := rows["id"][rows["id"].duplicated()]):
                        raise ValueError(f"a text occurs twice in the corpus (id {twice.iloc[0]})")
                    corpus.append(rows)
                    bar.update(len(rows))


def _hex(ids: npt.NDArray[np.uint64]) -> list[str]:
    """Ids as the corpus has them."""
    return [f"{each:016x}" for each in ids.tolist()]


def _dropped_rows(rows: pd.DataFrame, verdicts: _Verdicts, own: slice) -> pd.DataFrame:
    """The dropped rows of a part, with `DROPPED_COLUMNS`. `own`: where the part is among all rows."""
    reasons, earlier = verdicts.reasons[own], verdicts.duplicate_of[own]
    found = np.flatnonzero(reasons != _KEPT)
    instead = [None if row < 0 else f"{verdicts.ids[row]:016x}" for row in earlier[found].tolist()]
    table = rows.iloc[found].assign(
        reason=[REASONS[number] for number in reasons[found].tolist()],
        detail=None,
        duplicate_of=pd.array(instead, dtype="string"),
    )
    return table[list(DROPPED_COLUMNS)].astype(DROPPED_TYPES)


def _kept_rows(rows: pd.DataFrame, verdicts: _Verdicts, own: slice) -> pd.DataFrame:
    """The kept rows of a part as those of a corpus."""
    found = np.flatnonzero(verdicts.reasons[own] == _KEPT)
    groups = verdicts.names.take(pa.array(verdicts.groups[own][found])).to_pylist()
    table = rows.iloc[found].assign(id=_hex(verdicts.ids[own][found]), group=groups, label=None)
    types = {column: "Int64" if column == "rating" else "string" for column in (*COLUMNS, "date")}
    return table[[*COLUMNS, "date"]].astype(types)


def _fill_buckets(rows: pd.DataFrame, bits: int, buckets: Path, part: int) -> None:
    """Write rows by the leading bits of their ids."""
    leading = np.array([int(each[:8], 16) >> (32 - bits) for each in rows["id"]], np.int64)
    for number in np.unique(leading).tolist():
        rows[leading == number].to_parquet(buckets / f"{number:05}-{part:05}.parquet", index=False, engine="pyarrow")
