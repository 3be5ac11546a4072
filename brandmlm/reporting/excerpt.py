"""Excerpts of a text around a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

WIDTH: Final = 100  # characters


def excerpt(text: str, word: str, brand: Sequence[str], width: int = WIDTH) -> str:
    """At most `width` characters of a text, cut at words, around the `word` that is nearest to the brand's name."""
    words = text.split()
    names = _find(words, brand) or [0]
    at = min(_find(words, [word]), key=lambda n: min(abs(n - name) for name in names), default=0)
    first, last = at, at + 1
    while True:
        wider = [(max(0, first - 1), last), (first, min(len(words), last + 1))]
        fitting = [
            (low, high) for low, high in wider
            if (low, high) != (first, last) and len(" ".join(words[low:high])) + 4 <= width
        ]  # fmt: skip
        if not fitting:
            break
        # Extend the shorter side, which keeps the word in the middle.
        first, last = min(fitting, key=lambda ends: abs((at - ends[0]) - (ends[1] - at - 1)))
    shown = " ".join(words[first:last])
    return "… " * (first > 0) + shown + " …" * (last < len(words))


def _find(words: Sequence[str], terms: Sequence[str]) -> list[int]:
    """Indices of the words that hold a term, or the first word of a term of several words."""
    firsts = {parts[0] for term in terms if (parts := re.findall(r"\w+", term.lower()))}
    return [n for n, word in enumerate(words) if firsts & set(re.findall(r"\w+", word.lower()))]
