"""Placeholders that replace personal data in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

# Lower case in square brackets: no tokenizer's special token, and the word inside is in every vocabulary.
EMAIL: Final = "[email]"
PHONE: Final = "[phone]"
URL: Final = "[url]"
CARD: Final = "[card]"
NUMBER: Final = "[number]"  # of an order, parcel, case, receipt ...
NAME: Final = "[name]"

PLACEHOLDERS: Final = (EMAIL, PHONE, URL, CARD, NUMBER, NAME)

PLACEHOLDER: Final = re.compile("|".join(map(re.escape, PLACEHOLDERS)))


def apart(found: re.Match[str], placeholder: str) -> str:
    """Return the placeholder for a match, with a blank before it where a letter precedes ("number0151 23456")."""
    glued = found.start() > 0 and found.string[found.start() - 1].isalpha()
    return f" {placeholder}" if glued else placeholder


def replace_if(check: Callable[[re.Match[str]], bool], form: re.Pattern[str], placeholder: str, text: str) -> str:
    """Replace the matches of a form that pass a check."""
    return form.sub(lambda found: apart(found, placeholder) if check(found) else found.group(), text)
