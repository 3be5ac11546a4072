"""Near-duplicate texts by MinHash LSH and exact Jaccard similarity."""

from __future__ import annotations

from typing import Final

from datasketch import MinHash, MinHashLSH

from brandmlm.core.progress import progress_bar

SHINGLE: Final = 2  # words

PERMUTATIONS: Final = 256

SEED: Final = 1  # of the permutations; what is dropped hangs on exact Jaccard, so it is no param

MISSED: Final = 1e-2  # largest chance that two texts right at the threshold are never compared


def bands(threshold: float, permutations: int = PERMUTATIONS, missed: float = MISSED) -> tuple[int, int]:
    """Bands and rows per band of a MinHash LSH (Leskovec et al., Mining of Massive Datasets, section 3.4): as many rows
    as can be, so that few pairs are compared, while a pair at the threshold is missed with at most the given chance."""
    fitting = [
        (permutations // rows, rows)
        for rows in range(1, permutations + 1)
        if (1 - threshold**rows) ** (permutations // rows) <= missed
    ]
    return max(fitting, key=lambda pair: pair[1], default=(permutations, 1))


def shingles(tokens: list[str]) -> frozenset[str]:
    """Runs of `SHINGLE` words; a shorter text is one run."""
    return frozenset(" ".join(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def near_duplicates(tokens: list[list[str]], threshold: float) -> dict[int, int]:
    """Which text is a near-duplicate of which earlier one that is itself none: place -> place.

    Candidates from MinHash LSH (Broder 1997), each checked by exact Jaccard similarity; of several the most similar,
    of equally similar ones the earliest, is named.
    """
    # One band of one row has no meaning for the library, and at 1 only equal sets are sought.
    index = MinHashLSH(num_perm=PERMUTATIONS, params=bands(min(threshold, 0.99)))
    sets = [shingles(text) for text in tokens]
    encoded = ([shingle.encode() for shingle in sorted(each)] for each in sets)
    hashes = MinHash.generator(encoded, num_perm=PERMUTATIONS, seed=SEED)
    found: dict[int, int] = {}
    for place, signature in enumerate(progress_bar("comparing", hashes, total=len(sets))):
        similar = [(jaccard(sets[place], sets[other]), -other) for other in index.query(signature)]
        score, other = max(similar, default=(0.0, 0))
        if score >= threshold:
            found[place] = -other
        else:
            index.insert(place, signature, check_duplication=False)
    return found
