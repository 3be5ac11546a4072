"""A sentence as tokens: words, numbers, marks and what stands for macros."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from brandmlm.checking.markup import STAND_IN

_TOKEN: Final = re.compile(
    rf"{STAND_IN}|[^\W\d_]+(?:['’][^\W\d_]+)*(?:[-‑][^\W_]+(?:['’][^\W\d_]+)*)*|\d[\d.,/%-]*\w*|[^\w\s]"
)
MACRO: Final = "{}"  # the text of a token that stands for a macro
STRONG_MARKS: Final = frozenset(";:—–.!?()…|")


@dataclass(frozen=True)
class Token:
    """A token of a sentence, with its offsets there.

    Attributes:
        text: as it is in the sentence.
        lower: in lower case, with a plain apostrophe; `MACRO` for what stands for a macro.
        start: offset of its first character.
        end: offset behind its last.
    """

    text: str
    lower: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a word: no mark, number or macro."""
        return self.lower[0].isalpha()

    @property
    def is_strong_mark(self) -> bool:
        """Whether it ends a clause."""
        return self.lower in STRONG_MARKS


def tokenize(sentence: str) -> list[Token]:
    """The tokens of a sentence."""
    return [_token(found) for found in _TOKEN.finditer(sentence)]


def _token(found: re.Match[str]) -> Token:
    text = found[0]
    lower = MACRO if text == STAND_IN else text.lower().replace("’", "'").replace("‑", "-")
    return Token(text, "–" if lower == "-" else lower, found.start(), found.end())
