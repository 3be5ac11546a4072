"""Tokenise texts and cut them into chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.masking import Bools, Ints
from brandmlm.modeling.vocabulary import Vocabulary


@dataclass(frozen=True)
class Chunks:
    """Texts cut into chunks of at most `max_length` tokens, special tokens at both ends included.

    Attributes:
        ids: token ids by chunk, each int64 (length,).
        row: int64 (chunks,), index of the text that a chunk is cut from.
        offset: int64 (chunks,), position of a chunk's first token among the tokens of its text.
    """

    ids: list[Ints]
    row: Ints
    offset: Ints

    @property
    def lengths(self) -> Ints:
        return np.array([len(ids) for ids in self.ids], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ids)


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special tokens before and after every sequence ([CLS] and [SEP] in BERT's vocabulary)."""
    special = list(tokenizer("")["input_ids"])
    return special[:1], special[1:]


def make_chunks(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> Chunks:
    """Tokenise texts and cut each into chunks of even length, so that no chunk is a short remainder.

    A special token that is spelt out in a text ("[SEP]") is tokenised as plain characters.
    """
    before, after = special_tokens(tokenizer)
    room = max_length - len(before) - len(after)
    encoded = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
    ids, row, offset = [], [], []
    for index, tokens in enumerate(encoded):
        pieces = -(-len(tokens) // room)
        bounds = np.linspace(0, len(tokens), pieces + 1).astype(int).tolist() if pieces else []
        for start, end in pairwise(bounds):
            ids.append(np.array([*before, *tokens[start:end], *after], dtype=np.int64))
            row.append(index)
            offset.append(int(start))
    return Chunks(ids, np.array(row, dtype=np.int64), np.array(offset, dtype=np.int64))


WordForms = Mapping[str, Sequence[Ints]]  # by word: the token ids of each way to write it


def word_forms(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> WordForms:
    """Tokenise words as they appear inside a sentence (after a blank) and at its beginning, in each spelling."""
    spellings = Vocabulary(tokenizer).spellings
    texts = [(word, lead + spelling) for word in words for spelling in spellings(word) for lead in (" ", "")]
    forms: dict[str, list[Ints]] = {word: [] for word in words}
    if texts:
        encoded = tokenizer([text for _, text in texts], add_special_tokens=False)["input_ids"]
        for (word, _), ids in zip(texts, encoded, strict=True):
            forms[word].append(np.array(ids, dtype=np.int64))
    return forms


def find_word(ids: Ints, forms: Sequence[Ints]) -> Bools:
    """Mark the tokens of every occurrence of a word, given by its forms, in a chunk: bool (length,)."""
    found = np.zeros(len(ids), dtype=bool)
    for form in forms:
        for start in np.flatnonzero(ids[: len(ids) - len(form) + 1] == form[0]):
            found[start : start + len(form)] |= np.array_equal(ids[start : start + len(form)], form)
    return found


def target_word_masks(tokenizer: PreTrainedTokenizerBase, chunks: Chunks, words: Sequence[str | None]) -> list[Bools]:
    """Per chunk, which tokens belong to the target word of its text: bool (length,).

    Args:
        words: the target word per text; None where a text has none.
    """
    forms = word_forms(tokenizer, sorted({word for word in words if word}))
    return [find_word(ids, forms.get(words[row] or "", [])) for ids, row in zip(chunks.ids, chunks.row, strict=True)]
