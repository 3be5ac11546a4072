"""What a word says of a product: wanted, unwanted, neutral or other.

The brand's lexicon judges the words it lists. Of the rest VADER judges those that stand in its lexicon, by the sign of
their valence (Hutto and Gilbert, ICWSM-14): ten raters apiece found them good or bad, whatever they are said of.
"""

from __future__ import annotations

from typing import Any

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from stages.brand import Lexicon
from stages.comparison import CONTINUATION, verdicts


class Judge:
    """Gives the verdict on a token. A continuation ("##ing") is no word: other."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._listed = verdicts(lexicon)
        self._valence: dict[str, Any] = SentimentIntensityAnalyzer().lexicon

    def __call__(self, token: str) -> str:
        word = token.lower()
        if token.startswith(CONTINUATION):
            return "other"
        if word in self._listed:
            return self._listed[word][0]
        valence = self._valence.get(word, 0)
        return "wanted" if valence > 0 else "unwanted" if valence < 0 else "other"
