"""Texts to token windows, windows to padded batches: by token budget, windows of like length together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from stages.masking import IGNORED, Bools, Ints


@dataclass(frozen=True)
class Windows:
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


def frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special tokens before and after every sequence ([CLS] and [SEP] in BERT's vocabulary)."""
    special = list(tokenizer("")["input_ids"])
    return special[:1], special[1:]


def make_windows(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> Windows:
    """Tokenise texts and cut them into windows. A long text's windows are of even length, so that none is a stub.

    A special token spelt out in a text ("[SEP]") is read as plain characters.
    """
    before, after = frame(tokenizer)
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
    return Windows(ids, np.array(row, dtype=np.int64), np.array(offset, dtype=np.int64))


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


def word_places(tokenizer: PreTrainedTokenizerBase, windows: Windows, words: Sequence[str | None]) -> list[Bools]:
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
    for ids, row in zip(windows.ids, windows.row, strict=True):
        there = np.zeros(len(ids), dtype=bool)
        for form in forms.get(words[row] or "", []):
            for start in np.flatnonzero(ids[: len(ids) - len(form) + 1] == form[0]):
                there[start : start + len(form)] |= np.array_equal(ids[start : start + len(form)], form)
        places.append(there)
    return places
