"""Score a masked language model: perplexity and accuracy on fixed masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.modeling.batching import in_length_order
from brandmlm.modeling.chunks import Chunks, make_chunks, special_tokens
from brandmlm.modeling.inference import MaskedExamples, batch_logits
from brandmlm.modeling.masking import IGNORED, Bools, Ints, fixed_mask_folds

# Told of the tokens asked, batch by batch: their texts' indices, the probability of the likeliest token, whether it is
# the right one; each (tokens,).
Observer = Callable[[Ints, npt.NDArray[np.float64], Bools], object]


def fixed_mask_examples(
    tokenizer: PreTrainedTokenizerBase,
    row_ids: Sequence[str],
    texts: Sequence[str],
    folds: int,
    max_length: int,
    only_folds: Iterable[int] | None = None,
) -> MaskedExamples:
    """Every token of every text masked exactly once over `folds` folds; `only_folds` keeps only these folds.

    Unknown tokens are not asked for (there is no right answer); special tokens never are.
    """
    before, after = special_tokens(tokenizer)
    chunks: Chunks = make_chunks(tokenizer, texts, max_length)
    own = chunks.lengths - len(before) - len(after)
    total = np.bincount(chunks.row, weights=own, minlength=len(texts)).astype(np.int64)
    pass_of = [fixed_mask_folds(row_id, int(length), folds) for row_id, length in zip(row_ids, total, strict=True)]
    ids: list[Ints] = []
    labels: list[Ints] = []
    rows: list[int] = []
    for chunk, row, offset, length in zip(chunks.ids, chunks.row, chunks.offset, own, strict=True):
        numbers = np.full(len(chunk), IGNORED, dtype=np.int64)
        numbers[len(before) : len(before) + length] = pass_of[row][offset : offset + length]
        numbers[chunk == tokenizer.unk_token_id] = IGNORED
        for number in range(folds) if only_folds is None else only_folds:
            masked = numbers == number
            if masked.any():
                ids.append(np.where(masked, tokenizer.mask_token_id, chunk))
                labels.append(np.where(masked, chunk, IGNORED))
                rows.append(int(row))
    return MaskedExamples(ids, labels, np.array(rows, dtype=np.int64))


@torch.inference_mode()
def score(
    model: PreTrainedModel,
    pad_id: int,
    examples: MaskedExamples,
    rows: int,
    micro_batch_tokens: int,
    progress: Callable[[int], object] = lambda tokens: None,
    observe: Observer | None = None,
) -> pd.DataFrame:
    """Per text: `tokens` asked, `nll` (sum of their negative log-likelihoods, nats), `correct` (top-1 hits).

    `rows`: number of texts; `progress` is called with the number of tokens just scored, `observe` with what is known
    of each token asked.
    """
    nll = np.zeros(rows)
    correct = np.zeros(rows, dtype=np.int64)
    tokens = np.zeros(rows, dtype=np.int64)
    lengths = np.array([len(ids) for ids in examples.ids], dtype=np.int64)
    for batch, logits, right in batch_logits(model, pad_id, examples, in_length_order(lengths, micro_batch_tokens)):
        loss = torch.nn.functional.cross_entropy(logits, right, reduction="none").double().cpu().numpy()
        top = logits.max(-1)
        hit = (top.indices == right).cpu().numpy()
        owner = examples.row[np.repeat(batch, [int((examples.labels[q] != IGNORED).sum()) for q in batch])]
        if observe:
            # The loss holds the log of the softmax's sum: a likelihood of the best word without another pass.
            best = top.values - logits.gather(1, right[:, None])[:, 0]
            observe(owner, np.minimum(np.exp(best.double().cpu().numpy() - loss), 1.0), hit)
        np.add.at(nll, owner, loss)
        np.add.at(correct, owner, hit)
        np.add.at(tokens, owner, 1)
        progress(int(lengths[batch].sum()))
    return pd.DataFrame({"tokens": tokens, "nll": nll, "correct": correct})


@torch.inference_mode()
def log_likelihoods(
    model: PreTrainedModel, pad_id: int, examples: MaskedExamples, micro_batch_tokens: int
) -> npt.NDArray[np.float64]:
    """Per question, each of which asks for one token: the log-likelihood (nats) of that token, (questions,).

    Questions that show the same tokens are computed once, whatever they ask for.
    """
    seen: dict[bytes, int] = {}
    group = np.array([seen.setdefault(ids.tobytes(), len(seen)) for ids in examples.ids], dtype=np.int64)
    _, first = np.unique(group, return_index=True)
    distinct = MaskedExamples([examples.ids[q] for q in first], [examples.labels[q] for q in first], first)
    right = np.array([int(label.max()) for label in examples.labels], dtype=np.int64)
    found = np.empty(len(right))
    lengths = np.array([len(ids) for ids in distinct.ids], dtype=np.int64)
    for batch, logits, _ in batch_logits(model, pad_id, distinct, in_length_order(lengths, micro_batch_tokens)):
        logs = logits.log_softmax(-1).cpu().numpy()
        for place, number in enumerate(batch):
            members = np.flatnonzero(group == number)
            found[members] = logs[place, right[members]]
    return found


def perplexity(nll: float, tokens: int) -> float:
    """exp of the mean negative log-likelihood (nats) a token."""
    return float(np.exp(nll / tokens))
