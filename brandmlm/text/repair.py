"""Text repair: from a field as a site exported it to plain sentences without personal data."""

from __future__ import annotations

from collections.abc import Callable

from brandmlm.text.html import html_to_text
from brandmlm.text.personal_data import scrub
from brandmlm.text.sentences import squeeze, unglue
from brandmlm.text.unicode import fix_unicode


def _settled(function: Callable[[str], str], text: str) -> str:
    """Apply a function until nothing changes: one mend can lay open another. Bounded, as two mends could undo each
    other for ever."""
    for _ in range(8):
        mended = function(text)
        if mended == text:
            break
        text = mended
    return text


def repair(text: str) -> str:
    """One field of a raw table as plain text: see the module's head for what is done, in that order."""
    return _settled(lambda text: squeeze(unglue(scrub(squeeze(fix_unicode(html_to_text(text)))))), text)
