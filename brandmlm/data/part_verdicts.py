"""Which rows of mapped parts are kept: exact and near-duplicates, and merged groups, over all parts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from brandmlm.data.brand_context import BrandContext
from brandmlm.data.cleaning import REASONS
from brandmlm.data.part_files import Part, mapped_file
from brandmlm.data.similarity import Texts, compare

KEPT: Final = 255  # a row's reason as a number: its place in REASONS, or this

Flags = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Verdicts:
    """What became of each row of all parts."""

    reasons: Flags  # its place in REASONS; KEPT
    ids: npt.NDArray[np.uint64]  # of usable texts
    duplicate_of: Numbers  # the row that is kept instead; -1: none
    groups: Numbers  # its group's place in `names`, of kept rows
    names: pa.Array


def compare_parts(parts: Sequence[Part], place: Path, near: float, brand: BrandContext, plain_texts: int) -> Verdicts:
    """Find exact and near-duplicates, and merge groups."""
    reasons, ids, keys = _read_checks(parts, place)
    duplicate_of = _drop_equal(reasons, keys)
    del keys
    unique = np.flatnonzero(reasons == KEPT)
    masks = masks_of(parts, reasons == KEPT)
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
    return Verdicts(reasons, ids, duplicate_of, groups, names)


def _column(file: Path, name: str, mask: npt.NDArray[np.bool_]) -> pa.Array:
    """A column of strings of the rows of a mapped part that a mask picks."""
    column = pq.read_table(file, columns=[name]).column(name).filter(pa.array(mask))
    return column.cast(pa.large_string()).combine_chunks()


def masks_of(parts: Sequence[Part], rows: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
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
        reasons[own] = found.fill_null(KEPT).to_numpy()
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
    usable = np.flatnonzero(reasons == KEPT)
    order = usable[np.lexsort((keys[usable, 1], keys[usable, 0]))]  # stable: equal ones in the order of the rows
    equal = np.zeros(len(order), bool)
    equal[1:] = (keys[order[1:]] == keys[order[:-1]]).all(axis=1)
    starts = np.flatnonzero(~equal)
    firsts = order[starts[np.cumsum(~equal) - 1]] if len(order) else order
    duplicate_of = np.full(len(reasons), -1, np.int32)
    duplicate_of[order[equal]] = firsts[equal]
    reasons[order[equal]] = REASONS.index("exact_duplicate")
    return duplicate_of


class PickedTexts(Collection[str]):
    """The texts of the rows that a mask picks, read again each time."""

    def __init__(self, parts: Sequence[Part], place: Path, rows: npt.NDArray[np.bool_]) -> None:
        self._read = list(zip((mapped_file(place, part.number) for part in parts), masks_of(parts, rows), strict=True))
        self._len = int(rows.sum())

    def __len__(self) -> int:
        return self._len

    def __iter__(self) -> Iterator[str]:
        return (text for file, mask in self._read for text in _column(file, "text", mask).to_pylist())

    def __contains__(self, text: object) -> bool:
        return any(text == each for each in self)
