"""docs/scale.md keeps its word: a cluster that its commands start cleans the rows of `dvc repro` to the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, dvc, environment, free_port, lend_environment, set_params
from pages import commands, examples

PAGE = "docs/scale.md"


def test_the_extra_and_the_requirements_name_the_same_package() -> None:
    (install,) = [line for line in commands(PAGE) if line.startswith("pip ")]
    assert install == "pip install -r requirements-cluster.txt -c constraints.txt"
    pins = (ROOT / "requirements-cluster.txt").read_text().splitlines()
    (pin,) = [line for line in pins if not line.startswith("#")]
    assert pin in (ROOT / "constraints.txt").read_text().splitlines()
    name, _, version = pin.partition("==")
    assert f'cluster = ["{name}>={version.rpartition(".")[0]}"]' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.long
def test_a_cluster_cleans_the_rows(built: Path) -> None:
    pytest.importorskip("distributed")
    before = {file.name: file.read_bytes() for file in (built / "data" / "clean").iterdir()}
    _, scheduler, worker, repro = commands(PAGE)[:4]
    (params,) = examples(PAGE, "yaml")
    port = str(free_port())
    variables = os.environ | lend_environment(built) | {"PYTHONPATH": str(built)}
    started = []
    try:
        for line in (scheduler, worker):
            words = [sys.executable, "-m", *line.replace("8786", port).split()]
            started.append(subprocess.Popen(words, cwd=built.parent, env=variables, stderr=subprocess.PIPE, text=True))
        key, value = params.replace("8786", port).split("\n")[1].split(": ", 1)
        set_params(built, {f"execution.{key.strip()}": value})
        deadline = time.monotonic() + 60
        while "Register worker" not in (started[0].stderr.readline() if started[0].stderr else ""):
            assert time.monotonic() < deadline
        assert repro == "dvc repro"
        dvc(built, "repro", "--single-item", "--force", "clean")
    finally:
        for process in reversed(started):
            process.terminate()
            process.communicate(timeout=60)
    assert {file.name: file.read_bytes() for file in (built / "data" / "clean").iterdir()} == before


SRUN = """#!/bin/sh
# srun --nodes 2 --ntasks 2 --kill-on-bad-exit COMMAND: as SLURM's, but both tasks are on this machine
[ "$1 $2 $3 $4 $5" = "--nodes 2 --ntasks 2 --kill-on-bad-exit" ] && shift 5 || exit 2
export SLURM_NTASKS=2 SLURM_STEP_NUM_TASKS=2 SLURM_LOCALID=0
SLURM_PROCID=1 "$@" & SLURM_PROCID=0 "$@" && wait $!
"""

SCONTROL = """#!/bin/sh
[ "$1 $2 $3" = "show hostnames a[1-2]" ] && echo 127.0.0.1 && echo 127.0.0.2
"""


@pytest.mark.long
def test_several_machines_train(built: Path, tmp_path: Path) -> None:
    before, torchrun, slurm, after = examples(PAGE, "sh")[3:]
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, script in (("srun", SRUN), ("scontrol", SCONTROL)):
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    set_params(built, {"execution.threads": 1})
    variables = environment(OMP_NUM_THREADS="1", SLURM_JOB_NODELIST="a[1-2]", MASTER_PORT=str(free_port()))
    variables |= lend_environment(built)
    variables["PATH"] = f"{tools}{os.pathsep}{variables['PATH']}"

    def shell(script: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["sh", "-ec", script], cwd=built, env=variables, stderr=subprocess.PIPE, text=True)

    def model() -> bytes:
        return (built / "data" / "models" / "full" / "model.safetensors").read_bytes()

    def run(*scripts: str) -> None:
        for process in [shell(script) for script in scripts]:
            said = process.communicate(timeout=300)[1]
            assert not process.returncode, said

    run(before)
    mine = torchrun.replace("29500", str(free_port()))
    run(mine, mine.replace("--node-rank 0", "--node-rank 1"))
    by_torchrun = model()
    run(slurm)
    assert model() == by_torchrun
    commit, repro = after.splitlines()
    run(commit)
    assert repro == "dvc repro"
    assert "data/models/full" not in dvc(built, "status", "train@full").stdout
    recorded = (built / "dvc.lock").read_text()
    dvc(built, "repro", "train@full")
    assert model() == by_torchrun and (built / "dvc.lock").read_text() == recorded
