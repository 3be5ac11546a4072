"""Placeholders that replace personal data in a text."""

from __future__ import annotations

import re
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
