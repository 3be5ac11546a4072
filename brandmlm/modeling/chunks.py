"""Texts to chunks of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.masking import Bools, Ints


@dataclass(frozen=True)
class Chunks:
    """Texts cut into windows of at most `max_length` tokens, special tokens at both ends included.

    `ids[w]` int64 (length of w,); `row[w]` the text that window w is cut from; `offset[w]` the position of its first
    own token among that text's tokens.
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
    """Tokenise texts and cut them into windows. A long text's windows are of even length, so that none is a stub.

    A special token spelt out in a text ("[SEP]") is read as plain characters.
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


def word_places(tokenizer: PreTrainedTokenizerBase, chunks: Chunks, words: Sequence[str | None]) -> list[Bools]:
    """Per window, where a word of its text stands: bool (length,). `words`: one a text; None: nowhere.

    A word is looked for by its tokens, as they are behind a blank and at the beginning of a text.
    """
    known = sorted({word for word in words if word})
    forms: dict[str, list[Ints]] = {word: [] for word in known}
    for lead in (" ", ""):
        if known:
            encoded = tokenizer([lead + word for word in known], add_special_tokens=False)["input_ids"]
            for word, ids in zip(known, encoded, strict=True):
                forms[word].append(np.array(ids, dtype=np.int64))
    places = []
    for ids, row in zip(chunks.ids, chunks.row, strict=True):
        there = np.zeros(len(ids), dtype=bool)
        for form in forms.get(words[row] or "", []):
            for start in np.flatnonzero(ids[: len(ids) - len(form) + 1] == form[0]):
                there[start : start + len(form)] |= np.array_equal(ids[start : start + len(form)], form)
        places.append(there)
    return places
