"""Checkpoints of a training in progress: a resumed training ends with the same bytes as an uninterrupted one.

They are kept outside the stage's outputs, which DVC deletes before a run, in a folder named by a digest of everything
that decides the result: inputs, params, code, versions and execution. So another training never finds them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
import transformers

from brandmlm.core.code_digest import read_module
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json, remedy, sha256, system_error, write_json
from brandmlm.core.locks import exclusive
from brandmlm.training.callbacks import BestWeightsCallback, MetricsCallback
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loop import Callback, TrainingState

# In a checkpoint: what is the same in all processes, and the digests of all other files by name.
SHARED: Final = "training.pt"
FILES: Final = "files.json"

PARTIAL: Final = "partial"  # the checkpoint that is being written


def list_files(paths: Iterable[Path]) -> list[Path]:
    """The given files and those in the given folders, sorted."""
    return sorted(file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file())


def fingerprint(inputs: Iterable[Path], settings: dict[str, Any]) -> str:
    """16 hex digits of everything that decides a training's result.

    That is: the bytes of `inputs` (files and folders), `settings` (JSON), the code of the project's loaded modules, and
    the versions of torch and transformers.
    """
    modules = {
        module.__file__
        for name, module in sys.modules.items()
        if name.partition(".")[0] in ("brandmlm", "stages", "__main__") and getattr(module, "__file__", None)
    }
    digests = [sha256(file) for file in list_files(inputs)]
    digests += [read_module(Path(file).read_bytes())[0] for file in sorted(filter(None, modules))]
    document = {"digests": digests, "settings": settings, "versions": [torch.__version__, transformers.__version__]}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Progress:
    """The objects that a checkpoint saves and restores."""

    model: torch.nn.Module
    optimizer: torch.optim.Optimizer
    state: TrainingState
    best: BestWeightsCallback
    metrics: MetricsCallback

    def save(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "state": vars(self.state),
            "best": {"loss": self.best.loss, "step": self.best.step, "weights": self.best.weights},
            "records": self.metrics.records,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        vars(self.state).update(saved["state"])
        vars(self.best).update(saved["best"])
        self.metrics.restore(saved["records"])


def random_states() -> dict[str, Any]:
    """The states of this process's random generators, from which dropout draws."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random_states(states: dict[str, Any]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])


@contextmanager
def checkpoint_folder(folder: Path, context: DistributedContext) -> Iterator[None]:
    """Keep other trainings out of a folder of checkpoints, and delete it when the block succeeds.

    Raises:
        UserError: another training has the folder.
    """
    if not context.is_main:
        yield
        return
    with exclusive(folder):
        yield
        shutil.rmtree(folder, ignore_errors=True)


class Checkpoints:
    """Keeps the latest complete checkpoint of a training in a folder; the caller locks it."""

    def __init__(self, folder: Path, progress: Progress, context: DistributedContext) -> None:
        self.folder = folder
        self.progress = progress
        self.context = context
        self.own = f"random-{context.rank}.pt"  # in a checkpoint: this process's part

    def latest(self) -> Path | None:
        found = [path for path in self.folder.glob("step-*") if path.is_dir()]
        return max(found, key=lambda path: int(path.name.removeprefix("step-")), default=None)

    def discard_damaged(self) -> str | None:
        """Delete what a killed run left incomplete, and the latest checkpoint if a file of it is not as it was written.

        For the main process, before any process restores.

        Returns:
            What was deleted and why, for the user; None if the latest checkpoint is complete or there is none.
        """
        shutil.rmtree(self.folder / PARTIAL, ignore_errors=True)
        latest = self.latest()
        if latest is None or (fault := find_fault(latest)) is None:
            return None
        shutil.rmtree(latest)
        return f"{latest}: discarded, because {fault}; the training starts from its first step"

    def restore(self, checkpoint: Path) -> None:
        self.progress.restore(torch.load(checkpoint / SHARED, weights_only=True, map_location="cpu"))
        restore_random_states(torch.load(checkpoint / self.own, weights_only=True, map_location="cpu"))

    def save(self, state: TrainingState) -> None:
        """Write a checkpoint under a temporary name, rename it when it is complete, and delete the one before.

        Raises:
            UserError: it cannot be written; the one before is kept.
        """
        partial = self.folder / PARTIAL
        try:
            partial.mkdir(parents=True, exist_ok=True)
            write_tensors(random_states(), partial / self.own)
            if self.context.is_main:
                write_tensors(self.progress.save(), partial / SHARED)
            self.context.wait()  # until every process has written its part
            if self.context.is_main:
                write_json(partial / FILES, {file.name: sha256(file) for file in sorted(partial.iterdir())})
                before = self.latest()
                partial.rename(self.folder / f"step-{state.step}")
                if before is not None:
                    shutil.rmtree(before)
        except (OSError, RuntimeError) as error:
            cause = system_error(error)
            if cause is None:
                raise
            raise UserError(
                f"{self.folder}: the checkpoint cannot be saved: {remedy(cause)}: "
                "the training resumes from its last complete checkpoint"
            ) from error


def write_tensors(value: dict[str, Any], file: Path) -> None:
    """As `torch.save`, whose own writer does not tell why it fails; OSError is in the chain of its RuntimeError."""
    with file.open("wb") as opened:
        torch.save(value, opened)


def find_fault(checkpoint: Path) -> str | None:
    """Why a checkpoint is not as it was written; None if it is: its files, and no others, with their digests."""
    try:
        digests = dict(read_json(checkpoint / FILES))
    except (UserError, TypeError, ValueError):
        return f"it has no list of its files ({FILES})"
    names = {file.name for file in checkpoint.iterdir()} - {FILES}
    if differing := sorted(names ^ digests.keys()):
        name = differing[0]
        return f"{name} is missing" if name in digests else f"{name} is not in the list of its files"
    damaged = next((name for name, digest in digests.items() if sha256(checkpoint / name) != digest), None)
    return f"{damaged} is damaged" if damaged else None


class CheckpointCallback(Callback):
    """Saves a checkpoint every so many seconds."""

    def __init__(
        self,
        save: Callable[[TrainingState], None],
        seconds: float,
        agree: Callable[[bool], bool] = lambda due: due,
    ) -> None:
        """
        Args:
            agree: gives every process the main one's answer, since their clocks differ.
        """
        self.save = save
        self.seconds = seconds
        self.agree = agree
        self.saved = time.monotonic()

    def on_step_end(self, state: TrainingState) -> None:
        if self.agree(time.monotonic() - self.saved >= self.seconds):
            self.save(state)
            self.saved = time.monotonic()
