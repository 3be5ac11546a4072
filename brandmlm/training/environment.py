"""Where and how a training runs: device, processes, workers, reports and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.train import Train
from brandmlm.modeling.device import set_up, use_bf16
from brandmlm.training.distributed import DistributedContext, process_group
from brandmlm.training.steps import Division
from brandmlm.training.workers import worker_count


@dataclass(frozen=True)
class RunOptions:
    """How a training reports and whether it can be resumed; no option changes the result.

    Attributes:
        say: called with messages for the user.
        live: folder for DVCLive's curves; the caller deletes it.
        checkpoints: folder for checkpoints, from which an interrupted training is resumed; the caller locks and
            deletes it (`brandmlm.training.resume.checkpoint_folder`).
        inputs: files and folders of the rows and the base; a checkpoint of other bytes is never resumed.
    """

    say: Callable[[str], object] = print
    live: Path | None = None
    checkpoints: Path | None = None
    inputs: Sequence[Path] = ()


@dataclass(frozen=True)
class Environment:
    """A training's place in this process and among its processes."""

    execution: Execution
    options: RunOptions
    device: torch.device
    division: Division

    @property
    def context(self) -> DistributedContext:
        return self.division.context

    @property
    def bf16(self) -> bool:
        return use_bf16(self.execution, self.device)

    def say(self, message: str) -> None:
        """Tell the user, once for all processes."""
        if self.context.is_main:
            self.options.say(message)

    def settings(self) -> dict[str, Any]:
        """What decides the last digits of the result, to which a resumed training has to keep."""
        return {
            "execution": self.execution.model_dump() | {"checkpoint_s": None},
            "computes": [self.device.type, self.bf16, torch.get_num_threads(), self.context.processes],
        }


@contextmanager
def training_environment(recipe: Train, execution: Execution, options: RunOptions) -> Iterator[Environment]:
    """Set this process up for a training and connect it with the others, if there are any."""
    device = set_up(execution, recipe.seed)
    with process_group(device) as context:
        workers = worker_count(device, recipe, context, execution.compile)
        yield Environment(execution, options, device, Division(execution.micro_batch_tokens, workers, context))
