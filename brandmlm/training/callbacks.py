"""Trainer callbacks: when to evaluate, the best weights, metrics and progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from dvclive.live import Live
from tqdm import tqdm
from transformers import PreTrainedModel, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from brandmlm.core.errors import UserError
from brandmlm.modeling.masking import Ints
from brandmlm.modeling.weights import Weights


class EvaluationCallback(TrainerCallback):
    """Asks for validation at evenly spaced steps, the last one included (Trainer's own interval may miss it)."""

    def __init__(self, steps: int, evaluations: int) -> None:
        self.at = {round(number * steps / evaluations) for number in range(1, evaluations + 1)}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        control.should_evaluate = state.global_step in self.at


class BestWeightsCallback(TrainerCallback):
    """Keeps a copy of the weights at the lowest validation loss, on the CPU."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.loss = float("inf")
        self.step = 0
        self.weights: Weights = {}

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        loss = float(kwargs["metrics"]["eval_loss"])
        if loss < self.loss:
            self.loss, self.step = loss, state.global_step
            self.weights = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}


class MetricsCallback(TrainerCallback):
    """Writes losses to DVCLive as they come, and shows progress: step, losses, tokens per second, time left."""

    def __init__(self, live: Live | None, tokens: Ints, interval: int, training_loss: Callable[[], float]) -> None:
        self.live = live  # None in all processes but the first: they record and show nothing
        self.tokens = tokens  # cumulative, by step (from 1)
        self.interval = interval  # steps between training losses
        self.training_loss = training_loss  # the mean since it was asked last
        self.rows: list[dict[str, Any]] = []
        self.bar: tqdm[Any] | None = None

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take the rows of an interrupted run over, into DVCLive too."""
        for row in rows:
            self.add(row["step"], row["split"], row["loss"])

    def add(self, step: int, split: str, loss: float) -> None:
        if not np.isfinite(loss):
            raise UserError(
                f"params.yaml: train.learning_rate: the {split} loss is not finite at step {step}; lower the rate"
            )
        tokens = int(self.tokens[step - 1]) if step else 0
        self.rows.append({"step": step, "tokens": tokens, "split": split, "loss": loss})
        if self.live is not None:
            self.live.step = step
            self.live.log_metric(f"{split}/loss", loss, plot=True)
            self.live.log_metric(f"{split}/perplexity", float(np.exp(loss)), plot=True)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        done = int(self.tokens[state.global_step - 1]) if state.global_step else 0
        self.bar = tqdm(
            total=int(self.tokens[-1]), initial=done, desc="train", unit="token", unit_scale=True, mininterval=1,
            disable=self.live is None,
        )  # fmt: skip

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        assert self.bar is not None
        self.bar.update(int(self.tokens[state.global_step - 1]) - self.bar.n)
        if state.global_step % self.interval == 0 or state.global_step == state.max_steps:
            self.add(state.global_step, "train", self.training_loss())
            self.bar.set_postfix_str(f"step {state.global_step}/{state.max_steps}, loss {self.rows[-1]['loss']:.3f}")

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.add(state.global_step, "validation", float(kwargs["metrics"]["eval_loss"]))

    def close(self) -> None:
        """End the progress bar's line, so that what is said next, an error too, has one of its own."""
        if self.bar is not None:
            self.bar.close()

    def history(self) -> pd.DataFrame:
        """Columns step, tokens, split, loss, perplexity; sorted."""
        table = pd.DataFrame(self.rows)
        table["perplexity"] = np.exp(table["loss"])
        return table.sort_values(["step", "split"], ignore_index=True)
