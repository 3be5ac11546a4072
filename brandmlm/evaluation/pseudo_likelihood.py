"""Pseudo-log-likelihood: every token of a text asked for on its own, all other tokens in sight.

Salazar et al. (2020, "Masked Language Model Scoring") sum the log-probability of each token with that token masked. A
token of a long word is then given away by the word's own rest ("##ening"), so that rare words in many pieces look
likely. Kauf and Ivanova (2023, "A Better Way to Do Masked Language Model Scoring") also mask the tokens to its right
within the word (PLL-word-l2r). That is what is computed here: exact, one asked token a forward row; `scoring.score`
takes the questions and batches them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.chunks import make_chunks, special_tokens
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.modeling.masking import IGNORED, Ints

Span = tuple[int, int]  # characters of a text, the end not included


def _words(encoding: object, span: Span | None) -> list[int]:
    """Each token's word, as a number; the tokens within `span` are one word, numbered -1."""
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
    """One question a token: that token and those after it in its word masked, that token asked for.

    Words are the tokenizer's own (of BERT's: cut at blanks and punctuation). With `spans`, one a text, the characters
    of a span are one word whatever is in it ("good-looking", "athletic wear"), and only its tokens are asked for: the
    text's score is then the log-likelihood of what fills the span. Unknown tokens are never asked for. A text longer
    than `max_length` tokens is cut into windows, and a word cut there with it. Needs a fast tokenizer.
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
