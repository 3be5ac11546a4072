"""Text repair: one field of a raw table to plain sentences without personal data."""

from __future__ import annotations

from collections.abc import Collection

from brandmlm.text.glued import unglue
from brandmlm.text.html import html_to_text
from brandmlm.text.personal_data import scrub
from brandmlm.text.sentences import squeeze
from brandmlm.text.unicode import fix_unicode

_MAX_ROUNDS = 8  # Real texts settle after two; the bound stops steps that would undo each other for ever.


def _repair_once(text: str, brand: Collection[str]) -> str:
    """HTML to text, Unicode repair, placeholders for personal data, blanks between glued sentences."""
    return squeeze(unglue(scrub(squeeze(fix_unicode(html_to_text(text))), brand)))


def repair(text: str, brand: Collection[str] = ()) -> str:
    """Repair one field of a raw table. Repairing the result again does not change it.

    The steps run until the text no longer changes, because one repair can uncover the next: an entity can hide a tag,
    and a restored blank can reveal a phone number.

    Args:
        text: one field as the raw table has it.
        brand: words of the brand in lower case (see `scrub`).
    """
    for _ in range(_MAX_ROUNDS):
        repaired = _repair_once(text, brand)
        if repaired == text:
            break
        text = repaired
    return text
