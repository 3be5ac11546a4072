"""Chunks to padded batches within a token budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from brandmlm.modeling.masking import IGNORED, Bools, Ints


def by_budget(order: Sequence[int] | Ints, lengths: Ints, budget: int, padded: bool) -> list[Ints]:
    """Cut `order` into runs whose cost stays within `budget` tokens (a longer window stands alone).

    The cost of a run is its sum of lengths, or, where `padded`, its longest length times its count.
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


def plan_training(lengths: Ints, tokens: int, batch_tokens: int, seed: int) -> list[Ints]:
    """The batches of a whole training, in order: about `batch_tokens` tokens each, at least `tokens` in all.

    Every epoch deals the windows anew. Windows of like length share a batch (little padding); which lengths come when
    is random. `lengths`: int64 (windows,), each at least 1.
    """
    plan: list[Ints] = []
    spent = 0
    epoch = 0
    while spent < tokens:
        rng = np.random.default_rng([seed, epoch])
        shuffled = rng.permutation(len(lengths))
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
    """Stack rows of unequal length: int64 (rows, longest), `fill` to the right."""
    out = np.full((len(rows), max(len(row) for row in rows)), fill, dtype=np.int64)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return out


def present(rows: Sequence[Ints]) -> Bools:
    """The attention mask of `pad(rows, …)`: True where there is a token."""
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
    """All windows once, longest first (memory peaks at once, not at the end), in batches of `budget` padded tokens."""
    yield from by_budget(np.argsort(-lengths, kind="stable"), lengths, budget, padded=True)
