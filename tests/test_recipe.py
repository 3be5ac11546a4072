"""The bench of training recipes: every variant trains and is measured."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Here, command, set_params

from bench.recipe import RECIPES, factor
from stages.params import load_params


@pytest.fixture
def benched(built: Path) -> Path:
    """A built project with the benchmarks."""
    shutil.copytree(ROOT / "bench", built / "bench", dirs_exist_ok=True)
    return built


@pytest.mark.slow
def test_every_recipe_has_its_line(benched: Path) -> None:
    set_params(benched, {"sample.filter.rule": "non_null"})  # all rows: a contrast needs words of both sides
    words = (sys.executable, "-m", "bench.recipe", "--tokens", "2000", "--shares", "1")
    said = command(benched, *words, "--rehearsal", "bench/general.txt").stdout
    lines = [line.split(" | ") for line in said.splitlines()[2:]]
    assert [line[0].removeprefix("| ") for line in lines] == ["the base", *(recipe.name for recipe in RECIPES)]
    base, first, *others = ([float(number) for number in re.findall(r"[\d.]+", " ".join(line[2:]))] for line in lines)
    assert first[:3] != base[:3]
    # Dropout apart, which draws, each variant comes to a model of its own.
    assert len({tuple(other[:3]) for other in [first, *others]}) > len(RECIPES) - 3


@pytest.mark.slow
def test_keep_rules_side_by_side(benched: Path) -> None:
    words = (sys.executable, "-m", "bench.recipe", "--tokens", "600", "--rules", "none", "~unwanted")
    said = command(benched, *words).stdout.splitlines()
    rows = [int(found.replace(",", "")) for found in re.findall(r", ([\d,]+) rows", "\n".join(said))]
    assert len(rows) == 2 and rows[0] > rows[1] > 0
    share = load_params(ROOT / "params.yaml").train.interpolation
    assert all(f" | {share:.2f} | " in line for line in said[3:])


def test_a_recipe_that_is_not_there_is_named(here: Here) -> None:
    done = here(ROOT, "bench.recipe", "--only", "alchemy", ok=False)
    assert done.returncode == 1 and done.stderr.startswith("error: --only alchemy: no variant")


@pytest.mark.parametrize(("schedule", "peak"), [("linear", 9), ("cycle", 29), ("stable", 9)])
def test_the_rate_rises_and_falls(schedule: str, peak: int) -> None:
    rates = [factor(schedule, step, 100, 0.1) for step in range(100)]
    assert max(rates) == 1.0 and rates[peak] == 1.0
    assert rates[:peak] == sorted(rates[:peak]) and rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.05
