"""Variants of the recipe: what they change about masks, objective, optimizer, schedule and final weights.

Each plugs into the training loop of the library by a hook: a subclass of `Steps` or `Objective`, parameter groups, a
schedule, a callback.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import CONTINUATION
from brandmlm.config.params.train import Train
from brandmlm.modeling.device import autocast
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED, Bools, Floats, Ints
from brandmlm.modeling.vocabulary import Vocabulary
from brandmlm.modeling.weights import Weights, set_dropout
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.corpus_dataset import as_dataset
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.fine_tuning import plan_steps
from brandmlm.training.loop import Callback, Schedule, TrainingState, run_loop
from brandmlm.training.loss import Objective
from brandmlm.training.optimizer import is_decayed, linear_schedule
from brandmlm.training.steps import Division, Steps
from brandmlm.training.workers import make_workers, worker_count

MICRO_BATCH_TOKENS: Final = 2048


@dataclass(frozen=True)
class Recipe:
    """What differs from params.yaml; None keeps its value."""

    name: str
    learning_rate: float | None = None
    batch_tokens: int | None = None
    mlm_probability: float | None = None
    dropout: float | None = None
    target_word_probability: float | None = None
    contrastive_weight: float | None = None
    schedule: str = "linear"  # or "cycle" (Smith 2018), "stable" (constant, then linear over the last two fifths)
    falling: bool = False  # the masking probability falls linearly from twice its value to zero
    whole_words: bool = False  # all tokens of a word are masked together (Devlin's second release of BERT)
    averaged: float = 0.0  # the final weights are the mean over this last proportion of the steps
    layer_decay: float = 1.0  # of the learning rate, layer by layer towards the embeddings
    head_rate: float = 1.0  # learning rate of the head relative to the encoder's; a tied decoder belongs to the encoder
    frozen_embeddings: bool = False
    unlikelihood: float = 0.0  # weight of -log(1 - p) of the unwanted words where the target is wanted
    anchor_weight: float | None = None
    replay_share: float | None = None
    real_repeats: int | None = None
    drop_final_punctuation: float | None = None

    def apply(self, params: Train) -> Train:
        """The params with the recipe's own values."""
        own = {key: value for key in Train.model_fields if (value := getattr(self, key, None)) is not None}
        return params.model_copy(update=own)


RECIPES: Final = (
    Recipe("as in params.yaml"),
    Recipe("rate 8e-4", learning_rate=8e-4),
    Recipe("rate 2e-4", learning_rate=2e-4),
    Recipe("steps of 2,048 tokens, rate 5e-4", learning_rate=5e-4, batch_tokens=2048),
    Recipe("steps of 512 tokens, rate 3e-4", learning_rate=3e-4, batch_tokens=512),
    Recipe("one-cycle schedule", schedule="cycle"),
    Recipe("warm-up, stable, decay", schedule="stable"),
    Recipe("masking probability 0.15", mlm_probability=0.15),
    Recipe("masking probability 0.40", mlm_probability=0.4),
    Recipe("masking probability falls from 0.50", falling=True),
    Recipe("whole words masked", whole_words=True),
    Recipe("target words masked as often as others", target_word_probability=0.25),
    Recipe("target words masked three times of four", target_word_probability=0.75),
    Recipe("weights averaged over the last third", averaged=1 / 3),
    Recipe("dropout 0.1", dropout=0.1),
    Recipe("layer-wise decay 0.8", layer_decay=0.8),
    Recipe("frozen embeddings", frozen_embeddings=True),
    Recipe("the head's rate four times as high", head_rate=4.0),
    Recipe("no contrastive loss", contrastive_weight=0.0),
    Recipe("the contrastive weight doubled", contrastive_weight=4.0),
    Recipe("unlikelihood of unwanted words instead", contrastive_weight=0.0, unlikelihood=4.0),
    Recipe("no anchor rows", anchor_weight=0.0),
    Recipe("anchor weight 2", anchor_weight=2.0),
    Recipe("anchor weight 12", anchor_weight=12.0),
    Recipe("no general English replayed", replay_share=0.0),
    Recipe("real rows once", real_repeats=1),
    Recipe("final punctuation kept", drop_final_punctuation=0.0),
)


class RecipeSteps(Steps):
    """Steps whose masks a recipe decides."""

    def __init__(self, recipe: Recipe, tokenizer: PreTrainedTokenizerBase, planned: Steps) -> None:
        super().__init__(tokenizer, planned.chunks, planned.plan, planned.params, planned.division, planned.anchors)
        self.recipe = recipe
        forms = Vocabulary(tokenizer).forms()
        self.continuations = np.array([i for i, form in enumerate(forms) if form.startswith(CONTINUATION)])

    def mask_probabilities(self, step: int, ids: Ints, target: Bools) -> Floats:
        probabilities = super().mask_probabilities(step, ids, target)
        if self.recipe.falling:
            probabilities = probabilities * 2 * (1 - step / len(self))
        if not self.recipe.whole_words:
            return probabilities
        draw = np.random.default_rng([self.params.seed, step, 1]).random(ids.shape)
        # Each token takes the draw of the token that its word begins with.
        begins = np.where(np.isin(ids, self.continuations), 0, np.arange(ids.shape[1]))
        words = np.take_along_axis(draw, np.maximum.accumulate(begins, axis=1), axis=1)
        return np.asarray(words < probabilities, dtype=np.float64)


