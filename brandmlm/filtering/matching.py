"""Find words and phrases in texts, as polars expressions.

With `match: word`, words match whole: every character other than a letter, digit or underscore separates words, so
"long sleeve" matches "Long-sleeve" and "nike" matches "Nike's", and no phrase crosses the end of a sentence. With
`match: substring`, words match inside others: "fashionable" matches "unfashionable". Case is ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import polars as pl

Match = Literal["word", "substring"]

_SENTENCE_END: Final = r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n"


def canonical(text: pl.Expr, match: Match) -> pl.Expr:
    """The form in which texts and words are compared: lower case; for whole words also one blank before and after each
    word, and a line feed between sentences."""
    lower = text.str.to_lowercase()
    if match == "substring":
        return lower
    sentences = lower.str.replace_all(_SENTENCE_END, " \n ")
    return pl.concat_str(pl.lit(" "), sentences.str.replace_all(r"[^\w\n]+", " "), pl.lit(" "))


def has_any(words: Sequence[str], match: Match) -> pl.Expr:
    """Whether the column `canonical` has one of the words."""
    needles = _needles(words, match)
    # Aho-Corasick: one pass over the text, however many words there are.
    return pl.col("canonical").str.contains_any(needles) if needles else pl.lit(False)


def in_one_sentence(some: Sequence[str], others: Sequence[str], match: Match) -> pl.Expr:
    """Whether a sentence of the column `canonical` has one of `some` and one of `others`, in either order."""
    one, other = alternation(some, match), alternation(others, match)
    if not one or not other:
        return pl.lit(False)
    # Two passes of Aho-Corasick leave few texts to the regular expression, which is thirty times slower.
    text = pl.when(has_any(some, match) & has_any(others, match)).then(pl.col("canonical"))
    if match == "word":
        pattern = rf" (?:{one}) (?:[^\n]* )?(?:{other}) | (?:{other}) (?:[^\n]* )?(?:{one}) "
        return text.str.contains(pattern).fill_null(False)
    sentences = text.str.replace_all(_SENTENCE_END, "\n")
    return sentences.str.contains(rf"(?:{one})[^\n]*(?:{other})|(?:{other})[^\n]*(?:{one})").fill_null(False)


def alternation(words: Sequence[str], match: Match) -> str:
    """A regular expression that matches any of the words in their canonical form; empty without words."""
    return "|".join(_escape(needle.strip()) for needle in _needles(words, match))


def _needles(words: Sequence[str], match: Match) -> list[str]:
    """The canonical forms of words. Punctuation at the end of a whole word, as of "Yahoo!", ends no sentence."""
    forms = pl.Series("word", words, dtype=pl.String).to_frame().select(canonical(pl.col("word"), match)).to_series()
    stripped = {form if match == "substring" else f" {form.strip()} " for form in forms if form.strip()}
    return sorted(stripped)


def _escape(text: str) -> str:
    return str(pl.select(pl.lit(text).str.escape_regex()).item())
