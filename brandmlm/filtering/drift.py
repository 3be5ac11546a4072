"""Concept drift in the reviews: does the share of bad ones rise from some date on?

DDM (Gama, Medas, Castillo and Rodrigues, "Learning with Drift Detection", SBIA 2004) watches a stream of errors, here
"the rating is 2 or less", in date order. It warns when the error rate is two standard deviations above its minimum; at
three it raises an alarm and resets. If the warm-up has no bad review, the first one raises an alarm, because the
deviation of a rate of 0 is 0.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import pandas as pd
from river.drift.binary import DDM

BAD_RATING: Final = 2  # stars, and fewer


class Event(TypedDict):
    """The review at which the detector changed its state."""

    row: int  # number of the review in date order, from 1
    date: str  # YYYY-MM-DD


@dataclass(frozen=True)
class Drift:
    """What the detector found."""

    reviews: int
    bad: int
    alarms: list[Event]
    warnings: list[Event]  # beginnings of warning zones; a zone ends when the rate falls or an alarm is raised
    months: pd.DataFrame  # month (YYYY-MM), reviews, bad, bad_share, alarm; months without reviews are left out


def dated_reviews(corpus: pd.DataFrame, sources: Collection[str]) -> pd.DataFrame:
    """The rows of these sources with a date and a rating: columns `date` and `bad` (bool), sorted by date, then id."""
    if "date" not in corpus.columns:
        return pd.DataFrame({"date": pd.Series(dtype="string"), "bad": pd.Series(dtype="bool")})
    rows = corpus[corpus["source"].isin(sources)].dropna(subset=["date", "rating"])
    rows = rows.sort_values(["date", "id"], ignore_index=True)
    return pd.DataFrame({"date": rows["date"].astype("string"), "bad": (rows["rating"] <= BAD_RATING).astype("bool")})


def find_drift(corpus: pd.DataFrame, warm_up: int, sources: Collection[str]) -> Drift:
    """Run DDM over the dated reviews of a corpus.

    Args:
        corpus: The corpus table, with the column `date`.
        warm_up: Reviews at the beginning, and after each alarm, in which nothing is detected.
        sources: Names of the sources that hold reviews.
    """
    reviews = dated_reviews(corpus, sources)
    detector: Any = DDM(warm_start=warm_up)
    alarms: list[Event] = []
    warnings: list[Event] = []
    warned = False
    for row, (date, bad) in enumerate(zip(reviews["date"], reviews["bad"], strict=True), start=1):
        detector.update(bool(bad))
        if detector.drift_detected:
            alarms.append({"row": row, "date": str(date)})
        if detector.warning_detected and not warned:
            warnings.append({"row": row, "date": str(date)})
        warned = detector.warning_detected
    return Drift(len(reviews), int(reviews["bad"].sum()), alarms, warnings, _by_month(reviews, alarms))


def _by_month(reviews: pd.DataFrame, alarms: list[Event]) -> pd.DataFrame:
    grouped = reviews["bad"].groupby(reviews["date"].str[:7].rename("month"))
    months = grouped.agg(reviews="size", bad="sum").reset_index().astype({"reviews": "int64", "bad": "int64"})
    months["bad_share"] = months["bad"] / months["reviews"]
    months["alarm"] = months["month"].isin({alarm["date"][:7] for alarm in alarms})
    return months


def describe_drift(drift: Drift, warm_up: int) -> str:
    """One line about what the detector found."""
    if not drift.reviews:
        return "filter: drift: nothing to watch, since no review has a date and a rating"
    if drift.reviews <= warm_up:
        return f"filter: drift: {drift.reviews} dated reviews, too few for an alarm (warm-up {warm_up})"
    dates = ", ".join(alarm["date"] for alarm in drift.alarms)
    count = f"{len(drift.alarms)} alarm{'s' * (len(drift.alarms) != 1)}"
    alarms = f"{count} ({dates})" if dates else "no alarm"
    return f"filter: drift: {drift.reviews:,} dated reviews, {drift.bad:,} of 2 stars or fewer, {alarms}"
