"""Similar texts: an exact join by the Jaccard similarity of their word pairs; near-duplicates."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from brandmlm.core.progress import progress_bar

SHINGLE: Final = 2  # words

MAX_COMPARED: Final = 300  # earlier texts that a text is compared with


def shingles(tokens: Sequence[str]) -> frozenset[str]:
    """All sequences of `SHINGLE` words; a shorter text is one sequence."""
    return frozenset(" ".join(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity: the size of the intersection over that of the union."""
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def similar_texts(tokens: Sequence[Sequence[str]], threshold: float) -> Iterator[dict[int, float]]:
    """Find all pairs of similar texts by prefix filtering (Chaudhuri et al. 2006, "A primitive operator for similarity
    joins in data cleaning"): with shingles sorted from rare to frequent, two similar sets share one of their first.

    The join is exact unless more than `MAX_COMPARED` texts qualify, as where all texts are of one template.

    Args:
        tokens: The words of each text.
        threshold: Jaccard similarity of shingles, above 0.

    Yields:
        For each text in turn: index of an earlier text -> similarity, of those that reach the threshold.
    """
    sets = [shingles(text) for text in tokens]
    frequency = Counter(shingle for each in sets for shingle in each)
    index: defaultdict[str, list[int]] = defaultdict(list)  # shingle -> texts with it among their first
    for place, own in enumerate(progress_bar("comparing", sets)):
        # A similar set shares at least threshold * len(own) shingles, so it has one of all but these, less one.
        first = sorted(own, key=lambda shingle: (frequency[shingle], shingle))
        first = first[: len(own) - math.ceil(threshold * len(own) - 1e-9) + 1]
        scores = {other: jaccard(own, sets[other]) for other in _candidates(first, index)}
        yield {other: score for other, score in scores.items() if score >= threshold}
        for shingle in first:
            index[shingle].append(place)


def _candidates(first: Sequence[str], index: Mapping[str, Sequence[int]]) -> list[int]:
    """The texts that share one of these shingles; of very many, those that share most of them."""
    shared = Counter(other for shingle in first for other in index.get(shingle, ()))
    if len(shared) <= MAX_COMPARED:
        return list(shared)
    return sorted(shared, key=lambda other: (-shared[other], other))[:MAX_COMPARED]


def near_duplicates(tokens: Sequence[Sequence[str]], threshold: float) -> dict[int, int]:
    """Find near-duplicates.

    Args:
        tokens: The words of each text.
        threshold: Jaccard similarity of shingles from which a text is a near-duplicate.

    Returns:
        Index of a near-duplicate -> index of the earlier text that is kept instead: the most similar one, or the
        earliest of equally similar ones. Near-duplicates of a dropped text are not dropped for its sake.
    """
    found: dict[int, int] = {}
    for place, similar in enumerate(similar_texts(tokens, threshold)):
        kept = [(score, -other) for other, score in similar.items() if other not in found]
        if kept:
            found[place] = -max(kept)[1]
    return found
