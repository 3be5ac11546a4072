"""Checkpoints of a training in progress, so that an interrupted one goes on and ends with the same bytes.

They lie outside the stage's outputs (DVC takes these away before a run), in a folder named by a digest of all that
decides the result: inputs, params, code, versions, and how it is executed. Another training never finds them; a
finished one removes them. A checkpoint takes its final name only when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import transformers
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from brandmlm.core.code_digest import read_module
from brandmlm.core.files import read_json, sha256, write_json
from brandmlm.training.callbacks import BestWeightsCallback, MetricsCallback
from brandmlm.training.trainer import MaskedTrainer

ROWS = "rows.json"  # the losses recorded so far

BEST = "best.pt"  # the best weights so far


def list_files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and those in folders, sorted."""
    return sorted(file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


def fingerprint(inputs: Iterable[Path], settings: dict[str, Any]) -> str:
    """16 hex digits of all that decides a training's result: the bytes of `inputs` (files and folders), `settings`
    (JSON), the code of the project's loaded modules, the versions of torch and transformers."""
    modules = {
        module.__file__
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("brandmlm", "stages", "__main__") and getattr(module, "__file__", None)
    }
    digests = [sha256(file) for file in list_files(inputs)]
    digests += [read_module(Path(file).read_bytes())[0] for file in sorted(filter(None, modules))]
    document = {"digests": digests, "settings": settings, "versions": [torch.__version__, transformers.__version__]}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


class CheckpointCallback(TrainerCallback):
    """Asks for a checkpoint every so many seconds; keeps the latest whole one."""

    def __init__(
        self, folder: Path, seconds: float, trainer: MaskedTrainer, best: BestWeightsCallback, record: MetricsCallback
    ) -> None:
        self.folder = folder
        self.seconds = seconds
        self.trainer, self.best, self.record = trainer, best, record
        self.share = trainer.steps.share
        self.saved = time.monotonic()
        trainer.keep = self.keep

    def latest(self) -> Path | None:
        """The checkpoint to go on from."""
        found = [path for path in self.folder.glob("step-*") if path.is_dir()]
        return max(found, key=lambda path: int(path.name.removeprefix("step-")), default=None)

    def restore(self, checkpoint: Path) -> None:
        """Give the callbacks what they held when the checkpoint was saved; the rest is Trainer's."""
        state = read_json(checkpoint / ROWS)
        self.record.restore(state["rows"])
        self.best.loss, self.best.step = state["best_loss"], state["best_step"]
        self.best.weights = torch.load(checkpoint / BEST, weights_only=True)
        self.trainer.losses = torch.load(checkpoint / self.losses, weights_only=True)

    @property
    def losses(self) -> str:
        return f"losses-{self.share.rank}.pt"

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        due = time.monotonic() - self.saved >= self.seconds and state.global_step < state.max_steps
        if self.share.processes > 1:
            # Clocks differ, and all processes have to save at the same step.
            synced = torch.tensor(int(due), device=args.device)
            dist.broadcast(synced, 0)
            due = bool(synced)
        control.should_save = due

    def keep(self, written: Path) -> None:
        """Complete a checkpoint that Trainer has written, give it its final name, remove the one before it."""
        torch.save(self.trainer.losses, written / self.losses)
        if self.share.processes > 1:
            dist.barrier()  # every process has written its part
        if self.share.rank == 0:
            torch.save(self.best.weights, written / BEST)
            progress = {"best_loss": self.best.loss, "best_step": self.best.step, "rows": self.record.rows}
            write_json(written / ROWS, progress)
            before = self.latest()
            written.rename(self.folder / f"step-{self.trainer.state.global_step}")
            if before is not None:
                shutil.rmtree(before)
        self.saved = time.monotonic()
