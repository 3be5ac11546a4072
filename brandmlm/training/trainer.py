"""The training engine: transformers' Trainer over steps planned in advance, computed where a token is masked (`heads`).

One process or several (torch's distributed data parallel): every process plans the same steps, takes its share of each
step's rows, and the gradients are summed. The model that comes out does not depend on how the rows were shared, but
for rounding and, where there is dropout, for its draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd
import torch
import torch.distributed as dist
from torch.utils.data import DataLoader
from transformers import Trainer

from brandmlm.core.errors import UserError
from brandmlm.training.cpu_workers import CpuWorkers
from brandmlm.training.dataset import Step, Steps, collate_step
from brandmlm.training.loss import Objective
from brandmlm.training.validation import mean_loss

WEIGHTS: Final = "weights.pt"  # in a checkpoint


class MaskedTrainer(Trainer):
    """transformers' Trainer over steps that are planned in advance; validation by `validate`, per row."""

    def __init__(self, steps: Steps, validate: Callable[[], pd.DataFrame], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = steps
        self.validate = validate
        self.keep: Callable[[Path], None] = lambda written: None  # what becomes of a checkpoint that was written
        self.losses: list[torch.Tensor] = []  # a scalar a step: this process's part of the mean loss
        self.validation_s = 0.0  # seconds that validation has taken
        self.workers = CpuWorkers(cast(Objective, self.model), steps.workers) if steps.workers > 1 else None

    def get_train_dataloader(self) -> DataLoader[Step]:
        # Not prepared by accelerate, which would deal whole steps to processes: `Steps` deals the rows of each.
        return DataLoader(self.steps, batch_size=1, shuffle=False, collate_fn=collate_step)

    def training_step(
        self, model: torch.nn.Module, inputs: Any, num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """Forward and backward pass over a step's micro-batches; returns this process's part of the mean negative
        log-likelihood."""
        step = cast(Step, self._prepare_inputs(inputs))
        if self.workers is not None:
            total = self.workers.backward(step["parts"], step["masked"])
        else:
            model.train()
            total = torch.zeros((), device=self.args.device)
            for number, part in enumerate(step["parts"], start=1):
                last = number == len(step["parts"])
                with nullcontext() if last else self.accelerator.no_sync(model):
                    objective, nll = model(**part)
                    # Distributed data parallel takes the mean of the processes' gradients; their sum is wanted.
                    self.accelerator.backward(objective * (self.steps.share.processes / step["masked"]))
                total += nll.detach() / step["masked"]
        self.losses.append(total)
        return total

    def mean_training_loss(self) -> float:
        """Mean loss a masked token (nats) of the steps since this was asked last."""
        total = torch.stack(self.losses).double().mean()
        self.losses.clear()
        if self.steps.share.processes > 1:
            dist.all_reduce(total)
        return float(total)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        started = time.monotonic()
        metrics = {"eval_loss": mean_loss(self.validate())}
        self.validation_s += time.monotonic() - started
        self.log(metrics)
        self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        folder = Path(str(self.args.output_dir))
        try:
            super()._save_checkpoint(model, trial)
            self.keep(folder / f"checkpoint-{self.state.global_step}")
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UserError(
                f"{folder}: the checkpoint cannot be saved ({reason}); free space on the disk and run it again: the "
                "training goes on from its last whole checkpoint"
            ) from error

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        # Trainer would save by safetensors, which refuses tied weights outside a PreTrainedModel.
        if self.args.should_save:
            folder = Path(output_dir or str(self.args.output_dir))
            folder.mkdir(parents=True, exist_ok=True)
            torch.save(cast(Objective, self.model).state_dict(), folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: torch.nn.Module | None = None) -> None:
        state = torch.load(Path(resume_from_checkpoint) / WEIGHTS, weights_only=True, map_location="cpu")
        cast(Objective, model or self.model).load_state_dict(state)
