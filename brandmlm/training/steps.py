"""The optimizer steps of a training, planned in advance: step s has the same masks whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from brandmlm.config.params.train import Train
from brandmlm.modeling.batching import by_budget, inputs, pad, present
from brandmlm.modeling.masking import IGNORED, Bools, Floats, Ints, random_masks
from brandmlm.training.distributed import DistributedContext


@dataclass(frozen=True)
class Step:
    """What a process computes in one optimizer step.

    Attributes:
        micro_batches: input_ids, attention_mask and labels of each forward pass, int64 (rows, length).
        masked: masked tokens of the step, over all processes.
        tokens: tokens of the step without padding, over all processes.
    """

    micro_batches: list[dict[str, torch.Tensor]]
    masked: int
    tokens: int


@dataclass(frozen=True)
class TokenizedRows:
    """The chunks of a corpus (`tokenize_rows`).

    Attributes:
        ids: token ids by chunk, (length,).
        target_words: which of these tokens are masked with `train.target_word_probability`, (length,).
        lengths: int64 (chunks,).
    """

    ids: Sequence[Ints]
    target_words: Sequence[Bools]
    lengths: Ints

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Division:
    """How the chunks of a step are divided among processes, workers and forward passes.

    Attributes:
        micro_batch_tokens: most tokens in a forward pass, padding counted.
        workers: threads of each process.
    """

    micro_batch_tokens: int
    workers: int = 1
    context: DistributedContext = field(default_factory=DistributedContext)

    def cut(self, lengths: Ints) -> list[Ints]:
        """Indices of the chunks in each micro-batch: as many for each worker, of about the same number of tokens."""
        least = len(by_budget(np.arange(len(lengths)), lengths, self.micro_batch_tokens, padded=True))
        number = -(-least // self.workers) * self.workers
        even = -(-int(lengths.sum()) // number)
        place = np.minimum((np.cumsum(lengths) - 1) // even, number - 1)
        return [chunks for chunks in (np.flatnonzero(place == n) for n in range(number)) if len(chunks)]

    def padding(self, lengths: Ints, plan: Sequence[Ints]) -> float:
        """Proportion of padding among the tokens computed in the whole training, over all processes."""
        real = computed = 0
        for batch in plan:
            real += int(lengths[batch].sum())
            for rank in range(self.context.processes):
                own = lengths[batch][rank :: self.context.processes]
                computed += sum(int(own[chunks].max()) * len(chunks) for chunks in self.cut(own))
        return 1 - real / computed


class Steps:
    """The planned steps of a training."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        chunks: TokenizedRows,
        plan: Sequence[Ints],
        params: Train,
        division: Division,
    ) -> None:
        """
        Args:
            plan: indices of the chunks of each step.
        """
        self.chunks = chunks
        self.plan = plan
        self.params = params
        self.division = division
        self.pad_id = int(tokenizer.pad_token_id)
        self.mask_id = int(tokenizer.mask_token_id)
        special = set(tokenizer.all_special_ids)
        self.special = np.array(sorted(special), dtype=np.int64)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.plan)

    @property
    def chunk_tokens(self) -> int:
        """Tokens of all chunks: of one epoch."""
        return int(self.chunks.lengths.sum())

    @property
    def tokens(self) -> int:
        """Tokens of all steps, padding not counted."""
        lengths = self.chunks.lengths
        return sum(int(lengths[batch].sum()) for batch in self.plan)

    def starting_at(self, first: int) -> Iterator[Step]:
        """The steps from `first` on."""
        return (self[number] for number in range(first, len(self)))

    def mask_probabilities(self, step: int, ids: Ints) -> Floats:
        """The probability with which each eligible token is masked, (rows, longest)."""
        target = pad([self.chunks.target_words[chunk] for chunk in self.plan[step]], 0).astype(bool)
        return np.where(target, self.params.target_word_probability, self.params.mlm_probability)

    def __getitem__(self, step: int) -> Step:
        rng = np.random.default_rng([self.params.seed, step])
        rows = [self.chunks.ids[chunk] for chunk in self.plan[step]]
        ids, attention_mask = pad(rows, self.pad_id), present(rows)
        eligible = attention_mask & ~np.isin(ids, self.special)
        # Masks are drawn for the whole step before it is divided: they depend neither on the size of the micro-batches
        # nor on the number of processes.
        corrupted, labels = random_masks(
            ids, eligible, self.mask_probabilities(step, ids), self.mask_id, self.vocabulary, rng
        )
        masked = int((labels != IGNORED).sum())
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        own = self.division.context.shard(np.arange(len(rows)))
        if not len(own):  # fewer rows than processes: this process computes a row without masked tokens
            own, labels = np.array([0]), np.full_like(labels, IGNORED)
        micro_batches = [
            inputs([corrupted[r, : lengths[r]] for r in batch], [labels[r, : lengths[r]] for r in batch], self.pad_id)
            for batch in (own[chunks] for chunks in self.division.cut(lengths[own]))
        ]
        return Step(micro_batches, masked, int(lengths.sum()))
