"""The order of day and month is a column's: one date that settles it settles all."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.core.errors import UserError
from brandmlm.data.values.dates import DateSurvey, apply_order, read_dates

SETTING = "sources.reviews.date_format in params.yaml"


def column(*values: str | None) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")


def read(*values: str | None, date_format: str | None = None) -> list[str | None]:
    return [None if pd.isna(day) else day for day in read_dates(column(*values), date_format).dates]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2020-12-29", "2020-12-29"),
        (" 2020/12/29 ", "2020-12-29"),
        ("2020.12.29", "2020-12-29"),
        ("20201229", "2020-12-29"),
        ("2020-12-29T10:30:00Z", "2020-12-29"),
        ("2020-12-29 23:30:00+02:00", "2020-12-29"),
        ("2020-12-29 00:00:00 UTC", "2020-12-29"),
        ("2021-10-23 17:50:17.331255", "2021-10-23"),
        ("29-12-2020", "2020-12-29"),
        ("23/12/2020", "2020-12-23"),
        ("23.12.2020 10:15", "2020-12-23"),
        ("12/23/2020", "2020-12-23"),
        ("12/23/20 10:30 PM", "2020-12-23"),
        ("5/5/2020", "2020-05-05"),
        ("09 13, 2009", "2009-09-13"),
        ("28-Jul-18", "2018-07-28"),
        ("8-Jun-18", "2018-06-08"),
        ("28Jul2018", "2018-07-28"),
        ("2018-Jul-28", "2018-07-28"),
        ("29th December 2020", "2020-12-29"),
        ("1st of May, 2020", "2020-05-01"),
        ("12 March 2020", "2020-03-12"),
        ("Sept 3, 2020", "2020-09-03"),
        ("Sep. 3rd 2020", "2020-09-03"),
        ("JULY 3, 2021 at 10:30 AM", "2021-07-03"),
        ("Monday, July 3rd, 2021", "2021-07-03"),
        ("Mon, 03 Jul 2021 10:00:00 GMT", "2021-07-03"),
        ("Mon Apr 06 22:19:45 PDT 2009", "2009-04-06"),
        ("Reviewed in the United States on July 3, 2021", "2021-07-03"),
        ("Reviewed in the United Kingdom 🇬🇧 on 3 July 2021", "2021-07-03"),
        ("1303862400", "2011-04-27"),
        ("1303862400.0", "2011-04-27"),
        ("1303862400000", "2011-04-27"),
        ("1303862400000000", "2011-04-27"),
    ],
)
def test_one_date(value: str, day: str) -> None:
    assert read(value) == [day]


@pytest.mark.parametrize(
    "value",
    [
        "July 2021", "Jul-18", "2018", "3 days ago", "43000", "0", "99/99/9999", "31/02/2020", "29-02-2021", "20210229",
        "1/2/3", "28. Juli 2018", "Marchand 3, 2020", "soon", "2020-00-10", "12345678901234567890", "10:30", "5.0",
        "Good shoes, I bought them on July 3, 2021, and they " + "last " * 40,
    ],
)  # fmt: skip
def test_what_is_no_date_is_counted(value: str) -> None:
    found = read_dates(column(value, None, ""))
    assert found.dates.isna().all() and found.unreadable == 1 and found.example == value
    warning = found.warning("Date", SETTING)
    assert warning == (
        f"column 'Date': none of 1 dates can be read: {value!r} is no date that is known; set {SETTING} to its format, "
        "such as %d.%m.%Y"
    )


@pytest.mark.parametrize("empty", [None, "", " ", "NaN", "n/a", "None", "-"])
def test_no_date_is_no_loss(empty: str | None) -> None:
    found = read_dates(column(empty, "2020-12-29"))
    assert found.dates.isna().tolist() == [True, False]
    assert found.unreadable == 0 and found.warning("Date", SETTING) is None


FORMS = {
    "%d-%m-%Y": "dmy", "%d/%m/%Y": "dmy", "%d.%m.%Y": "dmy", "%d.%m.%y": "dmy", "%d/%m/%Y %H:%M": "dmy",
    "%m/%d/%Y": "mdy", "%m-%d-%y": "mdy", "%m/%d/%Y %I:%M %p": "mdy", "%m %d, %Y": "mdy",
    "%Y-%m-%d": "ymd", "%Y/%m/%d": "ymd", "%Y%m%d": "ymd", "%Y-%m-%dT%H:%M:%S": "ymd", "%Y-%d-%m": "ydm",
    "%d-%b-%y": "", "%d %B %Y": "", "%B %d, %Y": "", "%b %d, %Y": "", "%a %b %d %H:%M:%S %Y": "",
    "Reviewed in Canada on %B %d, %Y": "",
}  # fmt: skip


@given(
    days=st.lists(st.dates(date(2000, 1, 1), date(2030, 12, 31)), max_size=20),
    settling=st.dates(date(2000, 1, 13), date(2030, 12, 31)).filter(lambda day: day.day > 12),
    form=st.sampled_from(sorted(FORMS)),
    data=st.data(),
)
def test_one_day_above_twelve_settles_a_column(
    days: list[date], settling: date, form: str, data: st.DataObject
) -> None:
    # With two digits for the year, a first number up to 12 tells that it is no year.
    early = [date(2020, 5, 5)] if "%y" in form else []
    column_days = data.draw(st.permutations([*days, settling, *early]))
    expected = [day.isoformat() for day in column_days]
    written = [day.strftime(form) for day in column_days]
    assert read(*written) == expected
    assert read(*written, date_format=form) == expected
    if FORMS[form]:
        assert read(*(day.strftime(form) for day in days), date_format=FORMS[form]) == [day.isoformat() for day in days]


@given(
    values=st.lists(
        st.text(max_size=30) | st.from_regex(r"[0-9]{1,5}[-/ .][0-9A-Za-z]{1,9}[-/ .,]+[0-9]{1,5}"), max_size=8
    )
)
def test_any_text_is_a_date_or_counted(values: list[str]) -> None:
    found = read_dates(column(*values))
    assert len(found.dates) == len(values)
    assert found.unreadable <= found.dates.isna().sum()
    assert (found.example is None) == (found.unreadable == 0)
    assert found.dates.dropna().str.fullmatch(r"(?:19|20)\d\d-\d\d-\d\d").all()


def test_the_case_of_a_nike_user() -> None:
    assert read("29-12-2020", "23-12-2020", "07-12-2020", "06-12-2020") == [
        "2020-12-29", "2020-12-23", "2020-12-07", "2020-12-06",
    ]  # fmt: skip


def test_an_order_that_nothing_settles_stays_open() -> None:
    found = read_dates(column("07/12/2020", "06/12/2020", "05/05/2020", "2020-01-02", "July 3, 2021"))
    assert found.dates.fillna("").tolist() == ["", "", "2020-05-05", "2020-01-02", "2021-07-03"]
    assert found.warning("Date", SETTING) == (
        f"column 'Date': 2 of 5 dates cannot be read: '07/12/2020' may begin with the day or with the month; set "
        f"{SETTING} to dmy or mdy"
    )
    assert read("07/12/2020", date_format="dmy") == ["2020-12-07"]
    assert read("07/12/2020", date_format="mdy") == ["2020-07-12"]


def test_orders_that_contradict_each_other() -> None:
    found = read_dates(column("13/01/2020", "01/14/2020", "02/03/2020"))
    assert found.dates.fillna("").tolist() == ["2020-01-13", "2020-01-14", ""]
    warning = found.warning("Date", SETTING) or ""
    assert "some dates begin with the day, others with the month, and '02/03/2020' may be either" in warning
    assert read("13/01/2020", "01/14/2020", "02/03/2020", date_format="mdy") == [None, "2020-01-14", "2020-02-03"]


def test_the_orders_with_the_year_first_and_last_are_settled_apart() -> None:
    assert read("2020-03-04", "13/01/2020", "02/03/2020") == ["2020-03-04", "2020-01-13", "2020-03-02"]


def test_a_short_year_may_come_first() -> None:
    values = ["20-07-29", "20-07-13", "20-08-30", "20-12-31"]
    found = read_dates(column(*values))
    assert found.dates.isna().all()
    assert "'20-07-29' may begin with the year; set" in (found.warning("Date", SETTING) or "")
    assert read(*values, date_format="%y-%m-%d")[0] == "2020-07-29"
    assert read(*values, date_format="dmy")[0] == "2029-07-20"


@pytest.mark.parametrize("wrong", ["day first", "dd/mm/yyyy", "%Y", "%d.%m", "", "%", "%Q"])
def test_a_format_that_is_none(wrong: str) -> None:
    with pytest.raises(UserError, match="is no order of day, month and year; write dmy, mdy, ymd, or a format"):
        DateSurvey().settle(wrong, SETTING)


def test_batches_are_settled_together() -> None:
    batches = [column("07/12/2020", None), column("29/12/2020"), column("")]
    survey = DateSurvey()
    for batch in batches:
        survey.add(batch)
    order = survey.settle()
    assert [apply_order(batch, order).dates.fillna("").tolist() for batch in batches] == [
        ["2020-12-07", ""], ["2020-12-29"], [""],
    ]  # fmt: skip
