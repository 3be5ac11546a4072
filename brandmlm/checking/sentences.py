"""Sentences of a passage and the words in them, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from brandmlm.checking.markup import STAND_IN

# A sentence ends at a full stop and its like before white space, at an empty line, at a separator that markup left, and
# at a line break before a capital, a digit or a sign (a line that goes on in lower case goes on with its sentence).
_END: Final = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|\n\s*\n|\u2028|\n(?=\s*[^\sa-z])|(?<=[。！？])")
_NO_END: Final = re.compile(r"(?:\b(?:e\.g|i\.e|vs|approx|Mr|Mrs|Ms|Dr|St|no|No)\.|\b[A-Z]\.)\s+$")
# What a macro mostly stands for, as the model reads it.
MACRO_NOUN: Final = "it"

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True)
class Word:
    """A word of a sentence: its text and place in the sentence."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage: its text, and its place in the passage."""

    text: str
    start: int

    @cached_property
    def words(self) -> list[Word]:
        return [Word(found[0], found.start()) for found in _WORD.finditer(self.text)]

    def with_mask(self, start: int, end: int, mask: str) -> str:
        """The sentence with a mask in place of characters, in single blanks, with a plain noun for each macro."""
        return " ".join(f"{self.text[:start]}{mask}{self.text[end:]}".replace(STAND_IN, MACRO_NOUN).split())


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a passage that have a word."""
    start = 0
    ends = [found.span() for found in _END.finditer(text) if not _NO_END.search(text, start, found.end())]
    for end, after in [*ends, (len(text), len(text))]:
        part = text[start:end]
        stripped = part.lstrip()
        if _WORD.search(stripped):
            yield Sentence(stripped.rstrip(), start + len(part) - len(stripped))
        start = after
