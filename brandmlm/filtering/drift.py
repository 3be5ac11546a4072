"""Concept drift in the reviews: does the share of bad ones rise from some date on?

DDM (Gama, Medas, Castillo and Rodrigues, "Learning with Drift Detection", SBIA 2004) watches a stream of errors, here
"the rating is 2 or less", in date order. It warns when the error rate is two standard deviations above its minimum; at
three it raises an alarm and resets. If the warm-up has no bad review, the first one raises an alarm, because the
deviation of a rate of 0 is 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypedDict

import numpy as np
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


def _dated_reviews(parts: Iterable[pd.DataFrame], sources: Collection[str]) -> tuple[np.ndarray, np.ndarray]:
    """The reviews with a date and a rating, sorted by date, then id: their dates, datetime64[D], and which are bad."""
    dates, bad, ids = [np.empty(0, "datetime64[D]")], [np.empty(0, bool)], [np.empty(0, np.uint64)]
    for part in parts:
        if "date" in part.columns:
            rows = part[part["source"].isin(sources)].dropna(subset=["date", "rating"])
            dates.append(rows["date"].to_numpy(dtype="datetime64[D]"))
            bad.append((rows["rating"] <= BAD_RATING).to_numpy(dtype=bool))
            ids.append(np.fromiter((int(name, 16) for name in rows["id"]), np.uint64, len(rows)))
    all_dates = np.concatenate(dates)
    order = np.lexsort((np.concatenate(ids), all_dates))
    return all_dates[order], np.concatenate(bad)[order]


def find_drift(parts: Iterable[pd.DataFrame], warm_up: int, sources: Collection[str]) -> Drift:
    """Run DDM over the dated reviews of a corpus.

    Args:
        parts: The corpus in parts, with the columns `id` and `source`, and `date` and `rating` if it has dates.
        warm_up: Reviews at the beginning, and after each alarm, in which nothing is detected.
        sources: Names of the sources that hold reviews.
    """
    dates, bad = _dated_reviews(parts, sources)
    detector: Any = DDM(warm_start=warm_up)
    alarms: list[Event] = []
    warnings: list[Event] = []
    warned = False
    for place, is_bad in enumerate(bad.tolist()):
        detector.update(is_bad)
        warning = detector.warning_detected
        if detector.drift_detected:
            alarms.append({"row": place + 1, "date": str(dates[place])})
        if warning and not warned:
            warnings.append({"row": place + 1, "date": str(dates[place])})
        warned = warning
    return Drift(len(bad), int(bad.sum()), alarms, warnings, _by_month(dates, bad, alarms))


def _by_month(dates: np.ndarray, bad: np.ndarray, alarms: list[Event]) -> pd.DataFrame:
    months, places = np.unique(dates.astype("datetime64[M]"), return_inverse=True)
    reviews = np.bincount(places, minlength=len(months))
    found = np.bincount(places[bad], minlength=len(months))
    table = pd.DataFrame({"month": pd.array(np.datetime_as_string(months), dtype="string")})
    table = table.assign(reviews=reviews, bad=found, bad_share=found / reviews)
    return table.assign(alarm=table["month"].isin({alarm["date"][:7] for alarm in alarms}).astype(bool))


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
