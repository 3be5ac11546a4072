"""Replace numbers of orders, parcels, customers and the like by a placeholder."""

from __future__ import annotations

import re

from brandmlm.text.digit_groups import digit_count, is_amount, is_harmless, is_list
from brandmlm.text.placeholders import NUMBER

_CODE = r"(?:\d{2,}(?:[ ./-]\d{2,}){1,6}|[A-Z\d][A-Z\d-]{3,30}[A-Z\d])(?![A-Z\d-])"

# A number whose preceding words call it one.
_NAMED_NUMBER = re.compile(
    r"(\b(?:orders?|parcel|package|shipment|tracking|delivery|reference|ref|case|ticket|claim|invoice|receipt|"
    r"confirmation|returns?|rma|item|account|member(?:ship)?|customer|transaction|voucher|gift ?card|card|"
    r"ssn|social security|nino|national insurance|aadhaa?r|cpf|passport|licen[cs]e|identity|tax|nif|nie|dni|bsn|pesel|"
    r"personnummer|steuer-?id|sin|nhs|medicare|curp|iban|sort ?code)\b"
    r"(?:[ -](?:number|numbers|no|nr|num|id|code|reference|ref)\b\.?)?(?: (?:is|was))? ?[:=]? ?[\"'(]?)"
    rf"#? ?({_CODE})",
    re.IGNORECASE | re.ASCII,
)
_SORT_CODE = re.compile(r"sort", re.IGNORECASE)  # "12-34-56", as a date
_HASH_NUMBER = re.compile(rf"()#({_CODE})", re.IGNORECASE | re.ASCII)
_HASHTAG = re.compile(r"[a-z]+(?:19|20)\d\d|\d{1,5}[a-z]{3,}", re.IGNORECASE)  # "#JustDoIt2020", "#10000steps"

# One to four letters and eight digits or more; nine digits or more; five letters, four digits and a letter as on an
# Indian tax card (PAN). No product, price or size has these forms.
_LONG_NUMBER = re.compile(
    r"(?<![\w$£€₹-])(?<!\d[.,])(?:[A-Z]{1,4}\d{8,30}[A-Z]{0,2}|1Z[A-Z\d]{16}|[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]|\d{9,40})(?!\d|-\d)",
    re.ASCII,
)


def _replace_number(found: re.Match[str]) -> str:
    code = found[2]
    harmless = is_harmless(code) and not _SORT_CODE.match(found[1])
    if digit_count(code) < 4 or len(code) < 5 or harmless or is_list(code) or (" " in code and is_amount(code)):
        return found.group()
    return f"{found[1]}{NUMBER}"


def replace_named_numbers(text: str) -> str:
    """Replace codes that the words before them call an order, a parcel, an account or a document."""
    return _NAMED_NUMBER.sub(_replace_number, text)


def replace_long_numbers(text: str) -> str:
    """Replace codes behind a '#' and numbers too long for a price; hashtags stay."""
    text = _HASH_NUMBER.sub(
        lambda found: found.group() if _HASHTAG.fullmatch(found[2]) else _replace_number(found), text
    )
    return _LONG_NUMBER.sub(lambda found: found.group() if found.group().endswith("000000") else NUMBER, text)
