"""Sentiment of a text: VADER's compound score (Hutto and Gilbert, ICWSM-14), as a polars expression.

The authors call a text positive from a compound score of 0.05; with a threshold of 0, neutral texts are positive too.
For a language other than English, a brand's own lexicon takes VADER's place.
"""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import polars as pl
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.core.progress import progress_bar
from brandmlm.text.sentences import words

_NORMALISATION: Final = 15  # VADER's: a sum of 4, its highest score of one word, becomes 0.72


@functools.cache
def _analyzer() -> Any:
    return SentimentIntensityAnalyzer()


def _compound_score(text: str) -> float:
    vader = _analyzer()
    # Most texts have no word of VADER's lexicon, and their score is 0 whatever else they say: detecting that costs a
    # tenth of scoring them. VADER strips a word's punctuation (but not an emoticon's) and spells emoji out.
    if text.isascii() and not any(
        word in vader.lexicon or word.strip(string.punctuation) in vader.lexicon for word in text.split()
    ):
        return 0.0
    return float(vader.polarity_scores(text)["compound"])


def _listed_score(text: str, valences: Mapping[str, float]) -> float:
    """The sum of the words' scores, normalised as VADER does; its rules for negations and degrees are English."""
    total = sum(valences.get(word, 0.0) for word in words(text))
    return total / math.sqrt(total * total + _NORMALISATION)


def compound_score(text: pl.Expr, valences: Mapping[str, float] | None = None) -> pl.Expr:
    """Score of each text from -1 to 1; null for null. Texts are lower-cased first, because the models are uncased.

    Args:
        text: Texts.
        valences: Score by word, for languages other than English; None: VADER's lexicon and rules.
    """

    def scores(texts: pl.Series) -> pl.Series:
        score = _compound_score if valences is None else partial(_listed_score, valences=valences)
        values = [None if text is None else score(text) for text in progress_bar("sentiment", texts)]
        return pl.Series(values, dtype=pl.Float64)

    return text.str.to_lowercase().map_batches(scores, return_dtype=pl.Float64)
