"""Which texts are near-duplicates of earlier ones, and which groups share a split, for any number of texts.

Few texts are compared by `near_duplicates` and `grouping`, which need no compiler; many by `similarity_kernel`, with
the same result. They differ only where more texts are alike than either compares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from brandmlm.core.progress import progress_counter
from brandmlm.data.grouping import LARGEST, PRODUCT, SIMILAR, SMALL, merge_groups
from brandmlm.data.near_duplicates import near_duplicates
from brandmlm.data.product_names import without_brand

if TYPE_CHECKING:
    from types import ModuleType

# Up to so many, comparing takes less time than importing and loading the compiled kernel.
PLAIN_TEXTS: Final = 5_000

_AT_ONCE: Final = 20_000  # texts in one call of the kernel: a second or two

_LEAST_BITS: Final = 16  # of the size of the kernel's index
_MOST_BITS: Final = 25  # 0.3 GB

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Texts:
    """Texts to compare: distinct ones in the order in which the earlier wins."""

    parts: Callable[[], Iterator[pa.Array]]  # their words with single blanks between them, read again by each call
    groups: pa.DictionaryArray  # the group of each text; the dictionary is sorted and without gaps
    words: int  # in all


@dataclass(frozen=True)
class Compared:
    """What became of the texts."""

    duplicate_of: Numbers  # the number of the text that is kept instead; -1: kept
    groups: Numbers  # the number of the merged group in the dictionary; of kept texts only


def compare(texts: Texts, threshold: float, brand: Collection[str] = (), plain_texts: int = PLAIN_TEXTS) -> Compared:
    """Drop near-duplicates and merge the groups of what is left.

    Args:
        texts: The texts.
        threshold: Jaccard similarity of word pairs from which a text is a near-duplicate.
        brand: The brand's names; products whose keys differ in these only share a group.
        plain_texts: Up to so many are compared without the kernel.
    """
    if len(texts.groups) <= plain_texts:
        return _compare_plain(texts, threshold, brand)
    return _compare_compiled(texts, threshold, brand)


def _compare_plain(texts: Texts, threshold: float, brand: Collection[str]) -> Compared:
    tokens = [text.split(" ") for part in texts.parts() for text in part.to_pylist()]
    duplicate_of = np.full(len(tokens), -1, np.int32)
    for later, earlier in near_duplicates(tokens, threshold).items():
        duplicate_of[later] = earlier
    kept = np.flatnonzero(duplicate_of < 0).tolist()
    names = texts.groups.dictionary.to_pylist()
    codes = texts.groups.indices.to_numpy().astype(np.int32)
    merged = merge_groups([names[codes[place]] for place in kept], [tokens[place] for place in kept], brand)
    numbers = {name: number for number, name in enumerate(names)}
    codes[kept] = [numbers[name] for name in merged]
    return Compared(duplicate_of, codes)


def _compare_compiled(texts: Texts, threshold: float, brand: Collection[str]) -> Compared:
    from brandmlm.data import similarity_kernel as kernel

    codes = texts.groups.indices.to_numpy().astype(np.int32)
    total = len(texts.groups.dictionary)
    parents = np.tile(np.arange(total, dtype=np.int32), (len(SIMILAR), 1))
    duplicate_of = _join(texts, kernel.Groups(codes, np.array(SIMILAR), parents), threshold, kernel)
    rows = np.bincount(codes[duplicate_of < 0], minlength=total)
    names = _link_names(texts.groups.dictionary, rows, brand, kernel)
    return Compared(duplicate_of, _strict_enough(rows, names, parents, kernel)[codes])


def _join(texts: Texts, groups: tuple[Any, ...], threshold: float, kernel: ModuleType) -> Numbers:
    """Drop near-duplicates and link groups, some texts at a time: between two calls Ctrl-C is heeded.

    Args:
        texts: The texts.
        groups: `kernel.Groups`; links are added.
        threshold: See `compare`.
        kernel: The module of the join.

    Returns:
        The number of the text that is kept instead of each, -1 for those that are kept.
    """
    total, lowest = len(texts.groups), min(threshold, SIMILAR[0])
    pieces = [(first, min(first + _AT_ONCE, total)) for first in range(0, total, _AT_ONCE)]
    duplicate_of = np.empty(total, np.int32)
    with progress_counter("comparing", total) as bar:
        shingles = _hash_texts(texts, kernel)
        bits = min(max(math.ceil(math.log2(max(texts.words, 1))) - 1, _LEAST_BITS), _MOST_BITS)
        frequency = kernel.count_frequencies(shingles[0], bits)
        sizes = np.zeros_like(frequency)
        for piece in pieces:
            kernel.count_first(shingles, frequency, lowest, piece, sizes)
        index = kernel.open_index(frequency, sizes, total)
        del sizes
        for piece in pieces:
            kernel.join(shingles, index, groups, threshold, piece, duplicate_of)
            bar.update(piece[1] - piece[0])
    return duplicate_of


def _hash_texts(texts: Texts, kernel: ModuleType) -> tuple[Any, ...]:
    """The `kernel.Shingles` of all texts."""
    values = np.empty(texts.words, np.uint32)
    starts = np.zeros(len(texts.groups) + 1, np.int64)
    first = 0
    for part in texts.parts():
        part = part.cast(pa.large_string())
        _, offsets, data = part.buffers()
        ends = np.frombuffer(offsets, np.int64)[part.offset : part.offset + len(part) + 1]
        kernel.hash_shingles(np.frombuffer(data or b"", np.uint8), ends, values, starts, first)
        first += len(part)
    found: tuple[Any, ...] = kernel.Shingles(values[: starts[-1]], starts)
    return found


def _link_names(groups: pa.Array, rows: npt.NDArray[np.int64], brand: Collection[str], kernel: ModuleType) -> Numbers:
    """Link products whose keys differ in the brand's names only.

    Args:
        groups: All groups, sorted.
        rows: The number of rows that each has; those without any are left alone.
        brand: The brand's names.
        kernel: The module of the links.

    Returns:
        The first group, in alphabetical order, of those that name the same product.
    """
    parents = np.arange(len(groups), dtype=np.int32)
    named = pc.and_(pc.starts_with(groups, PRODUCT), pa.array(rows > 0))
    products: dict[str, int] = {}
    for number in np.flatnonzero(named.to_numpy(zero_copy_only=False)).tolist():
        key = without_brand(groups[number].as_py().removeprefix(PRODUCT), brand)
        kernel.link(parents, number, products.setdefault(key, number))
    first: Numbers = kernel.roots(parents)
    return first


def _strict_enough(rows: npt.NDArray[np.int64], names: Numbers, levels: Numbers, kernel: ModuleType) -> Numbers:
    """What `grouping` does with groups as strings.

    Args:
        rows: The number of rows of each group.
        names: The group that it shares a product with.
        levels: (levels, groups): the forest of links at each level.
        kernel: The module of the links.

    Returns:
        The merged group of each group.
    """
    total = len(rows)
    named_rows = np.bincount(names, weights=rows, minlength=total)
    largest = max(SMALL, LARGEST * rows.sum())
    merged = np.full(total, -1, np.int32)
    for parents in levels:
        for group in np.flatnonzero(names != np.arange(total)).tolist():
            kernel.link(parents, group, int(names[group]))
        roots: Numbers = kernel.roots(parents)
        sizes = np.bincount(roots, weights=named_rows, minlength=total)
        cores = np.zeros(total)
        np.maximum.at(cores, roots, named_rows)
        merged = np.where((merged < 0) & (sizes - cores <= largest)[roots], roots, merged)
    return np.where(merged < 0, names, merged)[names].astype(np.int32)
