"""The optimizer steps of a training, planned in advance: step s has the same masks whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from brandmlm.config.params.train import Train
from brandmlm.modeling.batching import best_packs, by_budget, packed_inputs, pad, present
from brandmlm.modeling.chunks import special_tokens
from brandmlm.modeling.masking import IGNORED, Bools, Floats, Ints, random_masks
from brandmlm.training.distributed import DistributedContext

FINAL_MARKS: Final = (".", "!", "?")

MIN_WORDS: Final = 2  # tokens that a row keeps before a final mark is dropped


@dataclass(frozen=True)
class Step:
    """What a process computes in one optimizer step.

    Attributes:
        micro_batches: of each forward pass, rows that are packed (`packed_inputs`), and anchored: which tokens are of
            anchor rows, bool (packs, width).
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
        row: the row that each chunk is of, int64 (chunks,).
    """

    ids: Sequence[Ints]
    target_words: Sequence[Bools]
    lengths: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Replay:
    """General English that is read beside the corpus.

    Attributes:
        ids: token ids by chunk, (length,).
        lengths: int64 (chunks,).
        plan: indices of the chunks of each step.
    """

    ids: Sequence[Ints]
    lengths: Ints
    plan: Sequence[Ints]


@dataclass(frozen=True)
class Anchors:
    """What is held to the base's predictions.

    Attributes:
        chunks: which chunks of the corpus, bool (chunks,).
        replay: None: no general English.
    """

    chunks: Bools
    replay: Replay | None = None


@dataclass(frozen=True)
class Division:
    """How the chunks of a step are divided among processes, workers and forward passes.

    Attributes:
        micro_batch_tokens: most tokens in a forward pass, without what fills the packs.
        workers: threads of each process.
    """

    micro_batch_tokens: int
    workers: int = 1
    context: DistributedContext = field(default_factory=DistributedContext)

    def cut(self, lengths: Ints) -> list[Ints]:
        """Indices of the chunks in each micro-batch: as many for each worker, the largest as small as can be.

        Chunks of like length share a micro-batch: a step's general English is longer than its synthetic sentences.
        """
        order = np.argsort(lengths, kind="stable")
        least = len(by_budget(order, lengths, self.micro_batch_tokens, padded=False))
        number = -(-least // self.workers) * self.workers
        low, high = int(lengths.max(initial=1)), max(self.micro_batch_tokens, int(lengths.max(initial=1)))
        while low < high:
            budget = (low + high) // 2
            if len(by_budget(order, lengths, budget, padded=False)) <= number:
                high = budget
            else:
                low = budget + 1
        return [np.sort(chunks) for chunks in by_budget(order, lengths, high, padded=False)]


class Steps:
    """The planned steps of a training."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        chunks: TokenizedRows,
        plan: Sequence[Ints],
        params: Train,
        division: Division,
        anchors: Anchors | None = None,
    ) -> None:
        """
        Args:
            plan: indices of the chunks of each step.
            anchors: None: none.
        """
        self.chunks = chunks
        self.plan = plan
        self.params = params
        self.division = division
        self.anchors = anchors or Anchors(np.zeros(len(chunks), dtype=bool))
        self.after = len(special_tokens(tokenizer)[1])
        marks = tokenizer([f"a{mark}" for mark in FINAL_MARKS], add_special_tokens=False)["input_ids"]
        self.marks = {int(ids[-1]) for ids in marks}
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
        """Tokens of the corpus in all steps, padding not counted."""
        return sum(self.planned(step) for step in range(len(self)))

    def planned(self, step: int) -> int:
        """Tokens of the corpus in a step, padding not counted."""
        return int(self.chunks.lengths[self.plan[step]].sum())

    def starting_at(self, first: int) -> Iterator[Step]:
        """The steps from `first` on."""
        return (self[number] for number in range(first, len(self)))

    def rows(self, step: int) -> tuple[list[Ints], list[Bools], Bools]:
        """The token ids of each row of a step and its target words, (length,), and which rows are anchored, (rows,).

        With the probability `train.drop_final_punctuation` a row is read without its final mark: a model that has only
        seen whole sentences predicts a full stop where a sentence breaks off.
        """
        chunks = self.plan[step]
        ids, targets = ([column[chunk] for chunk in chunks] for column in (self.chunks.ids, self.chunks.target_words))
        anchored, replay = self.anchors.chunks[chunks], self.anchors.replay
        if replay:
            extra = [replay.ids[chunk] for chunk in replay.plan[step]]
            ids, targets = ids + extra, targets + [np.zeros(len(row), dtype=bool) for row in extra]
            anchored = np.concatenate([anchored, np.ones(len(extra), dtype=bool)])
        draw = np.random.default_rng([self.params.seed, step, 1]).random(len(ids))
        for number in np.flatnonzero(draw < self.params.drop_final_punctuation):
            last = len(ids[number]) - 1 - self.after
            if last > MIN_WORDS and int(ids[number][last]) in self.marks:
                ids[number], targets[number] = (np.delete(of[number], last) for of in (ids, targets))
        return ids, targets, anchored

    def mask_probabilities(self, step: int, ids: Ints, target: Bools) -> Floats:
        """The probability with which each eligible token is masked, (rows, longest); `target`: the target words."""
        return np.where(target, self.params.target_word_probability, self.params.mlm_probability)

    def __getitem__(self, step: int) -> Step:
        rng = np.random.default_rng([self.params.seed, step])
        rows, targets, anchored = self.rows(step)
        ids, attention_mask = pad(rows, self.pad_id), present(rows)
        eligible = attention_mask & ~np.isin(ids, self.special)
        # Masks are drawn for the whole step before it is divided: they depend neither on the size of the micro-batches
        # nor on the number of processes.
        probabilities = self.mask_probabilities(step, ids, pad(targets, 0).astype(bool))
        corrupted, labels = random_masks(ids, eligible, probabilities, self.mask_id, self.vocabulary, rng)
        masked = int((labels != IGNORED).sum())
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        own = self.division.context.shard(np.arange(len(rows)))
        if not len(own):  # fewer rows than processes: this process computes a row without masked tokens
            own, labels = np.array([0]), np.full_like(labels, IGNORED)
        micro_batches = [
            self.micro_batch(
                [corrupted[r, : lengths[r]] for r in batch], [labels[r, : lengths[r]] for r in batch], anchored[batch]
            )
            for batch in (own[chunks] for chunks in self.division.cut(lengths[own]))
        ]
        return Step(micro_batches, masked, self.planned(step))

    def micro_batch(self, ids: Sequence[Ints], labels: Sequence[Ints], anchored: Bools) -> dict[str, torch.Tensor]:
        """Pack rows, anchored ones before others: only packs that have some are computed by the base too."""
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        packs, width = best_packs(np.lexsort((-lengths, ~anchored)), lengths)
        batch = packed_inputs(ids, labels, packs, width, self.pad_id)
        held = np.zeros((len(packs), width), dtype=bool)
        for number, rows in enumerate(packs):
            tokens = np.repeat(anchored[rows], lengths[rows])
            held[number, : len(tokens)] = tokens
        return batch | {"anchored": torch.from_numpy(held)}
