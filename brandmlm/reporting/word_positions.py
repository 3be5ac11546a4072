"""Phrases and claims by the positions of words, without the texts.

All words of all rows are numbered in one sequence, in which the end of a sentence and the end of a row are words too.
So no phrase crosses them, and a phrase is found from the positions of its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from brandmlm.filtering.matching import canonical

SENTENCE_END: Final = "\n"  # in the canonical form of a text
ROW_END: Final = "\r"  # added; canonical forms have none

Positions = npt.NDArray[np.uint32]  # enough for 4 billion words, some 60 million rows
Rows = npt.NDArray[np.int64]
Postings = Callable[[str], Positions]  # the sorted positions of a word


class Spans(NamedTuple):
    """Stretches of the sequence; both arrays have the same length."""

    starts: Rows
    ends: Rows  # exclusive


def number_words(texts: pl.Series, first: int) -> pl.DataFrame:
    """The words of some texts in canonical form: `word` and its `position`, from `first` on."""
    text = pl.concat_str(canonical(pl.col("text"), "word"), pl.lit(ROW_END))
    return (
        texts.alias("text").to_frame()
        .select(text.str.split(" ").alias("word"))
        .explode("word")
        .filter(pl.col("word") != "")
        .with_row_index("position", offset=first)
        .select("word", pl.col("position").cast(pl.UInt32))
    )  # fmt: skip


def _among(values: Rows, sorted_values: Positions) -> npt.NDArray[np.bool_]:
    """Which of the values are in a sorted array."""
    if not len(sorted_values):
        return np.zeros(len(values), bool)
    at = np.searchsorted(sorted_values, values.astype(np.uint32))
    return np.asarray(sorted_values[np.minimum(at, len(sorted_values) - 1)] == values)


def find_phrase(words: Sequence[str], postings: Postings) -> Spans:
    """Every occurrence of a phrase, in order; none of a phrase without words."""
    if not words:
        return Spans(np.empty(0, np.int64), np.empty(0, np.int64))
    found = {word: postings(word) for word in words}
    places = sorted(range(len(words)), key=lambda place: len(found[words[place]]))  # the rarest word first
    starts = found[words[places[0]]].astype(np.int64) - places[0]
    for place in places[1:]:
        starts = starts[_among(starts + place, found[words[place]])]
    return Spans(starts, starts + len(words))


def find_names(names: Iterable[Sequence[str]], postings: Postings) -> Spans:
    """Every occurrence of any of the names."""
    spans = [find_phrase(name, postings) for name in names]
    return Spans(np.concatenate([each.starts for each in spans]), np.concatenate([each.ends for each in spans]))


def rows_of(starts: Rows, row_ends: Positions) -> Rows:
    """The rows of some positions."""
    return np.searchsorted(row_ends, starts.astype(np.uint32))


class Sentences:
    """The sentences with the brand's name."""

    def __init__(self, brand: Spans, postings: Postings) -> None:
        self._brand = brand
        breaks = [postings(SENTENCE_END), postings(ROW_END)]
        ends, starts = brand.ends.astype(np.uint32), brand.starts.astype(np.uint32)
        # Every row has an end, so that one comes after each name; none may come before.
        self._last = np.minimum(*(_at(each, np.searchsorted(each, ends)) for each in breaks))
        self._first = np.maximum(*(_at(each, np.searchsorted(each, starts) - 1) for each in breaks)) + 1

    def with_phrase(self, phrase: Spans) -> Rows:
        """The starts of the names that have the phrase in their sentence, before or after them and not over them."""
        if not len(phrase.starts):
            return np.empty(0, np.int64)
        after = _at(phrase.starts, np.searchsorted(phrase.starts, self._brand.ends))
        before = _at(phrase.ends, np.searchsorted(phrase.ends, self._brand.starts, side="right") - 1)
        return self._brand.starts[((after >= self._brand.ends) & (after < self._last)) | (before >= self._first)]


def _at(sorted_values: Rows | Positions, places: Rows) -> Rows:
    """Values at places; before the first is -1, after the last the largest number."""
    edges = np.array([-1]), sorted_values, np.array([np.iinfo(np.int64).max])
    return np.concatenate(edges, dtype=np.int64, casting="unsafe")[places + 1]
