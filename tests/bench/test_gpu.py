"""The script for a GPU runs as far as a processor can."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bases import tiny_base

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_every_variant_runs_or_says_why_not(tmp_path: Path) -> None:
    base_folder = tiny_base(tmp_path / "base")
    words = ["bash", "bench/gpu.sh", "--device", "cpu", "--dry", "--base", str(base_folder)]
    env = {**os.environ, "PYTHON": sys.executable, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    measured = [row for row in rows if "tokens/s" not in row and "no: " not in row and "**" not in row]
    assert len(measured) == 2 * 11  # of both shapes, all but those with a CUDA graph and two packages
    assert all(int(row.split("|")[2].replace(",", "")) > 0 for row in measured)
    assert sum("CUDA" in row for row in rows if "no: " in row) == 2 * 3


def test_a_missing_gpu_is_said_in_one_line(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "bench.gpu", "--base", str(tmp_path)]
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(words, cwd=ROOT, env=hidden, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: torch sees no GPU")
