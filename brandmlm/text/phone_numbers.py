"""Replace phone numbers by a placeholder: by their form, by a word before them, or by a country's numbering plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import phonenumbers

from brandmlm.text.digit_groups import (
    NUMBER_END,
    NUMBER_START,
    SEPARATOR,
    digit_count,
    digits_of,
    is_amount,
    is_harmless,
    is_list,
    is_year,
)
from brandmlm.text.placeholders import PHONE, replace_if

_S = SEPARATOR
_EXTENSION = r"(?: ?(?:ext|extension|x)\.? ?\d{1,5}(?!\d))?"

# Numbering plans with a fixed length, where a number without its trunk zero can be told from a count.
_REGIONS: Final = ("US", "GB", "FR", "IN", "BR", "ES", "MX", "PL", "PT", "AU")


# What is counted in hundreds and thousands: "300-1500 steps" is no phone number.
_COUNTED = re.compile(
    r" ?(?:steps|miles|k?m|met(?:er|re)s?|people|pairs|words|pages|k?cal(?:ories)?|dollars|euros?|points|views|times|"
    r"hours|days|grams|k?g|ml|mah|watts?|rpm|lumens?|hz|usd|eur|bucks|reviews|customers)\b",
    re.IGNORECASE,
)
_MORE_DIGITS = re.compile(r" \d{2}")
_RANGE_BEFORE = re.compile(
    r"\b(?:between|from|about|around|approx|roughly|range|costs?|pages?)\W*(?:of )?$", re.IGNORECASE
)


def _groups(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _is_phone(found: re.Match[str]) -> bool:
    return not is_harmless(found.group()) and not is_list(found.group())


def _has_length(found: re.Match[str]) -> bool:
    """Whether a number with a trunk zero or an area code in brackets has the digits of a phone number."""
    text = found.group()
    empty = not digits_of(text).strip("0")  # the end of "1 000 000 000"
    return 8 <= digit_count(text) <= 13 and _is_phone(found) and not (empty or is_year(_groups(text)[0]))


def _is_american(found: re.Match[str]) -> bool:
    """Ten digits; models and a year ("270 720 2020") and more models ("574 990 1300 2002") are none."""
    text = found.group()
    if re.fullmatch(r"[\d ]+", text) and (is_year(_groups(text)[-1]) or _MORE_DIGITS.match(found.string, found.end())):
        return False
    return _is_phone(found) and not is_amount(text)


def _is_local(found: re.Match[str]) -> bool:
    """Seven digits; a range of numbers ("500-1000", "between 409-5481 steps") is none."""
    first, last = _groups(found.group())
    if is_year(last) or (first[-1] == "0" and last.endswith("00")) or _COUNTED.match(found.string, found.end()):
        return False
    return not _RANGE_BEFORE.search(found.string[max(0, found.start() - 20) : found.start()])


def _is_pair(found: re.Match[str]) -> bool:
    """Two groups of five; two prices are none."""
    return not all(group.endswith(("00", "50", "95", "99")) for group in _groups(found.group()))


def _is_valid(found: re.Match[str]) -> bool:
    """Whether a numbering plan knows a number that is no amount and counts nothing."""
    text = found.group()
    if not _is_phone(found) or is_amount(text) or any(map(is_year, _groups(text))):
        return False
    if _COUNTED.match(found.string, found.end()):
        return False
    return any(_is_valid_in(digits_of(text), region) for region in _REGIONS)


def _is_valid_in(digits: str, region: str) -> bool:
    """Whether the numbering plan of a region knows a number; none knows one of more than 17 digits."""
    try:
        return phonenumbers.is_valid_number_for_region(phonenumbers.parse(digits, region), region)
    except phonenumbers.NumberParseException:
        return False


_FORMS: Final[tuple[tuple[str, Callable[[re.Match[str]], bool]], ...]] = (
    # Area code in brackets: "(11) 91234-5678", "(030) 123456"
    (rf"(?:\+?\d{{1,3}} ?)?\(\d{{2,5}}\) ?[-./]? ?\d{{2,9}}(?:{_S}\d{{2,6}}){{0,4}}", _has_length),
    # Trunk zero: "06 12 34 56 78", "0171/1234567", "020 7946 0123", "07123456789"
    (rf"\(?0\)?(?:{_S})?\d{{1,5}}\)?(?:{_S}\d{{2,9}}){{1,5}}|0\d{{8,10}}", _has_length),
    # North America: "212-555-0147", "1 212 555 0147"
    (rf"(?:1{_S})?(?:\(\d{{3}}\) ?|\d{{3}}{_S})\d{{3}}{_S}\d{{4}}", _is_american),
    (r"[2-9]\d\d[-.]\d{4}", _is_local),
    # Russia: "8 912 345-67-89"
    (r"(?:[78][ -]?)?\(?9\d\d\)?[ -]?\d{3}[ -]\d\d[ -]\d\d", _is_phone),
    # India: "98765 43210", "91 9876543210"
    (rf"(?:91{_S})?[6-9]\d{{4}}{_S}\d{{5}}", _is_pair),
    (rf"(?:91{_S})?[6-9]\d{{9}}|[6-9]\d{{3}} \d{{3}} \d{{3}}", _is_phone),
    # Brazil: "11 91234-5678", "11 9 1234 5678", "91234-5678"
    (rf"(?:55{_S})?[1-9]\d{_S}9 ?\d{{4}}{_S}\d{{4}}|9 ?\d{{4}}-\d{{4}}", _is_phone),
    # Spain: "612 34 56 78", "91 123 45 67" (Poland, Switzerland too)
    (rf"[6-9]\d\d(?:{_S}\d\d){{3}}|\d\d{_S}\d{{3}}{_S}\d\d{_S}\d\d", _is_phone),
    # Italy: "333 1234567"
    (rf"3\d\d{_S}\d{{6,7}}", _is_phone),
    # Australia: "1300 123 456"
    (r"1[38]00 \d{3} \d{3}", _is_phone),
    # China: "138 0013 8000"
    (rf"1[3-9]\d{_S}\d{{4}}{_S}\d{{4}}", _is_phone),
    # Anything else that a numbering plan knows
    (r"\d{2,5}(?: ?[ .–-] ?\d{2,5}){1,4}", _is_valid),
)
_FORM_PATTERNS: Final = tuple(
    (re.compile(rf"{NUMBER_START}(?:{form}){_EXTENSION}{NUMBER_END}", re.IGNORECASE | re.ASCII), check)
    for form, check in _FORMS
)

_INTERNATIONAL = re.compile(
    rf"(?<![\d+])(?<!\d[.,])(?:\+|\(\+(?=\d{{1,3}}\))|(?<![A-Z])00)(?:\d[ .()/·–-]{{0,3}}){{7,14}}\d{_EXTENSION}(?!\d)",
    re.ASCII,
)

_RUN = r"\+?\(?\d[\d ()./–-]{4,20}\d"
_NAMED = re.compile(
    r"(?P<before>\b(?:phone|telephone|telefono|telefone|tel|mobile|mobil|cell|celular|handy|portable|landline|fax|"
    r"whats ?app|zap|sms|number|call(?:ed)?|text(?:ed)?|ring|rang|dial(?:led)?|reach|contact)\b[^.!?\d]{0,20}"
    rf"(?:\. ?)?){NUMBER_START}(?P<number>{_RUN})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
_NAMED_AFTER = re.compile(
    rf"{NUMBER_START}(?P<number>{_RUN})(?P<after> (?:is|was) (?:my|our|the) (?:new )?(?:phone|mobile|cell|number|tel))",
    re.IGNORECASE | re.ASCII,
)

_SEVEN_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")


def _replace_named(found: re.Match[str]) -> str:
    parts = found.groupdict()
    number = parts["number"]
    if digit_count(number) < 7 or is_harmless(number) or is_list(number):
        return found.group()
    return f"{parts.get('before', '')}{PHONE}{parts.get('after', '')}"


def replace_phones(text: str) -> str:
    """Replace phone numbers of any country."""
    if not _SEVEN_DIGITS.search(text):
        return text
    text = replace_if(_is_phone, _INTERNATIONAL, PHONE, text)
    for form, check in _FORM_PATTERNS:
        text = replace_if(check, form, PHONE, text)
    return _NAMED_AFTER.sub(_replace_named, _NAMED.sub(_replace_named, text))
