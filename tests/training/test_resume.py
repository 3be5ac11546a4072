"""A checkpoint is complete, or it is discarded; a folder of checkpoints has one training at a time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from conftest import ROOT, environment

from brandmlm.core import locks
from brandmlm.core.errors import UserError
from brandmlm.training.callbacks import BestWeightsCallback, MetricsCallback
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loop import TrainingState
from brandmlm.training.resume import Checkpoints, Progress, checkpoint_folder


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    model = torch.nn.Linear(3, 3)
    progress = Progress(
        model,
        torch.optim.AdamW(model.parameters()),
        TrainingState(),
        BestWeightsCallback(model),
        MetricsCallback(10, 100, None, show=False),
    )
    return Checkpoints(tmp_path / "full" / "0123456789abcdef", progress, DistributedContext())


def test_a_complete_checkpoint_is_kept(checkpoints: Checkpoints) -> None:
    checkpoints.save(TrainingState(step=3))
    checkpoints.save(TrainingState(step=11))
    assert checkpoints.discard_damaged() is None
    latest = checkpoints.latest()
    assert latest and latest.name == "step-11"
    assert [path.name for path in checkpoints.folder.iterdir()] == ["step-11"]
    checkpoints.restore(latest)


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda folder: (folder / "training.pt").unlink(), "training.pt is missing"),
        (lambda folder: (folder / "rows.json").write_text("[]"), "rows.json is not in the list of its files"),
        (lambda folder: flip(folder / "random-0.pt"), "random-0.pt is damaged"),
        (lambda folder: (folder / "files.json").unlink(), "it has no list of its files (files.json)"),
        (lambda folder: (folder / "files.json").write_text("7"), "it has no list of its files (files.json)"),
        (lambda folder: [file.unlink() for file in folder.iterdir()], "it has no list of its files (files.json)"),
    ],
)
def test_a_damaged_checkpoint_is_discarded(
    checkpoints: Checkpoints, damage: Callable[[Path], object], fault: str
) -> None:
    checkpoints.save(TrainingState(step=3))
    damage(checkpoints.folder / "step-3")
    (checkpoints.folder / "partial").mkdir()
    assert checkpoints.discard_damaged() == (
        f"{checkpoints.folder}/step-3: discarded, because {fault}; the training starts from its first step"
    )
    assert not [*checkpoints.folder.iterdir()] and checkpoints.latest() is None


def test_a_checkpoint_whose_folder_vanishes_says_so(checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints.context.__class__, "wait", lambda context: shutil.rmtree(checkpoints.folder))
    told = "the checkpoint cannot be saved: No such file or directory; something removed it meanwhile: run it again"
    with pytest.raises(UserError, match=f"^{checkpoints.folder}.*{told}"):
        checkpoints.save(TrainingState(step=3))


def test_two_trainings_do_not_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_S", 0.1)
    code = "import sys\nfrom brandmlm.core.locks import exclusive\nwith exclusive('full'): print(); sys.stdin.read()"
    holding = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(PYTHONPATH=str(ROOT)), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holding.stdout and holding.stdout.readline()
    folder = tmp_path / "full"
    with (
        pytest.raises(UserError, match="another process is writing it"),
        checkpoint_folder(folder, DistributedContext()),
    ):
        pass
    holding.communicate()
    with checkpoint_folder(folder, DistributedContext()):
        folder.mkdir()
    assert not folder.exists()
    with pytest.raises(RuntimeError), checkpoint_folder(folder, DistributedContext()):
        folder.mkdir()
        raise RuntimeError
    assert folder.exists()  # a failed training goes on from there
