"""Personal data becomes placeholders; prices, sizes, dates and style codes stay."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.text.placeholders import PLACEHOLDERS
from brandmlm.text.repair import repair
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
        # e-mail addresses with blanks, brackets and words
        ("write to sam.hill @ example.com, please", "write to [email], please"),
        ("sam hill @ gmail.com", "[email]"),
        ("sam dot hill at gmail dot com", "[email]"),
        ("it is sam_87 AT post DOT example DOT org", "it is [email]"),
        ("sam at gmail.com or sam{at}example{dot}com", "[email] or [email]"),
        ("sam@example . org and sam@example,org", "[email] and [email]"),
        ("_sam_@example.com", "[email]"),
        # handles
        ("follow @sam_hill87, or insta: sam_hill", "follow [name], or insta: [name]"),
        # addresses of computers
        ("from 84.23.109.7:8080 or 2001:db8::7", "from [number] or [number]"),
        ("my IP is 8.8.8.8, MAC 00:1B:44:11:3A:B7", "my IP is [number], MAC [number]"),
        # phones of other countries, and glued to a word
        ("number630-596-1111 please", "number [phone] please"),
        ("07 12 34 56 79 or 0151/23456789", "[phone] or [phone]"),
        ("98765 43210 or (11) 91234-5678", "[phone] or [phone]"),
        ("call 555 0147, then 612 34 56 78", "call [phone], then [phone]"),
        # cards and accounts
        ("5500.0000.0000.0004 and 5500/0000/0000/0004", "[card] and [card]"),
        ("GB82WEST12345698765432 is my account", "[number] is my account"),
        ("IBAN: FR14 2004 1010 0505 0001 3M02 606 please", "IBAN: [number] please"),
        ("refund gb82-west-1234-5698-7654-32 now", "refund [number] now"),
        # documents
        ("SSN 219-09-9999 and 219 09 9999", "SSN [number] and [number]"),
        ("AB 12 34 56 C or ab123456c", "[number] or [number]"),
        ("CPF 529.982.247-25", "CPF [number]"),
        ("2341 2341 2346, 12345678Z, 1 84 12 76 451 089 46", "[number], [number], [number]"),
        ("19850709-9805 and RSSMRA85T10A562S", "[number] and [number]"),
    ],
)
def test_personal_data_become_placeholders(text: str, expected: str) -> None:
    assert repair(text) == expected


def test_placeholders_stay_and_are_no_words() -> None:
    for placeholder in PLACEHOLDERS:
        assert repair(f"my {placeholder}, please") == f"my {placeholder}, please"
        assert words(f"My {placeholder} please") == ["my", "please"]


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4 5 6 7 8 9 10", "sizes 36 37 38 39 40 41 42", "8 8.5 9 9.5 10 10.5", "in 38-39-40-41-42-43 only",
        "Air Max 270 720 2090", "New Balance 574 990 1300 2002", "#JustDoIt2020 #10000steps", "25 000 000 pairs",
        "1 000 000 000 views", "between 409-5481 steps", "paid 4999 5999 6999 7999", "12995 14995 16995",
        "firmware v1.2.3.4, version 10.20.30.40", "1.2.3.4", "ratio 1:2:3:4:5:6:7:8", "John 3::16", "open 0900-1730",
        "01.02.2020-03.02.2020", "20191231", "won 110:108, 21-19", "2 pairs @ $40", "@home at 10.30", "pics @640x480",
        "look at nike.com", "bought at amazon dot com", "at this point in time", "f@ck, sh@t", "is 36 38 40 b",
        "from 20 dollars to 25 dollars a week", "10 100 1000 10000 100000", "0 1 2 3 4 5 6 7 8 9",
    ],
)  # fmt: skip
def test_numbers_that_are_nobody_s_stay(text: str) -> None:
    assert repair(text) == text


def test_the_brand_s_own_accounts_and_shops_stay() -> None:
    text = "cc @Acme and @AcmeSupport: socks at acme dot com, follow @acme_fan87"
    assert repair(text, {"acme"}) == text.replace("@acme_fan87", "[name]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GB29NWBK60161331926819 is my account", "[number] is my account"),
        ("My IBAN is DE89 3704 0044 0532 0130 00", "My IBAN is [number]"),
        ("refund to NL91 ABNA 0417 1643 00 now", "refund to [number] now"),
        ("SSN 123-45-6789", "SSN [number]"),
        ("4111.1111.1111.1111", "[card]"),
        ("test data630-596-1111", "test data [phone]"),
        ("06 12 34 56 78 appelez", "[phone] appelez"),
        ("john doe @ gmail.com", "[email]"),
        ("john dot doe at gmail dot com", "[email]"),
    ],
)
def test_numbers_with_check_digits_and_spelled_addresses_are_replaced(text: str, expected: str) -> None:
    assert repair(text) == expected
