"""The training as a data set of optimiser steps, planned in advance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import torch
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from brandmlm.config.params.train import Train
from brandmlm.modeling.batching import by_budget, inputs, pad, present
from brandmlm.modeling.chunks import Chunks
from brandmlm.modeling.masking import IGNORED, Bools, Floats, Ints, random_masks
from brandmlm.training.distributed import DistributedContext


class Step(TypedDict):
    """What a process computes in one optimiser step."""

    parts: list[dict[str, torch.Tensor]]  # micro-batches: input_ids, attention_mask, labels
    masked: int  # masked tokens of the step, over all processes


class Steps(Dataset[Step]):
    """The training, step by step: step s is the same micro-batches with the same masks whenever it is asked for."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        chunks: Chunks,
        plan: list[Ints],
        params: Train,
        micro_batch: int,
        share: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
        workers: int = 1,
        claims: Sequence[Bools] = (),
    ) -> None:
        """`claims`: per window, which of its tokens are the word that a claim is about (`train.target_word_probability`)."""
        self.chunks = chunks
        self.claims = claims
        self.plan = plan
        self.workers = workers
        self.params = params
        self.micro_batch = micro_batch
        self.share = share
        self.pad_id = int(tokenizer.pad_token_id)
        self.mask_id = int(tokenizer.mask_token_id)
        special = set(tokenizer.all_special_ids)
        self.special = np.array(sorted(special), dtype=np.int64)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.plan)

    def eligible(self, ids: Ints, there: Bools) -> Bools:
        return there & ~np.isin(ids, self.special)

    def rates(self, step: int, ids: Ints) -> float | Floats:
        """The share of eligible tokens to predict, of all or by token: (rows, longest)."""
        if not self.claims:
            return self.params.mlm_probability
        claims = pad([self.claims[w] for w in self.plan[step]], 0).astype(bool)
        return np.where(claims, self.params.target_word_probability, self.params.mlm_probability)

    def __getitem__(self, step: int) -> Step:
        rng = np.random.default_rng([self.params.seed, step])
        chosen = [self.chunks.ids[w] for w in self.plan[step]]
        ids, there = pad(chosen, self.pad_id), present(chosen)
        # Masks are drawn for the whole step before it is cut up: neither the micro-batch's size nor the number of
        # processes may change them.
        corrupted, labels = random_masks(
            ids, self.eligible(ids, there), self.rates(step, ids), self.mask_id, self.vocabulary, rng
        )
        masked = int((labels != IGNORED).sum())
        lengths = np.array([len(row) for row in chosen], dtype=np.int64)
        own = self.share.of(np.arange(len(chosen)))
        if not len(own):  # fewer rows than processes: this one computes a row that asks nothing
            own, labels = np.array([0]), np.full_like(labels, IGNORED)
        parts = [
            inputs([corrupted[r, : lengths[r]] for r in rows], [labels[r, : lengths[r]] for r in rows], self.pad_id)
            for rows in (own[part] for part in self.cut(lengths[own]))
        ]
        return {"parts": parts, "masked": masked}

    def cut(self, lengths: Ints) -> list[Ints]:
        """A step's windows in micro-batches: as many for each worker, about the same number of tokens in each."""
        least = len(by_budget(np.arange(len(lengths)), lengths, self.micro_batch, padded=True))
        number = -(-least // self.workers) * self.workers
        even = -(-int(lengths.sum()) // number)
        place = np.minimum((np.cumsum(lengths) - 1) // even, number - 1)
        return [part for part in (np.flatnonzero(place == n) for n in range(number)) if len(part)]

    @property
    def padding(self) -> float:
        """The share of padding among the tokens computed in the whole training, over all processes."""
        real = computed = 0
        for batch in self.plan:
            lengths = self.chunks.lengths[batch]
            real += int(lengths.sum())
            for rank in range(self.share.processes):
                own = lengths[rank :: self.share.processes]
                computed += sum(int(own[part].max()) * len(part) for part in self.cut(own))
        return 1 - real / computed


def collate_step(steps: list[Step]) -> Step:
    """Collate: a step comes whole from `Steps`."""
    return steps[0]
