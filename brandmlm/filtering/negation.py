"""Detect negated words ("not ugly", "never too heavy"), as a polars expression.

NegEx (Chapman et al. 2001, "A simple algorithm for identifying negated findings and diseases in discharge summaries"):
a word is negated if a negation precedes it by at most five words in the same clause. Pseudo-negations ("not only",
"never such", "no other") do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from brandmlm.filtering.matching import alternation, canonical

# In canonical form, where an apostrophe is a blank.
_NEGATION: Final = (
    r"\b(?:anything but|far from|by no means|no one|not|no|never|nobody|none|nothing|neither|nor|without|hardly|"
    r"scarcely|barely|cannot|(?:do|does|did|is|are|was|were|has|have|had|ca|wo|could|would|should)n ?t)\b"
)

_SCOPE: Final = 5  # words between the negation and the negated word, at most

_CLAUSE_END: Final = r"[,;:()]|\s[-–—]\s"

# Words that end the scope of a negation, or make a pseudo-negation of it.
_SCOPE_END: Final = r"\b(?:and|but|because|although|though|however|since|than|only|just|such|so|as|other|more)\b"


_TEXT: Final = pl.col("text")


def all_negated(words: Sequence[str], text: pl.Expr = _TEXT) -> pl.Expr:
    """Whether a text has some of the words, matched whole, and each of them is negated; null for null."""
    either = alternation(words, "word")
    if not either:
        return pl.lit(False)
    clauses = canonical(text.str.replace_all(_CLAUSE_END, "\n"), "word")
    # A negation also ends where another one begins, which reaches further.
    scopes = clauses.str.replace_all(_NEGATION, "\nnot").str.replace_all(_SCOPE_END, "\n")
    affirmed = scopes.str.replace_all(rf"\bnot (?:\w+ ){{0,{_SCOPE}}}(?:{either})\b", "not")
    word = rf"\b(?:{either})\b"
    return scopes.str.contains(word) & ~affirmed.str.contains(word)
