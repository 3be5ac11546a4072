"""Masked examples for evaluation: each token of a text is masked exactly once, the same way for every model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.chunks import make_chunks, special_tokens
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.modeling.masking import IGNORED, Ints, fixed_mask_folds


def fixed_mask_examples(
    tokenizer: PreTrainedTokenizerBase,
    row_ids: Sequence[str],
    texts: Sequence[str],
    folds: int,
    max_length: int,
    only_folds: Iterable[int] | None = None,
) -> MaskedExamples:
    """Mask every token of every text exactly once over `folds` folds; `only_folds` keeps these folds only.

    Unknown tokens are never masked, since no prediction of one is right; nor are special tokens.
    """
    before, after = special_tokens(tokenizer)
    chunks = make_chunks(tokenizer, texts, max_length)
    own = chunks.lengths - len(before) - len(after)
    total = np.bincount(chunks.row, weights=own, minlength=len(texts)).astype(np.int64)
    folds_of = [fixed_mask_folds(row_id, int(length), folds) for row_id, length in zip(row_ids, total, strict=True)]
    ids: list[Ints] = []
    labels: list[Ints] = []
    rows: list[int] = []
    for chunk, row, offset, length in zip(chunks.ids, chunks.row, chunks.offset, own, strict=True):
        fold_of = np.full(len(chunk), IGNORED, dtype=np.int64)
        fold_of[len(before) : len(before) + length] = folds_of[row][offset : offset + length]
        fold_of[chunk == tokenizer.unk_token_id] = IGNORED
        for fold in range(folds) if only_folds is None else only_folds:
            masked = fold_of == fold
            if masked.any():
                ids.append(np.where(masked, tokenizer.mask_token_id, chunk))
                labels.append(np.where(masked, chunk, IGNORED))
                rows.append(int(row))
    return MaskedExamples(ids, labels, np.array(rows, dtype=np.int64))
