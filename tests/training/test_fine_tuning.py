"""Training from Python, as in a notebook: a table and a base in, a model out."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
import torch
from conftest import ROOT, tiny_base
from datasets import Dataset

from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.training.environment import RunOptions
from brandmlm.training.fine_tuning import train
from brandmlm.training.optimizer import make_optimizer
from brandmlm.training.recipe import EXECUTION, RECIPE, make_recipe

ROWS = pd.DataFrame({"text": [f"These {thing} are comfortable." for thing in ("shoes", "socks", "caps", "bags")] * 9})
QUIET = RunOptions(say=lambda message: None)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_base(tmp_path / "base")


@pytest.fixture(autouse=True)
def torch_settings() -> object:
    """A training sets torch up for its process; other tests in this one keep their own settings."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(deterministic)


def test_defaults_are_those_of_params_yaml() -> None:
    params = load_params(ROOT / "params.yaml")
    assert (params.train, params.execution) == (RECIPE, EXECUTION)


@pytest.mark.parametrize(
    ("tokens", "step"), [(1, 128), (16_000, 256), (50_000, 512), (200_000, 1024), (800_000, 2048), (3_000_000, 3968)]
)
def test_steps_follow_from_the_tokens(tokens: int, step: int) -> None:
    assert make_recipe(None, {"tokens": tokens}).step_tokens == step
    assert make_recipe(None, {"tokens": tokens, "batch_tokens": 300}).step_tokens == 300


def test_the_second_moment_s_half_life_is_kept_in_tokens() -> None:
    model = torch.nn.Linear(2, 2)
    for tokens in (128, 256, 512, 1024):
        (beta2,) = {group["betas"][1] for group in make_optimizer(model, 1e-3, 0.0, tokens).param_groups}
        assert tokens * math.log(0.5) / math.log(beta2) == pytest.approx(1024 * math.log(0.5) / math.log(0.999))
    assert make_optimizer(model, 1e-3, 0.0, 4096).param_groups[0]["betas"] == (0.9, 0.999)


def test_a_table_and_a_base_give_a_model_that_predicts(base: Path, tmp_path: Path) -> None:
    values = {"tokens": 1500, "batch_tokens": 100, "learning_rate": 0.01, "wise_ft_alpha": 1.0}
    result = train(ROWS, base, options=QUIET, **values)
    assert result.predictor.predict("These shoes are [MASK].", top=1)[0].token == "comfortable"
    assert result.summary.tokens >= 1500 and result.summary.validation_loss is None
    assert set(result.history["split"]) == {"train"}
    result.save(tmp_path / "out")
    saved, _ = load_checkpoint(tmp_path / "out")
    for name, value in saved.state_dict().items():
        assert torch.equal(value, result.model.state_dict()[name]), name

    again = train(Dataset.from_pandas(ROWS), base, RECIPE, validation=ROWS.head(4), options=QUIET, **values)
    losses = again.history["loss"][again.history["split"] == "validation"]
    assert again.summary.best_checkpoint_loss == losses.min() < losses.iloc[0] - 3
    assert again.summary.validation_loss == pytest.approx(losses.min(), rel=1e-4)  # alpha 1: not interpolated
    assert set(again.summary.validation_loss_by_set) == {"real"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rat": 1e-3}, "train: learning_rat: .*not permitted"),
        ({"dropout": 2.0}, "train: dropout: .*less than 1; it is 2.0"),
        ({"max_length": 1000}, "train.max_length is 1000"),
    ],
)
def test_a_wrong_value_is_one_line(values: dict[str, float], message: str, base: Path) -> None:
    with pytest.raises(UserError, match=message):
        train(ROWS, base, options=QUIET, **values)
