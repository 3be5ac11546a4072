"""Ratings of a column as stars of 1 to 5: the scale is settled by all its values together."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pandas as pd

from brandmlm.data.values.dates import is_empty

SCALES: Final = (5, 10, 100)

# A column with more of its numbers beyond a scale than this share has a larger one.
_BEYOND: Final = 0.5

_NUMBER: Final = r"(\d{1,9}(?:\.\d+|,\d{1,2})?)"
_OUT_OF: Final = r"(?:out\s+of|of|/|von|sur|su|de|van(?:\s+de)?|av)"
_STARS: Final = r"(?:stars?|sterne?n?|étoiles?|estrellas?|stelle|sterren)"
_PREFIX: Final = r"(?:(?:rated|rating|score|stars?)\s*:?\s*)?"

_FRACTION = re.compile(rf"{_PREFIX}{_NUMBER}\s*{_STARS}?\s*{_OUT_OF}\s*{_NUMBER}\s*{_STARS}?", re.I)
_PLAIN = re.compile(rf"{_PREFIX}{_NUMBER}\s*-?\s*({_STARS})?", re.I)
_PERCENT = re.compile(rf"{_NUMBER}\s*%")
_WORDS = re.compile(rf"(one|two|three|four|five)[\s-]+{_STARS}", re.I)
_SYMBOLS = re.compile(r"([★⭐🌟]\ufe0f?)+([☆✩]\ufe0f?)*")


class Rating(NamedTuple):
    """One cell: a number, and the scale where the cell tells it."""

    number: float
    scale: float | None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def read_rating(value: str) -> Rating | None:
    """Read one cell; None if it is not a rating.

    Reads 4, 4.5, 4,5, "4 stars", "4.0 out of 5 stars", 4/5, 8/10, 80%, "four stars" and ★★★★☆.
    """
    value = " ".join(value.split())
    if found := _FRACTION.fullmatch(value):
        number, scale = _number(found[1]), _number(found[2])
        return Rating(number, scale) if scale >= 2 and number <= scale else None
    if found := _PLAIN.fullmatch(value):
        return Rating(_number(found[1]), 5.0 if found[2] else None)
    if found := _PERCENT.fullmatch(value):
        return Rating(_number(found[1]), 100.0)
    if found := _WORDS.fullmatch(value):
        return Rating(("one", "two", "three", "four", "five").index(found[1].lower()) + 1.0, 5.0)
    symbols = value.replace(" ", "")
    if symbols and _SYMBOLS.fullmatch(symbols):
        return Rating(float(len(re.findall("[★⭐🌟]", symbols))), 5.0)
    return None


def to_stars(rating: Rating, scale: float | None) -> int | None:
    """Whole stars of 1 to 5, half a star rounded up; None: no rating (0), or beyond the scale.

    On another scale than five the number is scaled linearly, with one star at the least.
    """
    of = rating.scale or scale
    if of is None or not 0 < rating.number <= of:
        return None
    stars = math.floor(rating.number * 5 / of + 0.5)
    return max(stars, 0 if of == 5 else 1) or None


@dataclass
class RatingSurvey:
    """Counts a column's ratings; fed in batches."""

    numbers: Counter[float] = field(default_factory=Counter)  # without a scale of their own
    scales: Counter[float] = field(default_factory=Counter)  # of those with one

    def add(self, values: Iterable[object]) -> None:
        for value, count in Counter(values).items():
            found = None if is_empty(value) else read_rating(str(value))
            if found and found.scale:
                self.scales[found.scale] += count
            elif found:
                self.numbers[found.number] += count

    def merge(self, other: RatingSurvey) -> None:
        """Add the counts of another part of the column."""
        self.numbers.update(other.numbers)
        self.scales.update(other.scales)

    def settle(self, rating_scale: float | None = None) -> float | None:
        """The scale of the numbers that tell none: five unless most are above it, then 10 or 100; None: no scale fits.

        Where cells of the column tell a scale ("4/5"), it holds for the others.

        Args:
            rating_scale: the user's word.
        """
        if rating_scale is not None:
            return rating_scale
        if self.scales:
            return self.scales.most_common(1)[0][0]
        total = sum(self.numbers.values())
        for scale in SCALES:
            if sum(count for number, count in self.numbers.items() if number > scale) <= _BEYOND * total:
                return float(scale)
        return None


@dataclass(frozen=True)
class RatingSummary:
    """What is to be said about a column of ratings."""

    read: int
    unreadable: int  # cells with a value that is not a rating on the scale; 0 means "not rated"
    example: str | None  # one of them
    scale: float | None

    def merge(self, other: RatingSummary) -> RatingSummary:
        """The summary of this part of a column and the one after it."""
        example = self.example if self.example is not None else other.example
        return RatingSummary(self.read + other.read, self.unreadable + other.unreadable, example, self.scale)

    def note(self, column: str, setting: str) -> str | None:
        """What to tell the user; None where every value was read on a scale of five.

        Args:
            column: its name.
            setting: where its scale can be set, such as `sources.reviews.rating_scale in params.yaml`.
        """
        total = self.unreadable + self.read
        parts = []
        if self.scale != 5 and self.scale is not None:
            parts.append(f"read on a scale up to {self.scale:g} and turned into 5 stars")
        if self.unreadable:
            lost = f"{self.unreadable:,} of {total:,} ratings cannot" if self.unreadable < total else "no rating can"
            parts.append(f"{lost} be read, such as {self.example!r}")
        advice = f"if its scale is another, set {setting}"
        return f"column {column!r}: {'; '.join(parts)}; {advice}" if parts else None


@dataclass(frozen=True)
class RatingColumn(RatingSummary):
    """A column of stars, and what is to be said about it."""

    stars: pd.Series[int]  # Int64: 1 to 5 or null


def apply_scale(values: pd.Series[str], scale: float | None) -> RatingColumn:
    """Read a column, or a batch of one, whose scale is settled."""
    table = {value: None if is_empty(value) else read_rating(value) for value in values.dropna().unique()}
    stars = {value: to_stars(rating, scale) for value, rating in table.items() if rating}
    lost = [
        value
        for value, rating in table.items()
        if not is_empty(value) and stars.get(value) is None and not (rating and rating.number == 0)
    ]
    column = values.map(stars.get, na_action="ignore").astype("Int64")
    return RatingColumn(
        read=int(column.notna().sum()),
        unreadable=int(values.isin(lost).sum()) if lost else 0,
        example=next(iter(lost), None),
        scale=scale,
        stars=column,
    )


def read_ratings(values: pd.Series[str], rating_scale: float | None = None) -> RatingColumn:
    """Read a whole column of ratings; see `RatingSurvey.settle`."""
    survey = RatingSurvey()
    survey.add(values.dropna())
    return apply_scale(values, survey.settle(rating_scale))
