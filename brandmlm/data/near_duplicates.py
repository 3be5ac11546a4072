"""Near-duplicate texts by MinHash LSH and exact Jaccard similarity."""

from __future__ import annotations

from typing import Final

from datasketch import MinHash, MinHashLSH

from brandmlm.core.progress import progress_bar

SHINGLE: Final = 2  # words

PERMUTATIONS: Final = 256

SEED: Final = 1  # of the permutations; not a param, because exact similarity decides what is dropped

MISSED: Final = 1e-2  # maximum probability that two texts at the threshold are not compared


def bands(threshold: float, permutations: int = PERMUTATIONS, missed: float = MISSED) -> tuple[int, int]:
    """Choose bands and rows per band of MinHash LSH (Leskovec et al., Mining of Massive Datasets, section 3.4).

    Args:
        threshold: Jaccard similarity of near-duplicates.
        permutations: Length of a signature, at least bands × rows.
        missed: Maximum probability that a pair at the threshold is not compared.

    Returns:
        Bands, and as many rows per band as possible, so that few pairs are compared.
    """
    fitting = [
        (permutations // rows, rows)
        for rows in range(1, permutations + 1)
        if (1 - threshold**rows) ** (permutations // rows) <= missed
    ]
    return max(fitting, key=lambda pair: pair[1], default=(permutations, 1))


def shingles(tokens: list[str]) -> frozenset[str]:
    """All sequences of `SHINGLE` words; a shorter text is one sequence."""
    return frozenset(" ".join(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard similarity: the size of the intersection over that of the union."""
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def near_duplicates(tokens: list[list[str]], threshold: float) -> dict[int, int]:
    """Find near-duplicates: candidates by MinHash LSH (Broder 1997), each verified by exact Jaccard similarity.

    Args:
        tokens: The words of each text.
        threshold: Jaccard similarity of shingles from which a text is a near-duplicate.

    Returns:
        Index of a near-duplicate -> index of the earlier text that is kept instead: the most similar one, or the
        earliest of equally similar ones. Near-duplicates of a dropped text are not dropped for its sake.
    """
    # At a threshold of 1 there would be one row per permutation and a single band, which the library refuses.
    index = MinHashLSH(num_perm=PERMUTATIONS, params=bands(min(threshold, 0.99)))
    sets = [shingles(text) for text in tokens]
    encoded = ([shingle.encode() for shingle in sorted(each)] for each in sets)
    hashes = MinHash.generator(encoded, num_perm=PERMUTATIONS, seed=SEED)
    found: dict[int, int] = {}
    for place, signature in enumerate(progress_bar("comparing", hashes, len(sets))):
        similar = [(jaccard(sets[place], sets[other]), -other) for other in index.query(signature)]
        score, other = max(similar, default=(0.0, 0))
        if score >= threshold:
            found[place] = -other
        else:
            index.insert(place, signature, check_duplication=False)
    return found
