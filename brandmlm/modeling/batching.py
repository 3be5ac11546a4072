"""Group chunks into padded batches within a token budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from brandmlm.modeling.masking import IGNORED, Bools, Ints


def by_budget(order: Sequence[int] | Ints, lengths: Ints, budget: int, padded: bool) -> list[Ints]:
    """Cut `order` into consecutive batches of at most `budget` tokens; a longer chunk is a batch of its own.

    Args:
        order: indices of chunks.
        lengths: int64 (chunks,), in tokens.
        padded: count a batch as its longest length times its size, rather than as the sum of its lengths.
    """
    batches: list[Ints] = []
    current: list[int] = []
    total = longest = 0
    for index in order:
        length = int(lengths[index])
        cost = max(longest, length) * (len(current) + 1) if padded else total + length
        if current and cost > budget:
            batches.append(np.array(current, dtype=np.int64))
            current, total, longest = [], 0, 0
        current.append(int(index))
        total += length
        longest = max(longest, length)
    if current:
        batches.append(np.array(current, dtype=np.int64))
    return batches


def plan_training(lengths: Ints, tokens: int, batch_tokens: int, seed: int, times: Ints | None = None) -> list[Ints]:
    """The batches of a whole training, in order: about `batch_tokens` tokens each, at least `tokens` in total.

    Each epoch shuffles the chunks. Chunks of similar length share a batch, which keeps padding low; the order of the
    batches is shuffled.

    Args:
        lengths: int64 (chunks,), each at least 1.
        times: how often an epoch has each chunk, int64 (chunks,); None: once.
    """
    indices = np.arange(len(lengths)) if times is None else np.repeat(np.arange(len(lengths)), times)
    plan: list[Ints] = []
    spent = 0
    epoch = 0
    while spent < tokens:
        rng = np.random.default_rng([seed, epoch])
        shuffled = rng.permutation(indices)
        by_length = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        batches = by_budget(by_length, lengths, batch_tokens, padded=False)
        for number in rng.permutation(len(batches)):
            plan.append(batches[number])
            spent += int(lengths[batches[number]].sum())
            if spent >= tokens:
                break
        epoch += 1
    return plan


def pad(rows: Sequence[Ints] | Sequence[Bools], fill: int) -> Ints:
    """Stack rows of unequal length, padded on the right with `fill`: int64 (rows, longest)."""
    out = np.full((len(rows), max(len(row) for row in rows)), fill, dtype=np.int64)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return out


def present(rows: Sequence[Ints] | Sequence[Bools]) -> Bools:
    """The attention mask of `pad(rows, ...)`: True at tokens, False at padding."""
    lengths = np.array([len(row) for row in rows])
    return np.arange(lengths.max())[None, :] < lengths[:, None]


def inputs(ids: Sequence[Ints], labels: Sequence[Ints], pad_id: int) -> dict[str, torch.Tensor]:
    """A padded batch for a masked language model: input_ids, attention_mask and labels, int64 (rows, longest)."""
    return {
        "input_ids": torch.from_numpy(pad(ids, pad_id)),
        "attention_mask": torch.from_numpy(present(ids).astype(np.int64)),
        "labels": torch.from_numpy(pad(labels, IGNORED)),
    }


def in_length_order(lengths: Ints, budget: int) -> Iterator[Ints]:
    """Batches of at most `budget` padded tokens that cover all chunks, longest first.

    Memory peaks in the first batch, so a run that does not fit fails at once.
    """
    yield from by_budget(np.argsort(-lengths, kind="stable"), lengths, budget, padded=True)
