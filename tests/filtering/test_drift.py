"""Drift in the reviews, against the definition of the detector, and its monthly table."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pandas as pd
import pytest

from brandmlm.data.corpus import make_corpus
from brandmlm.filtering.drift import describe_drift, find_drift

WARM_UP = 30

REVIEWS = ("reviews",)


def reviews(ratings: list[int], per_day: int = 3) -> pd.DataFrame:
    days = [(date(2023, 1, 1) + timedelta(days=row // per_day)).isoformat() for row in range(len(ratings))]
    return make_corpus(
        pd.DataFrame(
            {
                "source": "reviews",
                "group": [f"g{row}" for row in range(len(ratings))],
                "text": [f"review number {row}" for row in range(len(ratings))],
                "label": None,
                "rating": ratings,
                "date": pd.Series(days, dtype="string"),
            }
        )
    )


def in_order(corpus: pd.DataFrame) -> list[bool]:
    return [rating <= 2 for rating in corpus.sort_values(["date", "id"])["rating"]]


def plain_ddm(errors: list[bool], warm_up: int) -> list[int]:
    """Alarms (rows from 1) by the definition of Gama et al. 2004, section 3."""
    alarms, seen, wrong, lowest = [], 0, 0, (math.inf, math.inf)
    for row, error in enumerate(errors, start=1):
        seen, wrong = seen + 1, wrong + error
        rate = wrong / seen
        deviation = math.sqrt(rate * (1 - rate) / seen)
        if seen <= warm_up:
            continue
        if rate + deviation <= sum(lowest):
            lowest = (rate, deviation)
        if rate + deviation > lowest[0] + 3 * lowest[1]:
            alarms.append(row)
            seen, wrong, lowest = 0, 0, (math.inf, math.inf)
    return alarms


def drawn(shares: list[float], each: int, seed: int) -> list[int]:
    dice = random.Random(seed)
    return [1 if dice.random() < share else 5 for share in shares for _ in range(each)]


@pytest.mark.parametrize("seed", range(5))
def test_alarms_are_those_of_the_definition(seed: int) -> None:
    corpus = reviews(drawn([0.1, 0.5, 0.05, 0.6], each=200, seed=seed))
    drift = find_drift([corpus], WARM_UP, REVIEWS)
    assert [alarm["row"] for alarm in drift.alarms] == plain_ddm(in_order(corpus), WARM_UP)
    assert any(200 < alarm["row"] <= 300 for alarm in drift.alarms)
    ordered = corpus.sort_values(["date", "id"], ignore_index=True)
    for event in [*drift.alarms, *drift.warnings]:
        assert event["date"] == ordered.loc[event["row"] - 1, "date"]


def test_a_steady_stream_raises_no_alarm_after_its_start() -> None:
    corpus = reviews([1 if row % 5 == 0 else 4 for row in range(600)], per_day=1)
    drift = find_drift([corpus], WARM_UP, REVIEWS)
    assert drift.alarms == []
    assert (drift.reviews, drift.bad) == (600, 120)


def test_the_order_of_rows_in_the_table_does_not_matter() -> None:
    corpus = reviews(drawn([0.1, 0.5], each=150, seed=3), per_day=20)
    shuffled = find_drift([corpus.sample(frac=1, random_state=1)], WARM_UP, REVIEWS)
    straight = find_drift([corpus], WARM_UP, REVIEWS)
    assert shuffled.alarms == straight.alarms and straight.alarms
    pd.testing.assert_frame_equal(shuffled.months, straight.months)


def test_months_add_up_and_mark_the_alarms() -> None:
    corpus = reviews(drawn([0.1, 0.6], each=150, seed=8))
    drift = find_drift([corpus], WARM_UP, REVIEWS)
    months = drift.months
    assert list(months.columns) == ["month", "reviews", "bad", "bad_share", "alarm"]
    assert months["month"].is_monotonic_increasing and months["month"].is_unique
    assert months["reviews"].sum() == drift.reviews and months["bad"].sum() == drift.bad
    first = corpus[corpus["date"].str.startswith(months["month"][0])]
    assert months["bad_share"][0] == pytest.approx((first["rating"] <= 2).mean())
    assert set(months["month"][months["alarm"]]) == {alarm["date"][:7] for alarm in drift.alarms} != set()


def test_rows_without_date_or_rating_are_left_out() -> None:
    corpus = reviews([1, 5, 3, 2])
    corpus.loc[0, "date"] = pd.NA
    corpus.loc[1, "rating"] = pd.NA
    assert find_drift([corpus], WARM_UP, REVIEWS).reviews == 2


@pytest.mark.parametrize("corpus", [reviews([1] * WARM_UP), reviews([]), reviews([1, 5]).drop(columns="date")])
def test_too_few_reviews_raise_no_alarm(corpus: pd.DataFrame) -> None:
    drift = find_drift([corpus], WARM_UP, REVIEWS)
    assert drift.alarms == [] and drift.warnings == []
    assert list(drift.months.columns) == ["month", "reviews", "bad", "bad_share", "alarm"]


def test_only_reviews_are_watched_whatever_their_sources_are_called() -> None:
    corpus = reviews([1, 5] * 40)
    renamed = corpus.assign(source=["shop", "pages"] * 40).astype({"source": "string"})
    assert find_drift([renamed], WARM_UP, ["shop", "elsewhere"]).reviews == 40
    nothing = find_drift([renamed], WARM_UP, [])
    assert describe_drift(nothing, WARM_UP) == (
        "filter: drift: nothing to watch, since no review has a date and a rating"
    )
