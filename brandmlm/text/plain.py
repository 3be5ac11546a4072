"""Tell which texts need no repair, a whole column at a time.

Two of three reviews are plain ASCII sentences, in which every step of `repair` would look for something in vain. One
linear pass of Rust's regular expressions over a column costs a hundredth of that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from brandmlm.text.email_addresses import PROVIDER_AFTER_AT, SPOKEN_HINTS
from brandmlm.text.online_identifiers import PLATFORM_HINTS


def _any_of(hints: Sequence[str]) -> str:
    return "|".join(map(re.escape, hints))


# What a step of `repair` may change, each step's own condition or a wider one. Digits have their own rules below.
_NEEDS_REPAIR: Final = "|".join(
    (
        r"[^ -~]|^ |  | $",  # Unicode, line breaks, white space
        r'[<&@/_\[]|""|::|www',  # markup, addresses, special tokens, doubled quotes
        r"[!?.,);:][A-Za-z0-9]|[a-z][A-Z]| [,!?.]",  # glued sentences
        r"(?:-[^-]*){5}|(?::[^:]*){2}",  # hardware and network addresses
        rf"(?i:{_any_of([hint for hint in SPOKEN_HINTS if hint.isascii()])}|{PROVIDER_AFTER_AT})",
    )
)

_DIGITS: Final = r"(?:\d[^\d]*){4}"  # from four digits on, a number may be personal

_PLATFORM: Final = rf"(?i:{_any_of(PLATFORM_HINTS)})"  # before an account's name with a digit


def are_plain(texts: Sequence[str]) -> list[bool]:
    """Whether `repair` returns each text as it is. False says nothing: the text has to be repaired to know."""
    column = pl.Series("text", texts, dtype=pl.String).to_frame()
    text = pl.col("text")
    named = text.str.contains(r"\d") & text.str.contains(_PLATFORM)
    plain = ~(text.str.contains(_NEEDS_REPAIR) | text.str.contains(_DIGITS) | named)
    return column.select(plain).to_series().to_list()
