"""The benchmark of tracing words runs, and what it checks holds for the sample's rows."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT, command


@pytest.mark.long
def test_the_index_is_measured_and_checked(built: Path, tmp_path: Path) -> None:
    for folder in ("split", "filtered"):
        shutil.copytree(built / "data" / folder, tmp_path / folder)
    asked = ["-m", "bench.explain", ".", "--times", "2", "--words", "shoes", "--check"]
    lines = command(tmp_path, sys.executable, *asked, PYTHONPATH=str(ROOT)).stdout.splitlines()
    rows = int(lines[0].split()[0].replace(",", ""))
    word, found, claims, index_s, plain_s = lines[-1].strip("| ").split(" | ")
    assert word == "shoes" and rows > int(found.replace(",", "")) >= int(claims.replace(",", "")) > 0
    assert int(found.replace(",", "")) % 2 == 0  # every row is there twice
    assert float(index_s) > 0 < float(plain_s)
