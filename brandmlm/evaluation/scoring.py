"""Score masked examples: losses and hits per text, log-likelihoods, perplexity."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedModel

from brandmlm.modeling.batching import in_length_order
from brandmlm.modeling.inference import MaskedExamples, map_batches
from brandmlm.modeling.masking import IGNORED, Bools, Floats, Ints


class ScoredBatch(NamedTuple):
    """What `score` knows after a batch; arrays of shape (masked tokens,)."""

    tokens: int  # in the batch, the tokens that are not masked included
    row: Ints  # index of each masked token's text
    confidence: Floats  # probability of the likeliest token
    correct: Bools  # whether that token is the right one


@torch.inference_mode()
def score(
    model: PreTrainedModel,
    pad_id: int,
    examples: MaskedExamples,
    rows: int,
    micro_batch_tokens: int,
    on_batch: Callable[[ScoredBatch], object] = lambda batch: None,
) -> pd.DataFrame:
    """Score masked examples, text by text.

    Args:
        rows: number of texts, of which `examples.row` holds the indices.
        micro_batch_tokens: most tokens in one forward pass, padding counted.
        on_batch: called after every batch.

    Returns:
        One row per text: `tokens` (masked ones), `nll` (sum of their negative log-likelihoods, nats), `correct`
        (number of tokens whose top-1 prediction is right).
    """
    nll = np.zeros(rows)
    correct = np.zeros(rows, dtype=np.int64)
    tokens = np.zeros(rows, dtype=np.int64)
    lengths = np.array([len(ids) for ids in examples.ids], dtype=np.int64)
    batches = in_length_order(lengths, micro_batch_tokens)
    for batch, (loss, confidence, hit) in map_batches(_token_scores, model, pad_id, examples, batches):
        owner = examples.row[np.repeat(batch, [int((examples.labels[e] != IGNORED).sum()) for e in batch])]
        np.add.at(nll, owner, loss)
        np.add.at(correct, owner, hit)
        np.add.at(tokens, owner, 1)
        on_batch(ScoredBatch(int(lengths[batch].sum()), owner, confidence, hit))
    return pd.DataFrame({"tokens": tokens, "nll": nll, "correct": correct})


def _token_scores(_: Ints, logits: torch.Tensor, labels: torch.Tensor) -> tuple[Floats, Floats, Bools]:
    """Of each masked token: negative log-likelihood (nats), probability of the likeliest token, whether that is right.

    Args:
        logits: float32 (tokens, vocabulary).
        labels: int64 (tokens,).
    """
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="none").double().cpu().numpy()
    top = logits.max(-1)
    # The loss holds the log of the softmax's denominator, so that no second pass over the vocabulary is needed.
    margin = (top.values - logits.gather(1, labels[:, None])[:, 0]).double().cpu().numpy()
    return loss, np.minimum(np.exp(margin - loss), 1.0), (top.indices == labels).cpu().numpy()


@torch.inference_mode()
def log_likelihoods(model: PreTrainedModel, pad_id: int, examples: MaskedExamples, micro_batch_tokens: int) -> Floats:
    """Log-likelihood (nats) of each example's label, (examples,); every example has exactly one labelled position.

    Examples with the same input ids share a forward pass.
    """
    seen: dict[bytes, int] = {}
    group = np.array([seen.setdefault(ids.tobytes(), len(seen)) for ids in examples.ids], dtype=np.int64)
    _, first = np.unique(group, return_index=True)
    distinct = MaskedExamples([examples.ids[e] for e in first], [examples.labels[e] for e in first], first)
    right = np.array([int(label.max()) for label in examples.labels], dtype=np.int64)
    found = np.empty(len(right))
    lengths = np.array([len(ids) for ids in distinct.ids], dtype=np.int64)

    def keep(batch: Ints, logits: torch.Tensor, _: torch.Tensor) -> None:
        logs = logits.log_softmax(-1).cpu().numpy()
        for place, number in enumerate(batch):
            members = np.flatnonzero(group == number)
            found[members] = logs[place, right[members]]

    for _ in map_batches(keep, model, pad_id, distinct, in_length_order(lengths, micro_batch_tokens)):
        pass
    return found


def perplexity(nll: float, tokens: int) -> float:
    """exp of the mean negative log-likelihood (nats) per token."""
    return float(np.exp(nll / tokens))
