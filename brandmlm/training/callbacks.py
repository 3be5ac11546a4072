"""Callbacks: when to validate, the best weights, metrics and progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
from dvclive.live import Live
from tqdm import tqdm
from transformers import PreTrainedModel

from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_counter
from brandmlm.modeling.weights import Weights
from brandmlm.training.loop import Callback, TrainingState

TRAINING_RECORDS: Final = 15  # of the training loss, about


def evaluation_steps(steps: int, num_evals: int) -> set[int]:
    """Evenly spaced steps, the last one included."""
    return {round(number * steps / num_evals) for number in range(1, num_evals + 1)}


class EvaluationCallback(Callback):
    """Validates before the first step and after each step of `at`, and tells the listeners."""

    def __init__(self, validate: Callable[[], float], at: Collection[int], listeners: Sequence[Callback]) -> None:
        self.validate = validate
        self.at = at
        self.listeners = listeners
        self.seconds = 0.0  # spent so far

    def on_train_begin(self, state: TrainingState) -> None:
        if state.step == 0:
            self.evaluate(state)

    def on_step_end(self, state: TrainingState) -> None:
        if state.step in self.at:
            self.evaluate(state)

    def evaluate(self, state: TrainingState) -> None:
        started = time.monotonic()
        loss = self.validate()
        self.seconds += time.monotonic() - started
        for listener in self.listeners:
            listener.on_evaluate(state, loss)


class BestWeightsCallback(Callback):
    """Keeps a copy of the weights at the lowest validation loss, on the CPU."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.loss = float("inf")
        self.step = 0
        self.weights: Weights = {}

    def on_evaluate(self, state: TrainingState, loss: float) -> None:
        if loss < self.loss:
            self.loss, self.step = loss, state.step
            self.weights = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}


class MetricsCallback(Callback):
    """Records losses, logs them to DVCLive and shows progress: tokens, step, loss, time left."""

    def __init__(self, steps: int, tokens: int, live: Path | None = None, show: bool = True) -> None:
        """
        Args:
            steps, tokens: of the whole training.
            live: folder for DVCLive; None logs nothing.
            show: whether to show progress.
        """
        self.steps = steps
        self.tokens = tokens
        self.interval = max(1, steps // TRAINING_RECORDS)
        self.live = Live(str(live), dvcyaml=None, report=None, save_dvc_exp=False) if live else None
        self.show = show
        self.records: list[dict[str, Any]] = []
        self.bar: tqdm[NoReturn] | None = None

    def restore(self, records: list[dict[str, Any]]) -> None:
        """Take over the records of an interrupted run, into DVCLive too."""
        for record in records:
            self.add(record["step"], record["tokens"], record["split"], record["loss"])

    def add(self, step: int, tokens: int, split: str, loss: float) -> None:
        if not np.isfinite(loss):
            raise UserError(
                f"params.yaml: train.learning_rate: the {split} loss is not finite at step {step}; lower the rate"
            )
        self.records.append({"step": step, "tokens": tokens, "split": split, "loss": loss})
        if self.live is not None:
            self.live.step = step
            self.live.log_metric(f"{split}/loss", loss, plot=True)
            self.live.log_metric(f"{split}/perplexity", float(np.exp(loss)), plot=True)

    def on_train_begin(self, state: TrainingState) -> None:
        self.bar = progress_counter("train", self.tokens, "token", initial=state.tokens, shown=self.show)

    def on_step_end(self, state: TrainingState) -> None:
        assert self.bar is not None
        self.bar.update(state.tokens - self.bar.n)
        if state.step % self.interval == 0 or state.step == self.steps:
            self.add(state.step, state.tokens, "train", state.take_mean_loss())
            told = f"step {state.step}/{self.steps}, loss {self.records[-1]['loss']:.3f}"
            self.bar.set_postfix_str(told, refresh=False)

    def on_evaluate(self, state: TrainingState, loss: float) -> None:
        self.add(state.step, state.tokens, "validation", loss)

    def on_train_end(self, state: TrainingState) -> None:
        if self.bar is not None:
            self.bar.close()  # so that a message that follows starts a line
        if self.live is not None:
            self.live.end()

    def history(self) -> pd.DataFrame:
        """Columns step, tokens, split, loss (nats per masked token), perplexity; sorted by step and split."""
        table = pd.DataFrame(self.records)
        table["perplexity"] = np.exp(table["loss"])
        return table.sort_values(["step", "split"], ignore_index=True)
