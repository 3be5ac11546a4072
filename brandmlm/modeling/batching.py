"""Group chunks into padded batches within a token budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch

from brandmlm.modeling.masking import IGNORED, Bools, Ints

# Packs of few widths make products of few shapes, for each of which oneDNN compiles a kernel.
PACK_MULTIPLE: Final = 16
MIN_WIDEST: Final = 64  # packs of at least this width are tried

ATTENTION_WIDTH: Final = 2048  # width at which attention costs as much as the rest of a layer, measured on a CPU


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


def pack(order: Sequence[int] | Ints, lengths: Ints, width: int) -> list[list[int]]:
    """Put texts into packs of at most `width` tokens by best fit: each in turn into the fullest pack with room for it.

    Args:
        order: indices of texts; the longest first leaves the least room.
        lengths: int64 (texts,), at most `width` each.
    """
    packs: list[list[int]] = []
    with_room: list[list[int]] = [[] for _ in range(width + 1)]
    for index in order:
        length = int(lengths[index])
        room = next((room for room in range(length, width + 1) if with_room[room]), width)
        if with_room[room]:
            chosen = with_room[room].pop()
        else:
            chosen = len(packs)
            packs.append([])
        packs[chosen].append(int(index))
        with_room[room - length].append(chosen)
    return packs


def best_packs(order: Sequence[int] | Ints, lengths: Ints) -> tuple[list[list[int]], int]:
    """Packs of the width that costs least, and that width: `pack` with a multiple of `PACK_MULTIPLE` tokens.

    Wider packs hold less padding (texts of 72 tokens fit into 144, not into 128), but attention costs more.
    """
    total, longest = int(lengths[order].sum()), int(lengths[order].max(initial=1))
    first = -(-longest // PACK_MULTIPLE) * PACK_MULTIPLE
    widths = range(first, max(MIN_WIDEST, 3 * first) + 1, PACK_MULTIPLE)

    def cost(packs: int, width: int) -> float:
        return packs * width * (1 + width / ATTENTION_WIDTH)

    best: tuple[float, list[list[int]], int] | None = None
    for least, width in sorted((cost(-(-total // width), width), width) for width in widths):
        if best is not None and least >= best[0]:
            break
        packs = pack(order, lengths, width)
        if best is None or cost(len(packs), width) < best[0]:
            best = (cost(len(packs), width), packs, width)
    assert best is not None
    return best[1:]


def packed_inputs(
    ids: Sequence[Ints], labels: Sequence[Ints], packs: Sequence[Sequence[int]], width: int, pad_id: int
) -> dict[str, torch.Tensor]:
    """Packs of texts for `masked_logits`: input_ids, attention_mask, position_ids and labels, int64 (packs, width)."""
    fills = {"input_ids": pad_id, "attention_mask": 0, "position_ids": 0, "labels": IGNORED}
    out = {name: np.full((len(packs), width), fill, dtype=np.int64) for name, fill in fills.items()}
    for number, texts in enumerate(packs):
        begin = 0
        for segment, text in enumerate(texts, 1):
            span = (number, slice(begin, begin + len(ids[text])))
            out["input_ids"][span], out["labels"][span] = ids[text], labels[text]
            out["attention_mask"][span], out["position_ids"][span] = segment, np.arange(len(ids[text]))
            begin += len(ids[text])
    return {name: torch.from_numpy(value) for name, value in out.items()}


def in_length_order(lengths: Ints, budget: int) -> Iterator[Ints]:
    """Batches of at most `budget` padded tokens that cover all chunks, longest first.

    Memory peaks in the first batch, so a run that does not fit fails at once.
    """
    yield from by_budget(np.argsort(-lengths, kind="stable"), lengths, budget, padded=True)
