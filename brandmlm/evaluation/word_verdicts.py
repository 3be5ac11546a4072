"""The verdict on a word: wanted, unwanted, neutral or other. The only definition; everything that counts, sums or shows
verdicts uses it.

The brand's lexicon decides for the words that it lists. VADER's lexicon (Hutto and Gilbert, ICWSM-14) decides for the
rest by the sign of a word's valence, the mean rating of ten people; in a language other than English, the brand's own
sentiment lexicon, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.config.brand.fields import CONTINUATION
from brandmlm.config.brand.lexicon import Lexicon

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["wanted", "unwanted", "neutral", "other"]


class WordVerdicts:
    """Maps a token's form (`vocabulary.Vocabulary`) to its verdict, whatever its case.

    The names of brands and products that the lexicon lists are "other", and so is a continuation token ("##ing"), which
    is no word.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        names = (*lexicon.brand, *lexicon.other_brands, *(form for each in lexicon.products for form in each.forms))
        self._listed: dict[str, Verdict] = {name.lower(): "other" for name in names}
        self._listed |= {word.lower(): "neutral" for word in lexicon.neutral.all}
        self._listed |= {word.lower(): "wanted" for word in lexicon.wanted.all}
        self._listed |= {word.lower(): "unwanted" for word in lexicon.unwanted.all}
        kinds = (lexicon.wanted, lexicon.unwanted, lexicon.neutral)
        self._held_out = {word.lower() for words in kinds for word in words.held_out}
        own = lexicon.valences
        self._valence: Mapping[str, float] = SentimentIntensityAnalyzer().lexicon if own is None else own

    def __call__(self, token: str) -> Verdict:
        word = token.lower()
        if token.startswith(CONTINUATION):
            return "other"
        if word in self._listed:
            return self._listed[word]
        valence = self._valence.get(word, 0.0)
        return "wanted" if valence > 0 else "unwanted" if valence < 0 else "other"

    def listed(self, token: str) -> str:
        """Whether training uses a wanted or unwanted word of the lexicon: wanted_used, wanted_held_out, unwanted_used,
        unwanted_held_out; other for a word that is in neither list."""
        word = token.lower()
        verdict = "other" if token.startswith(CONTINUATION) else self._listed.get(word, "other")
        if verdict not in ("wanted", "unwanted"):
            return "other"
        return f"{verdict}_{'held_out' if word in self._held_out else 'used'}"

    def is_held_out(self, token: str) -> bool:
        """Whether the lexicon lists the word as held out of the synthetic training sentences."""
        return token.lower() in self._held_out


def with_verdicts(tokens: pd.DataFrame, verdicts: WordVerdicts) -> pd.DataFrame:
    """Add the columns `verdict` and `held_out` to a table with a column `token`."""
    known = {token: (verdicts(token), verdicts.is_held_out(token)) for token in tokens["token"].unique()}
    found = [known[token] for token in tokens["token"].to_numpy(dtype=object)]
    return tokens.assign(verdict=[verdict for verdict, _ in found], held_out=[held_out for _, held_out in found])
