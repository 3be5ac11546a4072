"""What a word says of a product: wanted, unwanted, neutral or other.

The brand's lexicon judges the words it lists. Of the rest VADER judges those that stand in its lexicon, by the sign of
their valence (Hutto and Gilbert, ICWSM-14): ten raters apiece found them good or bad, whatever they are said of.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.config.brand.lexicon import Lexicon


class WordVerdicts:
    """Gives the verdict on a token. A continuation ("##ing") is no word: other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._listed = lexicon_verdicts(lexicon)
        self._valence: dict[str, Any] = SentimentIntensityAnalyzer().lexicon

    def __call__(self, token: str) -> str:
        word = token.lower()
        if token.startswith(CONTINUATION):
            return "other"
        if word in self._listed:
            return self._listed[word][0]
        valence = self._valence.get(word, 0)
        return "wanted" if valence > 0 else "unwanted" if valence < 0 else "other"


CONTINUATION: Final = "##"  # WordPiece's mark of a token that continues a word


def lexicon_verdicts(lexicon: Lexicon) -> dict[str, tuple[str, bool]]:
    """Lower-case word: (wanted, unwanted or neutral; whether it is held out). An unwanted word stays unwanted
    wherever else it is listed."""
    judged: dict[str, tuple[str, bool]] = {}
    for verdict, words in (("unwanted", lexicon.unwanted), ("wanted", lexicon.wanted), ("neutral", lexicon.neutral)):
        for listed, held_out in ((words.used, False), (words.held_out, True)):
            for word in listed:
                judged.setdefault(word.lower(), (verdict, held_out))
    return judged


def with_verdicts(tokens: pd.DataFrame, lexicon: Lexicon) -> pd.DataFrame:
    """`tokens` (a column `token`) with columns verdict (wanted, unwanted, neutral, other) and held_out.

    A continuation ("##ing") is never a word of the lists: other.
    """
    judged = lexicon_verdicts(lexicon)
    other = ("other", False)
    found = [other if token.startswith(CONTINUATION) else judged.get(token.lower(), other) for token in tokens["token"]]
    return tokens.assign(verdict=[verdict for verdict, _ in found], held_out=[held_out for _, held_out in found])
