"""Training on several machines: two on loopback addresses train the model of one, and go on after one is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from conftest import ROOT, command, environment, free_port, set_params, tiny_base
from pandas import DataFrame

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import make_corpus, write_table
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.training.ranks import adopt_slurm

LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
SLURM = ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_STEP_NUM_TASKS")


def write_rows(verb: str, path: Path) -> None:
    rows = [
        (f"These {thing} {verb} very {word}.", "unwanted" if word == "ugly" else "wanted", word)
        for thing in ("shoes", "hoodies", "socks", "caps", "bags", "shirts")
        for word in ("light", "durable", "soft", "ugly")
    ]
    table = DataFrame(rows, columns=["text", "label", "word"])
    write_table(make_corpus(table.assign(source="synthetic", group="g", rating=None)), path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nodes")
    tiny_base(folder / "base")
    write_rows("are", folder / "train.parquet")
    write_rows("were", folder / "validation.parquet")
    shutil.copy2(ROOT / "params.yaml", folder)
    values = {"train.learning_rate": 0.01, "train.num_evals": 2, "train.dropout": 0.0}
    execution = {"execution.threads": 1, "execution.precision": "fp32", "execution.checkpoint_s": 0}
    set_params(folder, {"sample.train.tokens": 3000, **values, **execution})
    return folder


def words(out: str, data: str = "train.parquet") -> list[str]:
    inputs = ["--data", data, "--validation", "validation.parquet", "--base", "base"]
    return ["-m", "stages.train", "full", *inputs, "--checkpoints", f"at/{out}", "--live", "live", "--out", out]


def start(folder: Path, line: Sequence[str], number: int, **extra: str) -> subprocess.Popen[bytes]:
    """Start a process of machine `number`; its output goes to `said<number>.txt`."""
    variables = environment(PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", **extra)
    with (folder / f"said{number}.txt").open("wb") as said:
        return subprocess.Popen(line, cwd=folder, env=variables, stdout=said, stderr=said)


def start_nodes(folder: Path, lines: Sequence[list[str]]) -> list[subprocess.Popen[bytes]]:
    """Start an agent on each machine, for the stage with these arguments."""
    port = str(free_port())
    agent = [sys.executable, "-m", "torch.distributed.run", "--nnodes", str(len(lines)), "--nproc-per-node", "1"]
    place = ["--master-addr", "127.0.0.1", "--master-port", port]
    return [start(folder, [*agent, *place, "--node-rank", str(n), *line], n) for n, line in enumerate(lines)]


def wait(nodes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    return [node.wait(timeout=120) for node in nodes]


def errors(folder: Path) -> list[str]:
    """The errors that the processes of both machines have reported."""
    said = "".join((folder / f"said{number}.txt").read_text() for number in range(2))
    return [line for line in said.splitlines() if line.startswith("error: ")]


def same_bytes(one: Path, other: Path) -> bool:
    names = sorted(file.name for file in one.iterdir())
    return names == sorted(file.name for file in other.iterdir()) and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names
    )


@pytest.fixture(scope="module")
def whole(folder: Path) -> Path:
    """The model that two machines train without an interruption."""
    assert wait(start_nodes(folder, [words("whole")] * 2)) == [0, 0]
    assert not errors(folder)
    return folder / "whole"


@pytest.mark.long
def test_two_machines_train_the_model_of_one_process(folder: Path, whole: Path) -> None:
    command(folder, sys.executable, *words("alone"), PYTHONPATH=str(ROOT))
    one, two = load_checkpoint(folder / "alone")[0], load_checkpoint(whole)[0]
    for (name, a), (_, b) in zip(one.named_parameters(), two.named_parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=2e-3, msg=name)
    losses = [json.loads((out / "training.json").read_text())["validation_loss"] for out in (folder / "alone", whole)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.long
def test_a_training_goes_on_after_a_machine_was_lost(folder: Path, whole: Path) -> None:
    nodes = start_nodes(folder, [words("lost")] * 2)
    deadline = time.monotonic() + 120
    while not any(int(path.name[5:]) >= 6 for path in (folder / "at" / "lost").glob("*/step-*")):
        assert all(node.poll() is None for node in nodes) and time.monotonic() < deadline
        time.sleep(0.02)
    nodes[1].kill()  # the agent; its process ends with it
    assert wait(nodes)[0] == 1
    (line,) = errors(folder)
    assert line.startswith("error: another process of the training was lost (")
    assert line.endswith("start the same command again on every machine: it resumes from the last checkpoint")
    assert not (folder / "lost").exists()

    assert wait(start_nodes(folder, [words("lost")] * 2)) == [0, 0]
    assert "resuming from" in (folder / "said0.txt").read_text()
    assert same_bytes(whole, folder / "lost")


@pytest.mark.long
def test_slurm_starts_the_same_training(folder: Path, whole: Path) -> None:
    variables = {"SLURM_NTASKS": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "SLURM_LOCALID": "0"}
    tasks = [
        start(folder, [sys.executable, *words("slurm")], rank, SLURM_PROCID=str(rank), **variables) for rank in range(2)
    ]
    assert wait(tasks) == [0, 0]
    assert same_bytes(whole, folder / "slurm")


@pytest.mark.long
def test_the_first_process_alone_reports_an_error(folder: Path) -> None:
    # The same mistake in all processes, then one of the second machine alone.
    params = (folder / "params.yaml").read_text()
    (folder / "params.yaml").write_text(params.replace("learning_rate:", "learning_rat:", 1))
    try:
        assert wait(start_nodes(folder, [words("none")] * 2)) == [1, 1]
    finally:
        (folder / "params.yaml").write_text(params)
    assert errors(folder) == ["error: params.yaml: train.learning_rat: unknown key; did you mean 'learning_rate'?"]

    assert wait(start_nodes(folder, [words("none"), words("none", "none.parquet")])) == [1, 1]
    assert errors(folder) == ["error: none.parquet: not found; run `dvc repro` to make it"]
    assert "error: none.parquet" in (folder / "said0.txt").read_text()


@pytest.fixture
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*LAUNCHER, *SLURM):
        monkeypatch.setenv(name, "")  # so that what the test sets is put back
        monkeypatch.delenv(name)
    return monkeypatch


def test_a_task_of_srun_is_described_as_torch_does(no_launcher: pytest.MonkeyPatch) -> None:
    for name, value in zip((*SLURM, "MASTER_ADDR"), ("3", "4", "1", "4", "node7"), strict=True):
        no_launcher.setenv(name, value)
    adopt_slurm()
    assert [os.environ[name] for name in LAUNCHER] == ["3", "4", "1", "node7", "29500"]
    no_launcher.setenv("SLURM_PROCID", "0")
    adopt_slurm()  # what is described already is left alone
    assert os.environ["RANK"] == "3"


@pytest.mark.parametrize("variables", [{}, {"SLURM_NTASKS": "1", "SLURM_STEP_NUM_TASKS": "1"}, {"SLURM_NTASKS": "8"}])
def test_one_task_and_a_batch_script_are_no_launcher(
    no_launcher: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in {"SLURM_PROCID": "0", **variables}.items():
        no_launcher.setenv(name, value)
    adopt_slurm()
    assert "RANK" not in os.environ


def test_tasks_without_an_address_are_one_line(no_launcher: pytest.MonkeyPatch) -> None:
    for name in SLURM:
        no_launcher.setenv(name, "2")
    with pytest.raises(UserError, match="MASTER_ADDR is not set, and srun started 2 tasks"):
        adopt_slurm()
