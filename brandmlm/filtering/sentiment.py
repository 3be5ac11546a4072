"""Sentiment of a text: VADER's compound score (Hutto and Gilbert, ICWSM-14), as a polars expression.

The authors call a text positive from a compound score of 0.05; with a threshold of 0, neutral texts are positive too.
"""

from __future__ import annotations

import functools
import string
from typing import Any

import polars as pl
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.core.progress import progress_bar


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


def _compound_scores(texts: pl.Series) -> pl.Series:
    scores = [None if text is None else _compound_score(text) for text in progress_bar("sentiment", texts)]
    return pl.Series(scores, dtype=pl.Float64)


def compound_score(text: pl.Expr) -> pl.Expr:
    """Score of each text from -1 to 1; null for null. Texts are lower-cased first, because the models are uncased."""
    return text.str.to_lowercase().map_batches(_compound_scores, return_dtype=pl.Float64)
