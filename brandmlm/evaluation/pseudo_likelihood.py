"""Pseudo-log-likelihood (PLL): the sum of each token's log-probability when that token is masked (Salazar et al. 2020,
"Masked Language Model Scoring").

The rest of a word gives a masked token away ("##ening"), so that rare words of many pieces look likely. PLL-word-l2r
(Kauf and Ivanova 2023, "A Better Way to Do Masked Language Model Scoring") also masks the word's tokens to the right.
This module makes the masked examples, one per token; `scoring.score` runs them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.chunks import make_chunks, special_tokens
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.modeling.masking import IGNORED, Ints

Span = tuple[int, int]  # characters of a text, end excluded


def _words(encoding: object, span: Span | None) -> list[int]:
    """Each token's word number; the tokens within `span` are one word, numbered -1."""
    numbers = [-2 if number is None else int(number) for number in encoding.word_ids]  # type: ignore[attr-defined]
    if span is None:
        return numbers
    offsets: Sequence[Span] = encoding.offsets  # type: ignore[attr-defined]
    return [
        -1 if start < span[1] and end > span[0] else number
        for number, (start, end) in zip(numbers, offsets, strict=True)
    ]


def word_l2r_examples(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int, spans: Sequence[Span] | None = None
) -> MaskedExamples:
    """One example per token: that token and those after it in its word masked, that token labelled.

    Unknown tokens are never labelled. A text longer than `max_length` tokens is cut into chunks, and a word at a cut
    with it. Needs a fast tokenizer, whose words count (BERT's end at blanks and punctuation).

    Args:
        spans: per text, characters that are one word whatever they hold ("good-looking", "athletic wear"). Only their
            tokens are labelled: the text's score is then the log-likelihood of what fills the span.
    """
    before, after = special_tokens(tokenizer)
    chunks = make_chunks(tokenizer, texts, max_length)
    encodings = tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True, verbose=False).encodings
    word_of = [
        _words(encoding, span)
        for encoding, span in zip(encodings or [], spans if spans is not None else [None] * len(texts), strict=True)
    ]
    ids: list[Ints] = []
    labels: list[Ints] = []
    rows: list[int] = []
    for chunk, row, offset in zip(chunks.ids, chunks.row, chunks.offset, strict=True):
        length = len(chunk) - len(before) - len(after)
        words = word_of[row][offset : offset + length]
        for place in range(length):
            position = len(before) + place
            if chunk[position] == tokenizer.unk_token_id or (spans is not None and words[place] != -1):
                continue
            same = [other for other in range(place, length) if words[other] == words[place]]
            masked, label = chunk.copy(), np.full(len(chunk), IGNORED, dtype=np.int64)
            masked[[len(before) + other for other in same]] = tokenizer.mask_token_id
            label[position] = chunk[position]
            ids.append(masked)
            labels.append(label)
            rows.append(int(row))
    return MaskedExamples(ids, labels, np.array(rows, dtype=np.int64))
