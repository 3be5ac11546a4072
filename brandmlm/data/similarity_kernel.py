"""Near-duplicates and groups of similar texts among millions of texts: the loops, compiled by Numba.

The join is that of `near_duplicates.similar_texts` (prefix filtering), in one pass that drops near-duplicates and links
similar texts. Its arrays take about 0.4 KB a text; a shingle is a hash of 32 bits. No library was found that joins sets
exactly: LSH (rensa, datasketch) misses a share of the pairs, and the pages of docs/scale.md tell what that costs.

Importing this module takes half a second, and compiling what is not cached a few more: see `similarity`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float64]

MAX_LISTED: Final = 300  # texts that are found by one shingle: the first ones

MAX_COMPARED: Final = 300  # of all that are found: those that share most of the first shingles


class Shingles(NamedTuple):
    """The shingles of all texts."""

    values: Words  # sorted hashes, one text after the other
    starts: Places  # where those of each text begin; one more at the end


class Index(NamedTuple):
    """Which texts have a shingle among their first, and what is noted about each text while another is compared."""

    frequency: Words  # of each of the 2**n hashes
    room: Words  # where the list of each hash begins; one more at the end
    listed: npt.NDArray[np.uint16]  # the texts in each list
    listing: Numbers  # the lists
    seen: Numbers  # by text: which one found it last
    shared: Numbers  # by text: the first shingles that they share
    found: Numbers  # the texts that were found


class Groups(NamedTuple):
    """The groups of texts, and which are linked."""

    of_text: Numbers  # the group of each text
    levels: Shares  # similarities above which two texts are linked, ascending
    parents: Numbers  # (levels, groups): the forest of links at each level; every group its own parent at first


_FNV_OFFSET: Final = np.uint64(14695981039346656037)
_FNV_PRIME: Final = np.uint64(1099511628211)
_BLANK: Final = 32


@numba.njit(cache=True)
def _mix(value: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64: every bit of the input changes half of the output's."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@numba.njit(cache=True)
def hash_shingles(text: Bytes, ends: Places, values: Words, starts: Places, first: int) -> None:
    """Write the sorted, distinct hashes of each text's pairs of adjacent words; a text of one word has that word's.

    Args:
        text: UTF-8 of words with single blanks between them, one text after the other.
        ends: Where each text begins, and where the last one ends.
        values: Takes the hashes, at least one per word.
        starts: Where the hashes of each text begin, and where the last ones end; `starts[first]` is given.
        first: The number of the first text.
    """
    for number in range(len(ends) - 1):
        start = starts[first + number]
        place = start
        word, before, words = _FNV_OFFSET, np.uint64(0), 0
        for at in range(ends[number], ends[number + 1] + 1):
            if at < ends[number + 1] and text[at] != _BLANK:
                word = (word ^ np.uint64(text[at])) * _FNV_PRIME
                continue
            if words:
                values[place] = np.uint32(_mix(before * np.uint64(3) + word) >> np.uint64(32))
                place += 1
            before, word, words = _mix(word), _FNV_OFFSET, words + 1
        if words == 1:
            values[place] = np.uint32(before >> np.uint64(32))
            place += 1
        values[start:place].sort()
        end = start
        for at in range(start, place):
            if at == start or values[at] != values[at - 1]:
                values[end] = values[at]
                end += 1
        starts[first + number + 1] = end


@numba.njit(cache=True)
def _shared(values: Words, one: int, one_end: int, other: int, other_end: int, least: int) -> int:
    """The number of values that two sorted ranges have in common; any number below `least` if it is below."""
    both = 0
    while one < one_end and other < other_end:
        if both + min(one_end - one, other_end - other) < least:
            return 0
        left, right = values[one], values[other]
        both += left == right
        one += left <= right
        other += right <= left
    return both


@numba.njit(cache=True)
def _rare_first(values: Words, start: int, end: int, frequency: Words, mask: np.uint32) -> npt.NDArray[np.uint64]:
    """The shingles of a text from rare to frequent, in the lower 32 bits of each number."""
    keys = np.empty(end - start, np.uint64)
    for place in range(end - start):
        value = values[start + place]
        keys[place] = (np.uint64(frequency[value & mask]) << np.uint64(32)) | np.uint64(value)
    keys.sort()
    return keys


@numba.njit(cache=True)
def _first(size: int, lowest: float) -> int:
    """Of so many shingles, one of the first ones is in every set whose similarity is at least `lowest`."""
    return size - int(np.ceil(lowest * size - 1e-9)) + 1


@numba.njit(cache=True)
def count_frequencies(values: Words, bits: int) -> Words:
    """How often each of 2**bits hashes occurs."""
    frequency = np.zeros(1 << bits, np.uint32)
    for value in values:
        frequency[value & np.uint32((1 << bits) - 1)] += np.uint32(1)
    return frequency


@numba.njit(cache=True)
def count_first(shingles: Shingles, frequency: Words, lowest: float, texts: tuple[int, int], sizes: Words) -> None:
    """Add up how many texts may be in the list of each hash, `MAX_LISTED` at most.

    Args:
        shingles: Of all texts.
        frequency: From `count_frequencies`.
        lowest: The lowest similarity that matters.
        texts: The first text to count and the one after the last.
        sizes: The counts; the one of a hash is at its place.
    """
    mask = np.uint32(len(frequency) - 1)
    for text in range(texts[0], texts[1]):
        keys = _rare_first(shingles.values, shingles.starts[text], shingles.starts[text + 1], frequency, mask)
        for place in range(_first(len(keys), lowest)):
            bucket = np.uint32(keys[place]) & mask
            if sizes[bucket] < MAX_LISTED:
                sizes[bucket] += np.uint32(1)


def open_index(frequency: Words, sizes: Words, texts: int) -> Index:
    """An index without texts.

    Args:
        frequency: From `count_frequencies`.
        sizes: The room that each list needs.
        texts: Their number.
    """
    room = np.zeros(len(frequency) + 1, np.uint32)
    np.cumsum(sizes, dtype=np.uint32, out=room[1:])
    listed, listing = np.zeros(len(frequency), np.uint16), np.empty(room[-1], np.int32)
    seen, shared, found = np.full(texts, -1, np.int32), np.zeros(texts, np.int32), np.empty(texts, np.int32)
    return Index(frequency, room, listed, listing, seen, shared, found)


@numba.njit(cache=True)
def root(parents: Numbers, group: int) -> int:
    """The smallest group that is linked to this one."""
    found = group
    while parents[found] != found:
        found = parents[found]
    while parents[group] != found:
        parents[group], group = found, parents[group]
    return found


@numba.njit(cache=True)
def roots(parents: Numbers) -> Numbers:
    """The smallest group that is linked to each group."""
    return np.array([root(parents, group) for group in range(len(parents))], np.int32)


@numba.njit(cache=True)
def link(parents: Numbers, one: int, other: int) -> None:
    """Link two groups."""
    one, other = root(parents, one), root(parents, other)
    parents[max(one, other)] = min(one, other)


@numba.njit(cache=True)
def _closest(found: Numbers, count: int, shared: Numbers, most: int) -> int:
    """Reduce the texts found to those that share most, the earlier of equal ones, in the order of their numbers."""
    found[:count].sort()
    by_share = np.zeros(most + 1, np.int64)
    for place in range(count):
        by_share[min(shared[found[place]], most)] += 1
    least, room = most, MAX_COMPARED
    while least > 0 and by_share[least] <= room:
        room -= by_share[least]
        least -= 1
    kept = 0
    for place in range(count):
        share = min(shared[found[place]], most)
        if share > least or (share == least and room > 0):
            room -= share == least
            found[kept] = found[place]
            kept += 1
    return kept


@numba.njit(cache=True)
def _find(shingles: Shingles, index: Index, text: int, keys: npt.NDArray[np.uint64], lowest: float) -> int:
    """Fill `index.found` with earlier texts that may be similar to one; return their number, `MAX_COMPARED` at most.

    Args:
        shingles: Of all texts.
        index: The earlier texts.
        text: The text.
        keys: Its first shingles.
        lowest: The lowest similarity that matters.
    """
    starts, mask = shingles.starts, np.uint32(len(index.frequency) - 1)
    size = starts[text + 1] - starts[text]
    count = 0
    for key in keys:
        bucket = np.uint32(key) & mask
        for entry in range(index.room[bucket], index.room[bucket] + index.listed[bucket]):
            other = index.listing[entry]
            if index.seen[other] != text:
                index.seen[other] = text
                index.shared[other] = 0
                length = starts[other + 1] - starts[other]
                if min(length, size) >= lowest * max(length, size) - 1e-9:
                    index.found[count] = other
                    count += 1
            index.shared[other] += 1
    return _closest(index.found, count, index.shared, len(keys)) if count > MAX_COMPARED else count


@numba.njit(cache=True)
def _add(index: Index, text: int, keys: npt.NDArray[np.uint64]) -> None:
    """Add a text to the lists of its first shingles that have room."""
    for key in keys:
        bucket = np.uint32(key) & np.uint32(len(index.frequency) - 1)
        if index.listed[bucket] < min(MAX_LISTED, index.room[bucket + 1] - index.room[bucket]):
            index.listing[index.room[bucket] + index.listed[bucket]] = text
            index.listed[bucket] += np.uint16(1)


@numba.njit(cache=True)
def join(
    shingles: Shingles, index: Index, groups: Groups, near: float, texts: tuple[int, int], duplicate_of: Numbers
) -> None:
    """Drop near-duplicates among some texts and link the groups of those that are similar to kept ones.

    Args:
        shingles: Of all texts.
        index: The kept ones of the earlier texts; those of these texts are added.
        groups: Their groups; links are added.
        near: Jaccard similarity from which a text is a near-duplicate of an earlier one.
        texts: The first text to compare and the one after the last.
        duplicate_of: Takes the number of the text that is kept instead, -1 for texts that are kept.
    """
    values, starts = shingles.values, shingles.starts
    mask, lowest = np.uint32(len(index.frequency) - 1), min(near, groups.levels[0])
    scores = np.empty(MAX_COMPARED, np.float64)
    for text in range(texts[0], texts[1]):
        start, end = starts[text], starts[text + 1]
        size = end - start
        keys = _rare_first(values, start, end, index.frequency, mask)[: _first(size, lowest)]
        count = _find(shingles, index, text, keys, lowest)
        best, closest = -1.0, -1
        for place in range(count):
            other = index.found[place]
            length = starts[other + 1] - starts[other]
            least = int(np.ceil((size + length) * lowest / (1 + lowest) - 1e-9))
            both = _shared(values, start, end, starts[other], starts[other + 1], least)
            scores[place] = both / (size + length - both)
            if scores[place] > best or (scores[place] == best and other < closest):
                best, closest = scores[place], other
        duplicate_of[text] = closest if best >= near else -1
        if best >= near:
            continue
        for place in range(count):
            for level in range(len(groups.levels)):
                if scores[place] > groups.levels[level]:
                    link(groups.parents[level], groups.of_text[text], groups.of_text[index.found[place]])
        _add(index, text, keys)
