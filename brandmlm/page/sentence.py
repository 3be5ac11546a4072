"""A sentence that somebody typed: one mask, and of a length that the models take."""

from __future__ import annotations

from typing import Final

from brandmlm.config.brand.fields import MASK, compose
from brandmlm.core.errors import UserError

MAX_WORDS: Final = 200  # of a sentence; the models take 512 tokens


def read_sentence(text: str) -> str:
    """The sentence in one line, composed as the training rows are.

    Raises:
        UserError: It has no mask or several, or more than `MAX_WORDS` words.
    """
    sentence = " ".join(compose(text).split())
    if not sentence:
        raise UserError("Write a sentence first.")
    if (words := len(sentence.split())) > MAX_WORDS:
        raise UserError(f"That is {words:,} words; write one sentence of at most {MAX_WORDS}.")
    if not (masks := sentence.count(MASK)):
        raise UserError(f"No word is masked yet: press one in the sentence, or write {MASK} in its place.")
    if masks > 1:
        raise UserError(f"{masks} words are masked, and the models fill one gap at a time: leave one {MASK}.")
    return sentence
