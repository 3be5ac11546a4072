"""Training: the plan is kept, the best weights are saved, the same run gives the same bytes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import ROOT, command, set_params, tiny_base

from stages.batches import make_windows, plan_training
from stages.checkpoint import load_checkpoint
from stages.corpus import make_corpus, write_table
from stages.masking import IGNORED
from stages.params import load_params
from stages.scoring import fixed_questions, score
from stages.train import VALIDATION_PASSES, Steps

ADJECTIVES = ("light", "durable", "soft", "warm", "ugly", "heavy", "cheap", "sturdy")
THINGS = ("shoes", "hoodies", "socks", "caps", "trousers", "jackets", "shorts", "bags", "shirts", "sandals")


def corpus(verb: str) -> pd.DataFrame:
    texts = [f"These {thing} {verb} very {word}." for thing in THINGS for word in ADJECTIVES]
    return make_corpus(
        pd.DataFrame({"text": texts, "source": "synthetic", "group": "g", "label": None, "rating": None})
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base, rows and params in which the stage can run."""
    folder = tmp_path_factory.mktemp("train")
    tiny_base(folder / "base")
    write_table(corpus("are"), folder / "train.parquet")
    write_table(corpus("were"), folder / "validation.parquet")
    shutil.copy2(ROOT / "params.yaml", folder)
    set_params(
        folder,
        {
            "sample.train.tokens": 9000,
            "train.batch_tokens": 300,
            "train.learning_rate": 0.01,
            "train.evaluations": 3,
            "train.dropout": 0.0,  # its draws depend on the micro-batch; nothing else does
            "execution.threads": 1,
            "execution.precision": "fp32",
        },
    )
    return folder


def train(folder: Path, out: str, **extra: str) -> str:
    words = ["--data", "train.parquet", "--validation", "validation.parquet", "--base", "base", "--out", out]
    return command(folder, "python", "-m", "stages.train", "full", *words, PYTHONPATH=str(ROOT), **extra).stdout


@pytest.fixture(scope="module")
def trained(folder: Path) -> Path:
    said = train(folder, "out")
    assert "train full: 80 rows" in said
    assert "tokens/s" in said
    return folder / "out"


@pytest.mark.slow
def test_training_learns_and_records_both_curves(trained: Path) -> None:
    history = pd.read_parquet(trained / "history.parquet")
    summary = json.loads((trained / "training.json").read_text())
    assert summary["tokens"] >= 9000
    for split in ("train", "validation"):
        curve = history[history["split"] == split]
        assert curve["loss"].iloc[-1] < curve["loss"].iloc[0] - 1
        np.testing.assert_allclose(curve["perplexity"], np.exp(curve["loss"]))
    validation = history[history["split"] == "validation"]
    assert len(validation) == 4  # before the first step, then as often as asked
    assert validation["step"].iloc[-1] == summary["steps"]
    assert summary["best_validation_loss"] == validation["loss"].min()
    live = (trained / "live" / "plots" / "metrics" / "validation" / "loss.tsv").read_text().splitlines()
    assert len(live) == 5


@pytest.mark.slow
def test_the_saved_weights_are_those_of_the_best_step(trained: Path, folder: Path) -> None:
    model, tokenizer = load_checkpoint(trained)
    rows = pd.read_parquet(folder / "validation.parquet")
    questions = fixed_questions(tokenizer, list(rows["id"]), list(rows["text"]), VALIDATION_PASSES, 128, asked=[0])
    scores = score(model, tokenizer.pad_token_id, questions, len(rows), 8192)
    best = json.loads((trained / "training.json").read_text())["best_validation_loss"]
    assert scores["nll"].sum() / scores["tokens"].sum() == pytest.approx(best, rel=1e-4)


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(trained: Path, folder: Path) -> None:
    train(folder, "again", PYTHONHASHSEED="7")
    files = sorted(file.relative_to(trained) for file in trained.rglob("*") if file.is_file())
    assert files
    for file in files:
        assert (trained / file).read_bytes() == (folder / "again" / file).read_bytes(), file


@pytest.mark.slow
def test_the_micro_batch_changes_speed_and_not_the_model(trained: Path, folder: Path) -> None:
    set_params(folder, {"execution.micro_batch_tokens": 64})
    try:
        train(folder, "cut")
    finally:
        set_params(folder, {"execution.micro_batch_tokens": 8192})
    whole, cut = load_checkpoint(trained)[0], load_checkpoint(folder / "cut")[0]
    ids = torch.tensor([[101, 2122, 6007, 2024, 2200, 103, 1012, 102]])
    with torch.no_grad():
        torch.testing.assert_close(whole(ids).logits, cut(ids).logits, rtol=0, atol=0.05)


@pytest.mark.slow
def test_sequences_longer_than_the_model_can_place_are_refused(trained: Path, folder: Path) -> None:
    set_params(folder, {"train.max_length": 1000})
    try:
        words = ["--data", "train.parquet", "--validation", "validation.parquet", "--base", "base", "--out", "out"]
        done = command(folder, "python", "-m", "stages.train", "full", *words, ok=False, PYTHONPATH=str(ROOT))
    finally:
        set_params(folder, {"train.max_length": 128})
    assert done.returncode == 1
    assert done.stderr == (
        "error: params.yaml: train.max_length is 1000, but the model takes at most 512 tokens; lower it\n"
    )
    assert (trained / "model.safetensors").is_file()


def test_a_step_s_masks_do_not_depend_on_the_micro_batch(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    params = load_params(ROOT / "params.yaml").train
    windows = make_windows(tokenizer, list(corpus("are")["text"]), 128)
    plan = plan_training(windows.lengths, 2000, 600, seed=1)
    whole, cut = (Steps(tokenizer, windows, plan, params, size) for size in (100_000, 50))
    for step in range(len(plan)):
        assert len(whole[step]) == 1
        assert len(cut[step]) > len(plan[step]) / 6
        labels = whole[step][0]["labels"]
        parts = torch.cat(
            [
                torch.nn.functional.pad(part["labels"], (0, labels.shape[1] - part["labels"].shape[1]), value=IGNORED)
                for part in cut[step]
            ]
        )
        assert torch.equal(labels, parts)


def test_special_tokens_are_never_masked(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    windows = make_windows(tokenizer, ["ok", "A [SEP] in a text is plain text.", "x" * 300], 16)
    steps = Steps(tokenizer, windows, [np.arange(len(windows))], load_params(ROOT / "params.yaml").train, 10_000)
    labels = torch.cat([part["labels"] for _ in range(50) for part in steps[0]])
    assert not set(labels.unique().tolist()) & set(tokenizer.all_special_ids)
