"""Personal data becomes placeholders; prices, sizes, dates and style codes stay."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from brandmlm.text.placeholders import PLACEHOLDERS
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import brand_words, scrub_name
from brandmlm.text.sentences import words

NAMES = st.from_regex(r"[a-z][a-z0-9]{1,8}([._+-][a-z0-9]{1,6})?", fullmatch=True)


@given(NAMES, st.sampled_from(["example.com", "mail.example.org", "Example.co.uk", "EXAMPLE.NET", "uni-x.example.de"]),
       st.sampled_from([" ", "", "\u200b", "<br>", "("]),
       st.sampled_from([" ", ". ", ".Then", ")", "</p>", "!!No"]))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_no_email_address_is_left(name: str, domain: str, before: str, after: str) -> None:
    repaired = repair(f"Write to me:{before}{name}@{domain}{after}")
    assert "@" not in repaired and name not in repaired.replace("Write to me", "").replace("email", "")
    assert "[email]" in repaired


@given(st.sampled_from(["US", "GB", "DE", "FR", "IN", "AU"]), st.sampled_from(["call", "my number is", "Tel.", ""]),
       st.sampled_from([".", " please", "", "!No"]))  # fmt: skip
@settings(deadline=None)
def test_no_international_phone_number_is_left(region: str, before: str, after: str) -> None:
    number = phonenumbers.example_number(region)
    for form in (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164):
        written = phonenumbers.format_number(number, form)
        repaired = repair(f"{before} {written}{after}")
        assert "[phone]" in repaired and not any(map(str.isdigit, repaired))


@given(st.lists(st.sampled_from(["size", "9.5", "42", "€60", "$1,000", "100%", "2019", "2019-2020", "3.5", "50-100%",
                                 "DN5357-100", "NKAY44BMTF-KT6", "2022/23", "'90s", "19.5\"", "1/2-Zip", "£12.00",
                                 "2020-12-28", "27th", "360", "415445-101", "11.5", "883936-U4G", "24/7",
                                 "N0003537-036"]),
                max_size=9))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_prices_sizes_years_dates_percentages_and_style_codes_stay(pieces: list[str]) -> None:
    text = " is ".join(pieces)
    assert repair(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail john.doe@example.com now", "mail [email] now"),
        ("MAIL JOHN@EXAMPLE.COM.Then", "MAIL [email]. Then"),
        ("john (at) example (dot) com", "[email]"),
        ("see https://example.com/help?step=1.", "see [url]."),
        ("(www.example.com/a)", "([url])"),
        ("go to nike.com/returns today", "go to [url] today"),
        ("rang +44 20 7946 0123 and", "rang [phone] and"),
        ("called (212) 555-0147 twice", "called [phone] twice"),
        ("text 07700 900123 or 555.010.4477", "text [phone] or [phone]"),
        ("my phone is 5550147 ok", "my phone is [phone] ok"),
        ("Order C01234567890 if", "Order [number] if"),
        ("Order number 8837-2210-55, feel", "Order number [number], feel"),
        ("(item #C00182993485), one", "(item [number]), one"),
        ("a reference that reads #AB-10293.", "a reference that reads [number]."),
        ("parcel 1Z999AA10123456784 lost", "parcel [number] lost"),
        ("card 4111 1111 1111 1111 was", "card [card] was"),
        ("card 4111-1111-1111-1112 was", "card [number] was"),
        ("item DN5357-100 is gone", "item DN5357-100 is gone"),
        ("order 2019-2020 collection", "order 2019-2020 collection"),
        ("delivery 2020-12-24 missed", "delivery 2020-12-24 missed"),
        ("I ordered 3 pairs, paid 7495 and 12995", "I ordered 3 pairs, paid 7495 and 12995"),
        ("[MASK] and [SEP] and <mask>", "(MASK) and (SEP) and (mask)"),
    ],
)
def test_personal_data_become_placeholders(text: str, expected: str) -> None:
    assert repair(text) == expected


def test_placeholders_stay_and_are_no_words() -> None:
    for placeholder in PLACEHOLDERS:
        assert repair(f"my {placeholder}, please") == f"my {placeholder}, please"
        assert words(f"My {placeholder} please") == ["my", "please"]


def test_a_full_name_is_removed_and_a_single_word_is_not() -> None:
    assert scrub_name("Yours, Priya  Harrowgate.", "Priya Harrowgate") == "Yours, [name]."
    assert scrub_name("a Nike fan", "Nike") == "a Nike fan"
    assert scrub_name("unchanged", "") == "unchanged"


def test_luhn() -> None:
    assert luhn.is_valid("79927398713")
