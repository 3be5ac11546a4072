"""The bench of training recipes: every variant trains and is measured."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, Here, command, set_params, tiny_base

from bench.variants import RECIPES, Recipe, groups, make_schedule
from brandmlm.config.params.reading import load_params
from brandmlm.data.corpus import write_table
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.training.loop import TrainingState


@pytest.fixture
def benched(built: Path) -> Path:
    """A built project with the benchmarks."""
    shutil.copytree(ROOT / "bench", built / "bench", dirs_exist_ok=True)
    # Most of the time goes into measuring each of many models: a few rows and sentences do.
    validation = built / "data" / "split" / "validation.parquet"
    rows = pd.read_parquet(validation)
    validation.unlink()  # a link into DVC's cache
    write_table(rows.groupby("source").head(10), validation)
    sentences = built / "bench" / "sentences.yaml"
    for english in (built / "bench" / "general.txt", built / "bench" / "mixed.txt"):
        english.write_text(
            "".join(english.read_text(encoding="utf-8").splitlines(keepends=True)[:20]), encoding="utf-8"
        )
    text = sentences.read_text(encoding="utf-8")
    sentences.write_text(text.replace("{shoes|jackets|tshirts}", "shoes"), encoding="utf-8")
    return built


@pytest.mark.long
def test_every_recipe_has_its_line(benched: Path) -> None:
    set_params(benched, {"sample.filter.rule": "non_null"})  # all rows: a contrast needs words of both sides
    words = ("python", "-m", "bench.recipe", "--tokens", "2000", "--alphas", "1")
    said = command(benched, *words).stdout
    lines = [line.split(" | ") for line in said.splitlines()[2:]]
    assert [line[0].removeprefix("| ") for line in lines] == ["the base", *(recipe.name for recipe in RECIPES)]
    base, first, *others = ([float(number) for number in re.findall(r"[\d.]+", " ".join(line[2:]))] for line in lines)
    assert first[:3] != base[:3]
    # Dropout apart, which draws, each variant comes to a model of its own.
    assert len({tuple(other[:3]) for other in [first, *others]}) > len(RECIPES) - 3


@pytest.mark.slow
def test_keep_rules_side_by_side(benched: Path) -> None:
    words = ("python", "-m", "bench.recipe", "--tokens", "600", "--rules", "none", "~unwanted")
    said = command(benched, *words).stdout.splitlines()
    rows = [int(found.replace(",", "")) for found in re.findall(r", ([\d,]+) rows", "\n".join(said))]
    assert len(rows) == 2 and rows[0] > rows[1] > 0
    share = load_params(ROOT / "params.yaml").train.wise_ft_alpha
    assert all(f" | {share:.2f} | " in line for line in said[3:])


def test_a_recipe_that_is_not_there_is_named(here: Here) -> None:
    done = here(ROOT, "bench.recipe", "--only", "alchemy", ok=False)
    assert done.returncode == 1 and done.stderr.startswith("error: --only alchemy: no variant")


@pytest.mark.parametrize(("schedule", "peak"), [("linear", 10), ("cycle", 29), ("stable", 9)])
def test_the_rate_rises_and_falls(schedule: str, peak: int) -> None:
    rates = [make_schedule(schedule, 100, 0.1)(TrainingState(step)) for step in range(100)]
    assert max(rates) == 1.0 and rates[peak] == 1.0
    assert rates[:peak] == sorted(rates[:peak]) and rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.05


def test_layers_and_the_head_may_learn_at_rates_of_their_own(tmp_path: Path) -> None:
    model, _ = load_checkpoint(tiny_base(tmp_path / "base"))
    params = load_params(ROOT / "params.yaml").train.model_copy(update={"learning_rate": 0.01})
    names = {id(value): name for name, value in model.named_parameters()}
    rates = {
        names[id(value)]: group["lr"]
        for group in groups(model, Recipe("one", layer_decay=0.5, head_rate=4.0), params)
        for value in group["params"]
    }
    assert set(rates) == {name for name, _ in model.named_parameters()}
    layers = model.config.num_hidden_layers
    assert rates["cls.predictions.transform.dense.weight"] == pytest.approx(0.04)
    assert rates[f"bert.encoder.layer.{layers - 1}.output.dense.weight"] == pytest.approx(0.005)
    assert rates["bert.embeddings.word_embeddings.weight"] == pytest.approx(0.01 * 0.5 ** (layers + 1))
