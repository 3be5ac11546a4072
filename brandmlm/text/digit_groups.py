"""Groups of digits that are no personal data: dates, years, style codes, counts, lists of sizes."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

# What may separate the groups of one number: one mark, with blanks around it, or one blank.
SEPARATOR: Final = r"(?: ?[-./_·‐‑–] ?| )"

# Where a number may begin and end: not inside another one or a code of capitals ("XR0151"), nor after "$" or "#".
NUMBER_START: Final = r"(?-i:(?<![\dA-Z_#$£€₹]))(?<!\d[.,:/–-])(?<![^\W_]-)"
NUMBER_END: Final = r"(?![\d%])(?![.,/-]\d)(?-i:(?![A-Z](?![a-z])))"

_DATE = re.compile(
    r"(?:19|20)\d\d(?:\D+(?:19|20)\d\d)*|(?:19|20)\d\d\D\d\d?\D\d\d?|\d\d?\D\d\d?\D(?:19|20)?\d\d"
    r"|(?:\d\d?[./-]\d\d?[./-]|(?:19|20)\d\d[./-]\d\d?[./-])\d{2,4}(?: ?[-–/ ] ?\d\d?[./-]\d\d?[./-]\d{2,4})?"
    r"|(?:[01]\d|2[0-4])[0-5]\d ?[-–] ?(?:[01]\d|2[0-4])[0-5]\d"
)
_STYLE_CODE = re.compile(r"[A-Z]{1,2}\d{4,5}-\d{3}|\d{6}-[A-Z\d]{3}|[A-Z]\d{7}-\d{3}", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:([ .,])\d{3})(?:\1\d{3})*")
_LIST_SEPARATOR = re.compile(r"[ ,;/–-]+")
_LISTED_NUMBER = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.5)?")


def digit_count(text: str) -> int:
    """Return the number of digits, of any script."""
    return sum(map(str.isdigit, text))


def digits_of(text: str) -> str:
    """Return the ASCII digits of a text."""
    return re.sub(r"[^0-9]", "", text)


def is_year(text: str) -> bool:
    """Whether a text is a year of this century or the last."""
    return bool(_YEAR.fullmatch(text))


def is_harmless(text: str) -> bool:
    """Whether digits are a date, years, opening hours or a product's style code, whatever precedes them."""
    text = text.strip()
    return bool(_DATE.fullmatch(text) or _STYLE_CODE.fullmatch(text))


def is_list(text: str) -> bool:
    """Whether numbers form a list: small or round equal steps ("36 37 38", "8 8.5 9"), or five sizes that rise or fall.

    A number with a leading zero is no size: it begins a phone number.
    """
    items = _LIST_SEPARATOR.split(text.strip())
    if len(items) < 3 or not all(map(_LISTED_NUMBER.fullmatch, items)):
        return False
    numbers = [float(item) for item in items]
    steps = [after - before for before, after in pairwise(numbers)]
    same_sign = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    equal = len(set(steps)) == 1 and (abs(steps[0]) <= 10 or steps[0] % 50 == 0)
    return same_sign and (equal or (len(numbers) >= 5 and max(numbers) < 60))


def is_amount(text: str) -> bool:
    """Whether digits are one round number in groups of thousands ("25 000 000"), or years, prices and round numbers."""
    text = text.strip()
    groups = re.findall(r"\d+", text)
    grouped = bool(_THOUSANDS.fullmatch(text)) and groups[-1] == "000"
    return grouped or (len(groups) > 1 and all(is_year(group) or group.endswith(("0", "95", "99")) for group in groups))
