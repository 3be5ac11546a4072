"""Replace numbers of bank accounts and payment cards, by their form and check digits, by placeholders."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import iban, luhn, numdb
from stdnum.iso7064 import mod_97_10

from brandmlm.text.digit_groups import NUMBER_END, SEPARATOR, digits_of, is_amount, is_harmless, is_list
from brandmlm.text.placeholders import CARD, NUMBER, apart

# --- bank accounts ----------------------------------------------------------------------------------------------------

_IBAN_HEAD = re.compile(r"[A-Z]{2}[ .-]?\d\d(?=[ ./_-]?[A-Z\d])", re.IGNORECASE | re.ASCII)
_IBAN_GROUPS = re.compile(r"(?:[A-Z\d]{4}([ ./_-]?))(?:[A-Z\d]{4}\1)*[A-Z\d]{1,4}", re.IGNORECASE | re.ASCII)
_IBAN_LABEL = re.compile(r"IBAN\W{0,3}(?:is |no\.? |number )?$", re.IGNORECASE)


@lru_cache
def _iban_length(country: str) -> int:
    """Return the length of a country's IBAN (registry of SWIFT), or 0."""
    properties = numdb.get("iban").info(country)[0][1]
    return 4 + sum(map(int, re.findall(r"(\d+)!", properties["bban"]))) if properties else 0


def _iban_end(text: str, start: int) -> int:
    """Return where the IBAN that starts here ends, or 0.

    Its check digits (ISO 7064, mod 97-10) and its form must be right (the country's form or plain groups of four):
    one sentence in 97 passes the check alone. After the word IBAN, the length is enough.
    """
    length = _iban_length(text[start : start + 2].upper())
    characters, end = "", start
    while len(characters) < length:
        if end >= len(text) or not text[end].isascii() or not text[end].isalnum():
            return 0
        characters += text[end].upper()
        end += 1
        while len(characters) < length and end < len(text) and text[end] in " ./_-":
            end += 1
    if not length or (end < len(text) and text[end].isalnum()):
        return 0
    if _IBAN_LABEL.search(text[max(0, start - 16) : start]) or iban.is_valid(characters, check_country=False):
        return end
    checked = mod_97_10.is_valid(characters[4:] + characters[:4])
    return end if checked and _IBAN_GROUPS.fullmatch(text[start:end]) else 0


def replace_ibans(text: str) -> str:
    """Replace international bank account numbers (ISO 13616), whatever separates their groups."""
    for head in reversed(list(_IBAN_HEAD.finditer(text))):
        end = _iban_end(text, head.start())
        if end:
            before = text[: head.start()]
            glued = before[-1:].isalnum()
            text = f"{before}{' ' if glued else ''}{NUMBER}{text[end:]}"
    return text


# --- payment cards ----------------------------------------------------------------------------------------------------

_S = SEPARATOR
_CARD_START = r"(?:(?<![\dA-Z])(?<!\d[.,/–-])|(?<=CARD)|(?<=VISA))(?<![^\W_]-)"
_CARD_FORM = re.compile(
    rf"{_CARD_START}(?:\d{{4}}(?:{_S}\d{{4}}){{3}}{_S}\d{{3}}|\d{{4}}(?:{_S}\d{{4}}){{2}}{_S}\d{{1,7}}"
    rf"|\d{{4}}{_S}\d{{6}}{_S}\d{{4,5}}|\d{{13,19}})(?!\d|[ -]\d{{4}})",
    re.ASCII,
)
# Other groups and separators: with a right check digit only.
_CARD_DIGITS = re.compile(rf"{_CARD_START}[2-6]\d*(?:(?:{_S}|[,:|])\d+){{1,18}}{NUMBER_END}", re.ASCII)


def _replace_card(found: re.Match[str]) -> str:
    text = found.group()
    if is_harmless(text) or is_list(text) or is_amount(text):
        return text
    return apart(found, CARD if luhn.is_valid(digits_of(text)) else NUMBER)


def _replace_card_digits(found: re.Match[str]) -> str:
    text, digits = found.group(), digits_of(found.group())
    sizes = {len(group) for group in re.findall(r"\d+", text)}
    is_card = 13 <= len(digits) <= 19 and (max(sizes) >= 4 or len(sizes) == 1) and luhn.is_valid(digits)
    return apart(found, CARD) if is_card and not is_list(text) else text


def replace_cards(text: str) -> str:
    """Replace payment card numbers; numbers of the same form with a wrong check digit become numbers."""
    return _CARD_DIGITS.sub(_replace_card_digits, _CARD_FORM.sub(_replace_card, text))
