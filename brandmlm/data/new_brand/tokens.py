"""Split texts into lower-case words and punctuation, for counting the frames that words occur in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# A clitic ("it's", "don't") is a word of its own; a hyphenated or dotted word is one word.
_TOKEN: Final = re.compile(r"n['’]t\b|['’](?:s|m|re|ve|ll|d)\b|[^\W\d_]+(?:-[^\W\d_]+)*?(?=n['’]t\b)|[\w-]*\w|[^\w\s]")

END: Final = "."  # before and after each text


def word_set(text: str) -> frozenset[str]:
    """The words of a text that has nothing but blanks between them."""
    return frozenset(text.split())


# Words that are no noun and no adjective: they end a noun phrase. Without a part-of-speech tagger a list has to do.
FUNCTION_WORDS: Final = word_set(
    """a about above after again all also although always am an and another any are around as at back be because been
    before being below between both but by can could did do does doing done down during each either else even ever
    every few for from get gets getting go goes going got had has have having he her here hers him his how however i if
    in into is it its itself just let lot lots many may maybe me might mine more most much must my never no nor not now
    of off often on once one ones only onto or other others our ours out over own per quite rather same she should since
    so some still such than that the their theirs them then there these they this those though through till to too
    toward under until up upon us very was we were what when where whether which while who whom whose why will with
    within without would yet you your yours 's 'm 're 've 'll 'd n't ’s ’m ’re ’ve ’ll ’d n’t"""
)


def tokenize(text: str) -> list[str]:
    """The words and punctuation of a text in lower case, between two `END`."""
    return [END, *_TOKEN.findall(text.lower()), END]


def tokenize_all(texts: Iterable[str]) -> list[list[str]]:
    """The same for several texts."""
    return [tokenize(text) for text in texts]


def is_word(token: str) -> bool:
    """Whether a token is made of letters, hyphens allowed inside."""
    return token.replace("-", "").isalpha()
