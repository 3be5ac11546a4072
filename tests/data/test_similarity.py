"""The compiled comparison of texts gives what the plain one gives, and both what comparing all pairs gives."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from brandmlm.data import similarity_kernel as kernel
from brandmlm.data.near_duplicates import shingles
from brandmlm.data.similarity import Compared, Texts, compare


def texts_of(words: Sequence[str], groups: Sequence[str], part_rows: int = 3) -> Texts:
    names = sorted(set(groups))
    codes = pa.array([names.index(group) for group in groups], pa.int32())
    return Texts(
        lambda: (pa.array(words[at : at + part_rows], pa.string()) for at in range(0, len(words), part_rows)),
        pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.large_string())),
        sum(text.count(" ") + 1 for text in words),
    )


def results(texts: Texts, threshold: float, plain_texts: int, brand: Sequence[str] = ()) -> tuple[list[int], list[int]]:
    found: Compared = compare(texts, threshold, brand, plain_texts)
    kept = found.duplicate_of < 0
    return found.duplicate_of.tolist(), found.groups[kept].tolist()


WORDS = st.lists(st.sampled_from("abcdé"), min_size=1, max_size=9).map(" ".join)
GROUPS = st.sampled_from(["product:nike max", "product:max", "product:max 2", "text:1", "text:2", "text:3"])


@given(
    st.lists(st.tuples(WORDS, GROUPS), min_size=1, max_size=14, unique_by=lambda row: row[0]),
    st.sampled_from([0.3, 0.5, 0.8, 1.0]),
)
@settings(max_examples=150, deadline=None)
@example([("a", "text:1")], 0.8)
def test_small_tables(rows: list[tuple[str, str]], threshold: float) -> None:
    words, groups = zip(*rows, strict=True)
    texts = texts_of(words, groups)
    assert results(texts, threshold, 0, ["Nike"]) == results(texts, threshold, 10**9, ["Nike"])


def test_a_large_table() -> None:
    """More rows than a group may grow by, so that links have to be stricter for some."""
    dice = random.Random(3)
    vocabulary = [f"word{number}" for number in range(400)]
    stems = [dice.choices(vocabulary, k=12) for _ in range(60)]
    words = set()
    for _ in range(900):
        text = list(dice.choice(stems))
        for place in dice.sample(range(12), dice.randrange(5)):
            text[place] = dice.choice(vocabulary)
        words.add(" ".join(text))
    ordered = sorted(words)
    groups = [dice.choice([f"text:{number}", f"product:nike shoe {number % 40}"]) for number in range(len(ordered))]
    texts = texts_of(ordered, groups, 100)
    plain = results(texts, 0.8, 10**9, ["Nike"])
    assert results(texts, 0.8, 0, ["Nike"]) == plain
    assert 20 < sum(number >= 0 for number in plain[0]) < len(ordered) - 100
    assert len(set(plain[1])) < len(set(groups))


@given(st.lists(WORDS, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_hashes_are_those_of_the_shingles(words: list[str]) -> None:
    data = "".join(words).encode()
    ends = np.cumsum([0, *(len(text.encode()) for text in words)])
    values, starts = np.zeros(100, np.uint32), np.zeros(len(words) + 1, np.int64)
    kernel.hash_shingles(np.frombuffer(data, np.uint8), ends, values, starts, 0)
    sets = [values[starts[at] : starts[at + 1]].tolist() for at in range(len(words))]
    own = [shingles(text.split(" ")) for text in words]
    assert [len(found) for found in sets] == [len(expected) for expected in own]
    assert all(found == sorted(set(found)) for found in sets)
    for one, mine in zip(sets, own, strict=True):
        for other, theirs in zip(sets, own, strict=True):
            assert len(set(one) & set(other)) == len(mine & theirs)


def test_the_hash_never_changes() -> None:
    """Another hash would drop the same texts, but index lists would be cut elsewhere."""
    values, starts = np.zeros(4, np.uint32), np.zeros(2, np.int64)
    kernel.hash_shingles(np.frombuffer(b"one two three", np.uint8), np.array([0, 13]), values, starts, 0)
    assert values[:2].tolist() == [899710052, 2781806875]


@pytest.mark.parametrize("rows", [kernel.MAX_LISTED * 3])
def test_a_family_of_more_texts_than_are_compared_stays_together(rows: int) -> None:
    words = [f"the hoodie number {number} is soft and warm and very light" for number in range(rows)]
    duplicate_of, groups = results(texts_of(words, [f"text:{number:05}" for number in range(rows)], 50), 0.95, 0)
    assert set(duplicate_of) == {-1}
    assert max(map(groups.count, set(groups))) <= max(20, 0.05 * rows) + 1  # a group may not grow beyond its bound
    twins = [*words, f"{words[5]} x"]
    assert results(texts_of(twins, ["text:1"] * len(twins), 50), 0.7, 0)[0][-1] in range(rows)
