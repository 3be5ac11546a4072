"""docs/scale.md keeps its word: a cluster that its commands start cleans the rows of `dvc repro` to the same bytes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, dvc, lend_environment, set_params
from pages import commands, examples

PAGE = "docs/scale.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    _, scheduler, worker, repro = commands(PAGE)
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
