"""Near-duplicates and similar texts, against a comparison of all pairs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.data.near_duplicates import MAX_COMPARED, jaccard, near_duplicates, shingles, similar_texts


def test_jaccard_of_word_shingles() -> None:
    assert shingles(["a", "b", "c"]) == {"a b", "b c"}
    assert shingles(["a"]) == {"a"}
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14), min_size=1, max_size=14),
       st.sampled_from([0.5, 0.8, 0.9, 1.0]))  # fmt: skip
@settings(max_examples=60, deadline=None, derandomize=True)
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


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14), max_size=14),
       st.floats(0.05, 1.0))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_similar_texts_are_those_that_comparing_all_pairs_finds(texts: list[list[str]], threshold: float) -> None:
    sets = [shingles(text) for text in texts]
    for place, found in enumerate(similar_texts(texts, threshold)):
        scores = {other: jaccard(sets[place], sets[other]) for other in range(place)}
        assert found == {other: score for other, score in scores.items() if score >= threshold}


def test_a_text_of_a_large_family_is_compared_with_its_closest_relatives() -> None:
    family = [f"the hoodie number {number} of team {number * 7} is soft and warm".split() for number in range(1000)]
    twin = [*family[500][:-1], "cosy"]
    *_, found = similar_texts([*family, twin], 0.3)
    assert len(found) == MAX_COMPARED and max(found, key=lambda other: found[other]) == 500
