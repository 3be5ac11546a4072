"""Dates of a column: whether the day or the month comes first is settled by all its values together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

import pandas as pd

from brandmlm.core.errors import UserError

_MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS: Final = {
    spelling.lower(): number
    for number, name in enumerate(_MONTH_NAMES, start=1)
    for spelling in (name, name[:3], "Sept" if name == "September" else name)
}

_CLOCK = r"(?:[T,]?\s*(?:at\s+)?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[ap]\.?m\.?)?)"
_ZONE = r"(?:\s*(?:Z|[A-Z]{3,4}|(?:UTC|GMT)?[+-]\d{2}:?\d{2}))"
_TIME = rf"{_CLOCK}?{_ZONE}?"
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_GAP = r"[\s,./-]*"

_NUMERIC = re.compile(rf"(\d{{1,4}})[\s,./-]+(\d{{1,2}})[\s,./-]+(\d{{4}}|\d{{1,2}}){_TIME}", re.I | re.A)
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:T?\d{{4,6}})?{_TIME}", re.I | re.A)
_SPELLED = tuple(
    re.compile(rf"(?:.*[^a-z0-9])?{form}{_TIME}", re.I | re.A | re.S)
    for form in (
        rf"{_DAY}{_GAP}(?:of\s+)?{_MONTH}{_GAP}'?(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH}{_GAP}{_DAY}{_GAP}'?(?P<year>\d{{4}}|(?<=[\s,./'-])\d{{2}})",
        rf"(?P<year>\d{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}",
        # Unix' own: Mon Apr 06 22:19:45 PDT 2009
        rf"{_MONTH}\s+{_DAY}\s+\d{{1,2}}:\d{{2}}:\d{{2}}(?:\s+[A-Z+\d:-]{{1,6}})?\s+(?P<year>\d{{4}})",
    )
)
_UNIX = re.compile(r"(\d{9,10}|\d{12,13}|\d{16})(?:\.\d*)?", re.A)
_UNIX_DIGITS: Final = {9: 1, 10: 1, 12: 1_000, 13: 1_000, 16: 1_000_000}  # ticks a second

_NO_VALUE: Final = frozenset(("", "-", "--", "?", "n/a", "na", "nan", "nat", "none", "null", "unknown"))

_LONGEST: Final = 100  # characters; a longer cell is a text

_YEARS: Final = range(1900, 2100)


def is_empty(value: object) -> bool:
    """Whether a cell says that there is no value."""
    return not isinstance(value, str) or value.strip().casefold() in _NO_VALUE


class Numbers(NamedTuple):
    """A date in three numbers: the year's place is known, the order of the other two is the column's."""

    year_first: bool
    short: bool  # whether the year has two digits
    year: int
    first: int  # of the other two
    second: int

    def readings(self) -> tuple[date | None, date | None]:
        """The date with the day before the month, and with the month before the day, where these exist."""
        return _day(self.year, self.second, self.first), _day(self.year, self.first, self.second)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year > 68 else 2000)


def _spelled(value: str) -> date | None:
    for form in _SPELLED:
        found = form.fullmatch(value)
        month = _MONTHS.get(found["month"].lower()) if found else None
        if found and month:
            return _day(_full_year(found["year"]), month, int(found["day"]))
    return None


def _unix(value: str) -> date | None:
    found = _UNIX.fullmatch(value)
    if not found:
        return None
    seconds = int(found[1]) // _UNIX_DIGITS[len(found[1])]
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).date()
    return day if day.year in _YEARS else None


def read_date(value: str) -> date | Numbers | None:
    """One cell as a date, as numbers whose order is open, or as neither.

    The date is that of the place where it was written: zones are not converted. Unix time is in UTC.
    """
    value = value.strip()
    if len(value) > _LONGEST:
        return None
    compact = _COMPACT.fullmatch(value)
    if compact and (day := _day(*map(int, compact.groups()))):
        return day
    numeric = _NUMERIC.fullmatch(value)
    if not numeric:
        return _unix(value) or _spelled(value)
    one, two, three = numeric.groups()
    if len(one) == 4 and len(three) <= 2:
        return Numbers(True, False, int(one), int(two), int(three))
    if len(one) <= 2 and len(three) in (2, 4):
        return Numbers(False, len(three) == 2, _full_year(three), int(one), int(two))
    return None


@dataclass(frozen=True)
class DateOrder:
    """How a column writes its dates, once all of it was seen."""

    day_first: bool | None  # where the year comes last; None: open
    day_first_after_year: bool | None = False
    short_years: bool = True  # whether a last number of two digits is the year
    contradicted: bool = False  # whether dates of both orders are in the column
    form: str | None = None  # a strptime format of the user's, which is tried first

    def read(self, value: str) -> date | None:
        """The date in a cell; None where it cannot be told."""
        if self.form and (day := _read_form(value, self.form)):
            return day
        found = read_date(value)
        if not isinstance(found, Numbers):
            return found
        if self._is_open(found):
            return None
        day_first, month_first = found.readings()
        order = self._order(found)
        if order is None:  # only one reading is a date, or both are the same
            return day_first or month_first
        return day_first if order else month_first

    def leaves_open(self, value: str) -> bool:
        """Whether a cell is a date but for the order of its numbers."""
        found = read_date(value)
        return isinstance(found, Numbers) and self._is_open(found)

    def _order(self, found: Numbers) -> bool | None:
        """Whether the day comes first; None: the column does not say."""
        return self.day_first_after_year if found.year_first else self.day_first

    def _is_open(self, found: Numbers) -> bool:
        if found.short and not self.short_years:
            return True
        day_first, month_first = found.readings()
        both = day_first is not None and month_first is not None and day_first != month_first
        return both and self._order(found) is None


def _read_form(value: str, form: str) -> date | None:
    try:
        return datetime.strptime(value.strip(), form).date()
    except ValueError:
        return None


@dataclass
class DateSurvey:
    """Counts what the values of a column say about its order; fed in batches."""

    day_first: set[bool] = field(default_factory=set)  # `Numbers.year_first` of dates that can only begin with the day
    month_first: set[bool] = field(default_factory=set)
    firsts: set[int] = field(default_factory=set)  # first numbers of dates with a short year
    years: set[int] = field(default_factory=set)  # and their last numbers

    def add(self, values: Iterable[object]) -> None:
        for value in set(values):
            found = None if is_empty(value) else read_date(str(value))
            if not isinstance(found, Numbers):
                continue
            if found.first > 12 >= found.second:
                self.day_first.add(found.year_first)
            elif found.second > 12 >= found.first:
                self.month_first.add(found.year_first)
            if found.short:
                self.firsts.add(found.first)
                self.years.add(found.year % 100)

    def merge(self, other: DateSurvey) -> None:
        """Add what another part of the column says."""
        self.day_first |= other.day_first
        self.month_first |= other.month_first
        self.firsts |= other.firsts
        self.years |= other.years

    def _year_may_lead(self) -> bool:
        """Whether dates like 20-07-29 seem to begin with the year: no first number is 12 or less, and the last numbers
        vary more than the first."""
        return bool(self.firsts) and min(self.firsts) > 12 and len(self.years) > max(2, len(self.firsts))

    def _settled(self, year_first: bool) -> bool | None:
        """Whether the day comes before the month; None where it is open."""
        day, month = year_first in self.day_first, year_first in self.month_first
        if day == month:
            return False if year_first and not day else None
        return day

    def settle(self, date_format: str | None = None, setting: str = "date_format") -> DateOrder:
        """The order of the column's dates.

        Args:
            date_format: the user's word: `dmy`, `mdy`, `ymd`, `ydm`, or a format of `strptime` such as `%d/%m/%Y`.
            setting: where that is set, for messages.

        Raises:
            UserError: `date_format` is neither.
        """
        last, after_year = self._settled(False), self._settled(True)
        both = any(year_first in self.month_first for year_first in self.day_first)
        if date_format in ("dmy", "mdy"):
            return DateOrder(date_format == "dmy", after_year, contradicted=both)
        if date_format in ("ymd", "ydm"):
            return DateOrder(last, date_format == "ydm", short_years=False, contradicted=both)
        if date_format is not None and not _is_form(date_format):
            raise UserError(
                f"{setting}: {date_format!r} is no order of day, month and year; write dmy, mdy, ymd, or a format "
                "such as %d/%m/%Y"
            )
        return DateOrder(last, after_year, not self._year_may_lead(), both, date_format)


def _is_form(text: str) -> bool:
    """Whether a text is a strptime format that gives a day."""
    sample = datetime(2003, 2, 1)
    try:
        return _read_form(sample.strftime(text), text) == sample.date()
    except ValueError:
        return False


@dataclass(frozen=True)
class DateSummary:
    """What is to be said about a column of dates."""

    read: int
    unreadable: int  # cells with a value that is no date, or one whose order is open
    example: str | None  # one of them
    order: DateOrder

    def merge(self, other: DateSummary) -> DateSummary:
        """The summary of this part of a column and the one after it."""
        examples = [each for each in (self.example, other.example) if each is not None]
        example = next(filter(self.order.leaves_open, examples), next(iter(examples), None))
        return DateSummary(self.read + other.read, self.unreadable + other.unreadable, example, self.order)

    def warning(self, column: str, setting: str) -> str | None:
        """What to tell the user; None where every value was read.

        Args:
            column: its name.
            setting: where its order can be set, such as `sources.reviews.date_format in params.yaml`.
        """
        if self.example is None:
            return None
        total = self.unreadable + self.read
        share = (
            f"{self.unreadable:,} of {total:,} dates cannot"
            if self.unreadable < total
            else f"none of {total:,} dates can"
        )
        lost = f"column {column!r}: {share} be read"
        if not self.order.leaves_open(self.example):
            return f"{lost}: {self.example!r} is no date that is known; set {setting} to its format, such as %d.%m.%Y"
        if not self.order.short_years:
            return f"{lost}: {self.example!r} may begin with the year; set {setting} to %y-%m-%d, dmy or mdy"
        if self.order.contradicted:
            return (
                f"{lost}: some dates begin with the day, others with the month, and {self.example!r} may be either; "
                f"set {setting} to dmy or mdy"
            )
        return f"{lost}: {self.example!r} may begin with the day or with the month; set {setting} to dmy or mdy"


@dataclass(frozen=True)
class DateColumn(DateSummary):
    """A column of dates, and what is to be said about it."""

    dates: pd.Series[str]  # YYYY-MM-DD or null


def apply_order(values: pd.Series[str], order: DateOrder) -> DateColumn:
    """Read a column, or a batch of one, whose order is settled."""
    days = {value: order.read(value) for value in values.dropna().unique() if not is_empty(value)}
    lost = [value for value, day in days.items() if day is None]
    texts = {value: day.isoformat() for value, day in days.items() if day}
    column = values.map(texts.get, na_action="ignore").astype("str")
    return DateColumn(
        read=int(column.notna().sum()),
        unreadable=int(values.isin(lost).sum()),
        example=next(filter(order.leaves_open, lost), next(iter(lost), None)),
        order=order,
        dates=column,
    )


def read_dates(values: pd.Series[str], date_format: str | None = None, setting: str = "date_format") -> DateColumn:
    """Read a whole column of dates; see `DateSurvey.settle`."""
    survey = DateSurvey()
    survey.add(values.dropna().unique())
    return apply_order(values, survey.settle(date_format, setting))