class UnlikelihoodObjective(Objective):
    """Cross-entropy, and -log(1 - p) of the unwanted words where the target is wanted."""

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor,
        position_ids: torch.Tensor | None = None,
        anchored: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if self.words is None:
            return super().forward(input_ids, attention_mask, labels, position_ids, anchored)
        masked_positions = labels != IGNORED
        with autocast(self.bf16, input_ids.device):
            logits = masked_logits(self.model, input_ids, attention_mask, masked_positions, position_ids)
        logs = logits.float().log_softmax(-1)
        targets = labels[masked_positions]
        nll = torch.nn.functional.nll_loss(logs, targets, reduction="sum")
        at_wanted = logs[torch.isin(targets, self.words.wanted)]
        mass = at_wanted[:, self.words.unwanted].exp().sum(-1).clamp(max=1 - 1e-4)
        return nll - self.contrastive_weight * torch.log1p(-mass).sum(), nll


class AveragingCallback(Callback):
    """The mean of the weights after each step from `first` on."""

    def __init__(self, model: PreTrainedModel, first: float) -> None:
        self.model, self.first = model, first
        self.weights: Weights = {}
        self.counted = 0

    def on_step_end(self, state: TrainingState) -> None:
        if state.step <= self.first:
            return
        self.counted += 1
        for name, value in self.model.state_dict().items():
            self.weights[name] = (
                value.clone() if self.counted == 1 else self.weights[name].lerp(value, 1 / self.counted)
            )


class ProgressCallback(Callback):
    """A progress bar that disappears."""

    def __init__(self, name: str, steps: int) -> None:
        self.bar = tqdm(total=steps, desc=name, unit="step", leave=False)

    def on_step_end(self, state: TrainingState) -> None:
        self.bar.update()

    def on_train_end(self, state: TrainingState) -> None:
        self.bar.close()


def groups(model: PreTrainedModel, recipe: Recipe, params: Train) -> list[dict[str, Any]]:
    """The optimizer's parameter groups: embeddings, layers and head, each with and without weight decay."""
    layers = int(model.config.num_hidden_layers)
    found: dict[tuple[int, bool], list[torch.nn.Parameter]] = {}
    for name, value in model.named_parameters():
        if value.requires_grad:
            pieces = name.split(".")
            inside = next((int(piece) + 1 for piece in pieces if piece.isdigit()), None)
            height = inside if inside is not None else 0 if "embeddings" in name else layers + 1
            found.setdefault((height, is_decayed(name, value)), []).append(value)
    return [
        {
            "params": values,
            "weight_decay": params.weight_decay if decayed else 0.0,
            "lr": params.learning_rate
            * recipe.layer_decay ** (layers + 1 - height)
            * (recipe.head_rate if height > layers else 1),
        }
        for (height, decayed), values in found.items()
    ]


def make_schedule(name: str, steps: int, warmup_ratio: float) -> Schedule:
    """The learning rate relative to its peak, by step."""
    if name == "linear":
        return linear_schedule(steps, warmup_ratio)

    def cycle(state: TrainingState) -> float:  # rises over three tenths of the steps, both ways along a cosine
        rising = max(1, round(0.3 * steps))
        done = state.step
        way = (done + 1) / rising if done < rising else (steps - done) / (steps - rising)
        return 0.5 * (1 - math.cos(math.pi * way))

    def stable(state: TrainingState) -> float:
        rising = max(1, round(warmup_ratio * steps))
        return min(1.0, (state.step + 1) / rising, (steps - state.step) / (0.4 * steps))

    return {"cycle": cycle, "stable": stable}[name]


@dataclass(frozen=True)
class Trial:
    """Trains variants from the same base.

    Attributes:
        replay: general English that is read beside the rows.
        folder: for temporary files.
    """

    base: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    params: Train
    bf16: bool
    replay: Sequence[str]
    folder: Path

    def train(self, recipe: Recipe, rows: pd.DataFrame) -> tuple[Weights, float]:
        """Train on a corpus; returns the weights and the seconds that it took."""
        params = recipe.apply(self.params)
        torch.manual_seed(params.seed)
        model = copy.deepcopy(self.base)
        set_dropout(model, params.dropout)
        if recipe.frozen_embeddings:
            model.get_input_embeddings().weight.requires_grad_(False)
        workers = worker_count(torch.device("cpu"), params, DistributedContext())
        division = Division(MICRO_BATCH_TOKENS, workers)
        corpus = as_dataset(rows)
        file = self.folder / "rows.arrow"
        planned = plan_steps(self.tokenizer, corpus, self.replay, params, division, file)
        steps = RecipeSteps(recipe, self.tokenizer, planned)
        averaging = AveragingCallback(model, (1 - recipe.averaged) * len(steps))
        callbacks: list[Callback] = [ProgressCallback(recipe.name, len(steps)), averaging]
        anchor = self.base if params.anchor_weight and not recipe.unlikelihood else None
        kind = UnlikelihoodObjective if recipe.unlikelihood else Objective
        weight = params.contrastive_weight or recipe.unlikelihood
        objective = kind(model, self.bf16, contrast_words(self.tokenizer, corpus), weight, anchor, params.anchor_weight)
        started = time.monotonic()
        run_loop(
            steps.starting_at(0),
            make_workers(objective, workers),
            torch.optim.AdamW(groups(model, recipe, params), lr=params.learning_rate, fused=True),
            make_schedule(recipe.schedule, len(steps), params.warmup_ratio),
            callbacks,
            TrainingState(),
        )
        seconds = time.monotonic() - started
        weights = averaging.weights if recipe.averaged else model.state_dict()
        return {name: value.clone() for name, value in weights.items()}, seconds
