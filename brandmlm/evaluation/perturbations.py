"""Perturbations of a claim that should not change what a model predicts (CheckList's INV tests)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from brandmlm.config.brand.fields import MASK


def lower_case(text: str) -> str:
    return text.lower().replace(MASK.lower(), MASK)


def toggle_full_stop(text: str) -> str:
    """Drop the final full stop, or add one; a text that ends with another mark is returned unchanged."""
    return text[:-1] if text.endswith(".") else text if text.endswith(("!", "?", '"', "…")) else f"{text}."


def bare(text: str) -> str:
    """The text without its final punctuation; unchanged if that is part of a quotation."""
    return text if text.endswith(('"', "'")) else text.rstrip(".!?…")


def swap_letters(text: str, names: Sequence[str]) -> str:
    """Swap two neighbouring letters of a word, never its first; a text without a suitable word is returned unchanged.

    A hash of the text chooses the place among the words of five letters or more that belong to none of `names`.
    """
    kept = {word.lower() for name in names for word in name.split()}
    places = [
        place
        for word in re.finditer(r"(?<![\w\[])[A-Za-z]{5,}(?!\w)", text)
        if word.group().lower() not in kept
        for place in range(word.start() + 1, word.end() - 1)
        if text[place].lower() != text[place + 1].lower()
    ]
    if not places:
        return text
    place = places[int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(places)]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def respell(text: str, groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the text with each other spelling of the words that have several; `groups`: spellings of one word each."""
    for group in groups:
        for spelling in group:
            pattern = rf"(?<![\w-]){re.escape(spelling)}(?![\w-])"
            if re.search(pattern, text, re.IGNORECASE):
                for other in group:
                    if other != spelling:
                        yield re.sub(pattern, other, text, flags=re.IGNORECASE)
