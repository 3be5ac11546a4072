"""The training loop, shared by the stage `train`, the benchmarks and the adapter's training.

What differs between trainings is passed in: the steps, the workers that compute gradients, the optimizer, the schedule
of its learning rate, and callbacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch

from brandmlm.training.steps import Step
from brandmlm.training.workers import Workers

MAX_GRAD_NORM: Final = 1.0


@dataclass
class TrainingState:
    """Progress of a training: all that a checkpoint restores besides weights, optimizer and random generators.

    Attributes:
        step: optimizer steps done.
        tokens: tokens of these steps, padding not counted.
        losses: of each step since the last `take_mean_loss`, the mean negative log-likelihood of its masked tokens
            (nats), a scalar.
    """

    step: int = 0
    tokens: int = 0
    losses: list[torch.Tensor] = field(default_factory=list)

    def take_mean_loss(self) -> float:
        """Mean loss of the steps since the last call (nats per masked token)."""
        mean = float(torch.stack(self.losses).double().mean())
        self.losses.clear()
        return mean


class Callback:
    """Hooks into the loop; a subclass overrides the ones it needs."""

    def on_train_begin(self, state: TrainingState) -> None:
        """Before the first step, or before the next one of a resumed training."""

    def on_gradients(self, state: TrainingState) -> None:
        """The parameters have the step's gradients, not yet clipped."""

    def on_step_end(self, state: TrainingState) -> None:
        """The optimizer has updated the weights, and `state` counts the step."""

    def on_evaluate(self, state: TrainingState, loss: float) -> None:
        """The weights were validated; `loss` in nats per masked token."""

    def on_train_end(self, state: TrainingState) -> None:
        """After the last step, also if the training fails or is interrupted."""


# The learning rate of the next step, relative to the optimizer's own.
Schedule = Callable[[TrainingState], float]


def run_loop(
    steps: Iterable[Step],
    workers: Workers,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    callbacks: Sequence[Callback],
    state: TrainingState,
) -> None:
    """Train: one optimizer step for each of `steps`, which start after those that `state` counts."""
    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])  # part of the optimizer's state, so that a resumed run has it
    try:
        for callback in callbacks:
            callback.on_train_begin(state)
        for step in steps:
            state.losses.append(workers.backward(step))
            for callback in callbacks:
                callback.on_gradients(state)
            torch.nn.utils.clip_grad_norm_(workers.parameters, MAX_GRAD_NORM)
            factor = schedule(state)
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
            optimizer.step()
            optimizer.zero_grad()
            state.step += 1
            state.tokens += step.tokens
            for callback in callbacks:
                callback.on_step_end(state)
    finally:
        for callback in callbacks:
            callback.on_train_end(state)
