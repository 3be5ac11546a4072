"""Stars in every spelling; the scale is a column's, and what is no rating is counted."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.data.values.ratings import RatingSurvey, apply_scale, read_ratings

SETTING = "sources.reviews.rating_scale in params.yaml"


def column(*values: str | None) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")


def read(*values: str | None, rating_scale: float | None = None) -> list[int | None]:
    return [None if pd.isna(star) else star for star in read_ratings(column(*values), rating_scale).stars]


@pytest.mark.parametrize(
    ("value", "stars"),
    [
        ("4.0 out of 5 stars", 4), ("4,5", 5), ("4/5", 4), ("5 stars", 5), ("4", 4), ("4.0", 4), ("3.49", 3),
        ("3.5", 4), ("1 star", 1), (" 2 ", 2), ("4 of 5", 4), ("Rated 4 out of 5", 4), ("Rating: 3", 3),
        ("5.0 out of 5", 5), ("4-stars", 4), ("8/10", 4), ("80%", 4), ("1/10", 1), ("5 %", 1), ("100%", 5),
        ("four stars", 4), ("Five Stars", 5), ("★★★★☆", 4), ("★ ★ ★", 3), ("⭐⭐⭐⭐⭐", 5), ("⭐️⭐️", 2),
        ("4,0 von 5 Sternen", 4), ("4,0 sur 5 étoiles", 4), ("4.0 de 5 estrellas", 4), ("4,5 su 5 stelle", 5),
    ],
)  # fmt: skip
def test_one_rating(value: str, stars: int) -> None:
    assert read(value) == [stars]


@pytest.mark.parametrize(
    "value", ["Great", "Verified", "1,234", "-3", "6/5", "4/0", "5 shoes", "☆☆☆", "3-4", "¾", "1e1", "0.3"]
)
def test_what_is_no_rating_is_counted(value: str) -> None:
    found = read_ratings(column("4", "5", value, None))
    assert found.stars.isna().tolist() == [False, False, True, True]
    assert found.unreadable == 1 and found.example == value
    assert found.note("Stars", SETTING) == (
        f"column 'Stars': 1 of 3 ratings cannot be read, such as {value!r}; if its scale is another, set {SETTING}"
    )


@pytest.mark.parametrize("empty", [None, "", "NaN", "n/a", "0", "0.0"])
def test_no_rating_is_no_loss(empty: str | None) -> None:
    found = read_ratings(column(empty, "4"))
    assert found.stars.isna().tolist() == [True, False]
    assert found.unreadable == 0 and found.note("Stars", SETTING) is None


def test_numbers_above_five_in_a_column_of_stars_are_counted() -> None:
    found = read_ratings(column("4", "80", "10", "5", "3"))
    assert found.stars.fillna(0).tolist() == [4, 0, 0, 5, 3] and found.unreadable == 2
    found = read_ratings(column("4.0 out of 5 stars", "80", "10", "9", "3"))
    assert found.stars.fillna(0).tolist() == [4, 0, 0, 0, 3] and found.unreadable == 3


def test_a_larger_scale_is_told() -> None:
    found = read_ratings(column("8", "9", "10", "3", "1"))
    assert found.stars.tolist() == [4, 5, 5, 2, 1]
    assert found.note("Score", SETTING) == (
        f"column 'Score': read on a scale up to 10 and turned into 5 stars; if its scale is another, set {SETTING}"
    )
    assert read("80", "95", "70", "100", "3") == [4, 5, 4, 5, 1]
    assert read("7", "3", "2", "1") == [None, 3, 2, 1]
    assert read("7", "3", "2", "1", rating_scale=10) == [4, 2, 1, 1]
    assert read("4/10", "7", "3") == [2, 4, 2]


def test_numbers_of_no_scale() -> None:
    found = read_ratings(column("14999", "100", "2999"))
    assert found.stars.isna().all() and found.unreadable == 3
    assert "no rating can be read, such as '14999'" in (found.note("Price", SETTING) or "")


def test_batches_are_settled_together() -> None:
    survey = RatingSurvey()
    batches = [column("3", None), column("8", "9", "10")]
    for batch in batches:
        survey.add(batch)
    assert apply_scale(batches[0], survey.settle()).stars.fillna(0).tolist() == [2, 0]


@given(
    values=st.lists(st.text(max_size=12) | st.from_regex(r"[0-9]{1,4}([.,/][0-9]{1,3})?( stars| of 5|%)?"), max_size=8)
)
def test_any_text_is_a_rating_or_counted(values: list[str]) -> None:
    found = read_ratings(column(*values))
    assert len(found.stars) == len(values)
    assert found.stars.dropna().between(1, 5).all()
    assert found.unreadable <= found.stars.isna().sum()
