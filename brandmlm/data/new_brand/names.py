"""Find names in texts: words that are capitalised inside sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

MIN_COUNT: Final = 3  # texts with the name

MIN_CAPITAL: Final = 0.8  # share of a name's occurrences inside sentences that begin with a capital

MOST: Final = 10  # names

_INSIDE: Final = re.compile(r"(?<=[a-z,] )[^\W\d_]{3,}")  # not at the beginning of a sentence


def find_names(texts: Sequence[str], without: Collection[str] = (), most: int | None = MOST) -> list[str]:
    """Words that are mostly capitalised inside sentences, the most frequent first.

    Args:
        texts: different ones, in their own case.
        without: words in lower case that are something else.
        most: names that are returned; None: all.
    """
    inside = [set(_INSIDE.findall(text)) for text in texts]
    words = Counter(word for found in inside for word in found)
    lower = Counter(word.lower() for word in words.elements())
    names = [
        word
        for word, count in words.most_common()
        if word[0].isupper() and count >= max(MIN_COUNT, MIN_CAPITAL * lower[word.lower()])
    ]
    return [name for name in names if name.lower() not in without][:most]
