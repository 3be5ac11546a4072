"""Why a row cannot be used, whatever the other rows are."""

from __future__ import annotations

from brandmlm.config.params.clean import Clean
from brandmlm.text.language import is_other_language


def unusable(text: str, count: int, params: Clean, language: str) -> str | None:
    """The reason, of `cleaning.REASONS`, why a text is dropped; None if it is usable.

    Args:
        text: A repaired text.
        count: The number of its words.
        params: The limits.
        language: The code of the brand's language.
    """
    if not text:
        return "empty"
    if count < params.min_words:
        return "too_short"
    return "other_language" if is_other_language(text, language, params.language_confidence) else None
