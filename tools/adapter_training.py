"""The training of an adapter on general text, by the project's training loop."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file
from tqdm import tqdm
from transformers import BertForMaskedLM, PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file
from brandmlm.modeling.adapter import ADAPTER, HEAD, check_adapter
from brandmlm.modeling.batching import by_budget, inputs, pad
from brandmlm.modeling.device import has_bf16
from brandmlm.modeling.masking import IGNORED, random_masks
from brandmlm.training.loop import Callback, TrainingState, run_loop
from brandmlm.training.loss import Objective
from brandmlm.training.resume import CheckpointCallback
from brandmlm.training.steps import Step
from brandmlm.training.workers import Replica as Worker
from brandmlm.training.workers import Workers
from tools.general_text import Chunk, Text, make_batches
from tools.low_rank import Replica, adapted_layers

MICRO_BATCH_TOKENS: Final = 4096  # in a forward pass, padding counted

PEFT_PREFIX: Final = "base_model.model."  # before a layer's name in peft's files

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class AdapterRecipe:
    """What decides the result, besides text, base and machine; `tools.train_adapter --help` explains the values."""

    tokens: int
    rank: int
    learning_rate: float
    mlm_probability: float
    corruption: str
    sentences: float
    batch_tokens: int
    max_length: int
    warmup_tokens: int
    decay: float
    seed: int
    workers: int
    start: list[str]  # sha256 of the adapters whose mean the training starts from

    def learning_rate_factor(self, state: TrainingState) -> float:
        """Rises linearly over the warm-up, stays at 1, falls linearly to zero over the last `decay` of the tokens."""
        left = max(0.0, 1 - state.tokens / self.tokens)
        return min(1.0, (state.tokens + self.batch_tokens) / self.warmup_tokens, left / self.decay)


def log_frequencies(text: Text, vocabulary: int) -> torch.Tensor:
    """The decoder's initial bias: the log of each token's add-one smoothed frequency, shifted to a mean of zero."""
    own = np.concatenate([sentence for block in text.blocks for sentence in block])
    counts = np.bincount(own, minlength=vocabulary) + 1.0
    logs = np.log(counts)
    return torch.tensor(logs - logs.mean(), dtype=torch.float32)


def initial_weights(model: BertForMaskedLM, recipe: AdapterRecipe, text: Text) -> Tensors:
    """The trained weights, float32: adapters (A random, B zero, so that nothing changes yet), norms, biases, head."""
    generator = torch.Generator().manual_seed(recipe.seed)
    trained: Tensors = {}
    for name, layer in adapted_layers(model).items():
        a = torch.randn(recipe.rank, layer.in_features, generator=generator)
        trained[f"{name}.lora_A"] = a / math.sqrt(layer.in_features)
        trained[f"{name}.lora_B"] = torch.zeros(layer.out_features, recipe.rank)
    for name, value in model.named_parameters():
        if value.ndim == 1:
            trained[name] = value.detach().clone()
    trained["cls.predictions.transform.dense.weight"] = torch.eye(model.config.hidden_size)
    trained["cls.predictions.bias"] = log_frequencies(text, model.config.vocab_size)
    return {name: trained[name].requires_grad_() for name in sorted(trained)}


class AdapterSteps:
    """The steps of the training; step s has the same masks whenever it is made."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, text: Text, recipe: AdapterRecipe) -> None:
        self.text = text
        self.recipe = recipe
        self.mask_id = int(tokenizer.mask_token_id)
        self.pad_id = int(tokenizer.pad_token_id)
        special = set(tokenizer.all_special_ids)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special])

    def starting_at(self, first: int) -> Iterator[Step]:
        """The steps from `first` on, until the recipe's tokens are spent."""
        recipe, tokens = self.recipe, 0
        batches = make_batches(self.text, recipe.sentences, recipe.batch_tokens, recipe.seed)
        for number, chunks in enumerate(batches):
            if tokens >= recipe.tokens:
                return
            if number >= first:
                yield self.make_step(number, chunks)
            tokens += sum(len(chunk.ids) for chunk in chunks)

    def make_step(self, number: int, chunks: Sequence[Chunk]) -> Step:
        recipe = self.recipe
        rng = np.random.default_rng([recipe.seed, number, 1])
        ids = pad([chunk.ids for chunk in chunks], self.pad_id)
        eligible = pad([chunk.maskable for chunk in chunks], 0).astype(bool)
        corrupted, labels = random_masks(ids, eligible, recipe.mlm_probability, self.mask_id, self.vocabulary, rng)
        if recipe.corruption == "mask":
            corrupted = np.where(labels != IGNORED, self.mask_id, ids)
        lengths = np.array([len(chunk.ids) for chunk in chunks])
        even = -(-int(lengths.max()) * len(chunks) // recipe.workers) + int(lengths.max())
        micro_batches = [
            inputs([corrupted[r, : lengths[r]] for r in rows], [labels[r, : lengths[r]] for r in rows], self.pad_id)
            for rows in by_budget(np.arange(len(chunks)), lengths, min(MICRO_BATCH_TOKENS, even), padded=True)
        ]
        return Step(micro_batches, int((labels != IGNORED).sum()), int(lengths.sum()))


class ReplicaCallback(Callback):
    """Copies the trained weights into the workers' replicas: on the training's start and after each step."""

    def __init__(self, replicas: Sequence[Replica], trained: Tensors) -> None:
        self.replicas, self.trained = replicas, trained

    def on_train_begin(self, state: TrainingState) -> None:
        for replica in self.replicas:
            replica.update(self.trained)

    def on_step_end(self, state: TrainingState) -> None:
        self.on_train_begin(state)


class ProgressCallback(Callback):
    """A progress bar with the smoothed loss."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.smooth = math.nan
        self.bar: tqdm[Any] | None = None

    def on_train_begin(self, state: TrainingState) -> None:
        self.bar = tqdm(total=self.tokens, initial=state.tokens, unit="token", unit_scale=True, mininterval=5)

    def on_step_end(self, state: TrainingState) -> None:
        assert self.bar is not None
        loss = state.take_mean_loss()
        self.smooth = loss if math.isnan(self.smooth) else 0.95 * self.smooth + 0.05 * loss
        self.bar.set_postfix_str(f"step {state.step}, loss {self.smooth:.3f}", refresh=False)
        self.bar.update(state.tokens - self.bar.n)

    def on_train_end(self, state: TrainingState) -> None:
        if self.bar is not None:
            self.bar.close()


class AdapterTraining:
    """The weights, the optimizer and the progress of a training: all that a checkpoint holds."""

    def __init__(self, model: BertForMaskedLM, text: Text, recipe: AdapterRecipe, device: torch.device) -> None:
        self.recipe = recipe
        self.state = TrainingState()
        self.trained = initial_weights(model, recipe, text)
        self.optimizer = torch.optim.AdamW(
            self.trained.values(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        dtype = torch.bfloat16 if has_bf16(device) else torch.float32
        copies = [copy.deepcopy(model) for _ in range(recipe.workers)]
        self.replicas = [Replica(each, self.trained, recipe.rank, device, dtype) for each in copies]

    def start_from(self, folders: Sequence[Path]) -> None:
        """Start from the mean of the weights of some adapters.

        Raises:
            UserError: an adapter is of another rank or base.
        """
        loaded = []
        for folder in folders:
            check_adapter(folder, {})
            low_rank = load_file(folder / ADAPTER).items()
            weights = {name.removeprefix(PEFT_PREFIX).removesuffix(".weight"): value for name, value in low_rank}
            loaded.append(weights | load_file(folder / HEAD))
            if {name: value.shape for name, value in loaded[-1].items()} != {
                name: value.shape for name, value in self.trained.items()
            }:
                raise UserError(f"{folder}: of another rank or base; give the --rank and --base it was trained with")
        with torch.no_grad():
            for name, value in self.trained.items():
                value.copy_(torch.stack([weights[name].float() for weights in loaded]).mean(0))

    def resume(self, path: Path) -> None:
        """Restore a checkpoint.

        Raises:
            UserError: it is of another recipe, or of another length and the learning rate has begun to fall.
        """
        saved = torch.load(path, weights_only=True)
        if saved["recipe"] | {"tokens": 0} != asdict(self.recipe) | {"tokens": 0}:
            raise UserError(f"{path}: a checkpoint of another recipe; give the same options, or delete it")
        # Until the learning rate falls, trainings that differ only in length are the same.
        lengths = sorted((saved["recipe"]["tokens"], self.recipe.tokens))
        if lengths[0] != lengths[1] and saved["state"]["tokens"] > (1 - self.recipe.decay) * lengths[0]:
            raise UserError(f"{path}: the rate has begun to fall; resume with --tokens {saved['recipe']['tokens']}")
        with torch.no_grad():
            for name, value in self.trained.items():
                value.copy_(saved["trained"][name])
        self.optimizer.load_state_dict(saved["optimizer"])
        vars(self.state).update(saved["state"])

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        with atomic_file(path) as partial:
            torch.save(
                {
                    "recipe": asdict(self.recipe),
                    "trained": {name: value.detach() for name, value in self.trained.items()},
                    "optimizer": self.optimizer.state_dict(),
                    "state": vars(self.state),
                },
                partial,
            )

    def run(self, steps: AdapterSteps, checkpoint: Path, minutes: float) -> None:
        """Train to the end, saving a checkpoint every so many minutes and at the end."""
        # Replicas name their parameters in one order, in which the workers sum the gradients.
        parameters = [self.trained[name] for name in self.replicas[0].weights]
        save: Callable[[TrainingState], None] = lambda state: self.save(checkpoint)  # noqa: E731
        run_loop(
            steps.starting_at(self.state.step),
            Workers([Worker(Objective(replica.model)) for replica in self.replicas], parameters),
            self.optimizer,
            self.recipe.learning_rate_factor,
            [
                ReplicaCallback(self.replicas, self.trained),
                ProgressCallback(self.recipe.tokens),
                CheckpointCallback(save, minutes * 60),
            ],
            self.state,
        )
        self.save(checkpoint)
