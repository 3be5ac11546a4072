"""Training: the plan is kept, the best weights are saved, the same run gives the same bytes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import ROOT, command, environment, python_alone, set_params, tiny_base
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.params.reading import load_params
from brandmlm.config.params.train import Train
from brandmlm.data.corpus import make_corpus, write_table
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import score
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED
from brandmlm.modeling.weights import set_dropout
from brandmlm.training.corpus_dataset import as_dataset
from brandmlm.training.fine_tuning import plan_steps
from brandmlm.training.loss import Objective
from brandmlm.training.steps import Division, Step, Steps, TokenizedRows
from brandmlm.training.tokenized import MASK_FOLDS, tokenize_rows
from brandmlm.training.workers import make_workers

ADJECTIVES = ("light", "durable", "soft", "warm", "ugly", "heavy", "cheap", "sturdy")
UNWANTED = ("ugly", "heavy", "cheap")
THINGS = ("shoes", "hoodies", "socks", "caps", "trousers", "jackets", "shorts", "bags", "shirts", "sandals")


def corpus(verb: str) -> pd.DataFrame:
    rows = [
        (f"These {thing} {verb} very {word}.", "unwanted" if word in UNWANTED else "wanted", word)
        for thing in THINGS for word in ADJECTIVES
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["text", "label", "word"])
    return make_corpus(table.assign(source="synthetic", group="g", rating=None))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a base, rows and params in which the stage can run."""
    folder = tmp_path_factory.mktemp("train")
    tiny_base(folder / "base")
    write_table(corpus("are"), folder / "train.parquet")
    write_table(corpus("were"), folder / "validation.parquet")
    (folder / "general.txt").write_text(
        "The lake froze in the night.\nWho has seen my other glove?\n", encoding="utf-8"
    )
    shutil.copy2(ROOT / "params.yaml", folder)
    set_params(
        folder,
        {
            "sample.train.tokens": 9000,
            "train.batch_tokens": 300,
            "train.learning_rate": 0.01,
            "train.num_evals": 3,
            "train.wise_ft_alpha": 1.0,
            "train.dropout": 0.0,  # its draws depend on the micro-batch; nothing else does
            "execution.threads": 1,
            "execution.precision": "fp32",
        },
    )
    return folder


def words(out: str, data: str = "train.parquet", python: str = "python") -> list[str]:
    """The command that trains in the folder."""
    inputs = ["--data", data, "--validation", "validation.parquet", "--replay", "general.txt", "--base", "base"]
    places = ["--checkpoints", f"checkpoints/{out}", "--live", "live", "--out", out]
    return [python, "-m", "stages.train", "full", *inputs, *places]


def train(folder: Path, out: str, **extra: str) -> str:
    return command(folder, *words(out), PYTHONPATH=str(ROOT), **extra).stdout


@pytest.fixture(scope="module")
def trained(folder: Path) -> Path:
    scratch, cache = folder / "scratch", folder / "cache"
    scratch.mkdir()
    said = train(folder, "out", TMPDIR=str(scratch), HF_HOME=str(cache), HF_DATASETS_CACHE=str(cache))
    assert "train full: 80 rows" in said
    assert "tokens/s" in said
    assert not list(scratch.iterdir()) and not cache.exists()
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
    assert summary["best_checkpoint_loss"] == validation["loss"].min()
    assert not (trained.parent / "live").exists()  # the curves of a finished training are the report's


@pytest.mark.slow
def test_the_saved_weights_are_those_of_the_best_step(trained: Path, folder: Path) -> None:
    model, tokenizer = load_checkpoint(trained)
    rows = pd.read_parquet(folder / "validation.parquet")
    examples = fixed_mask_examples(tokenizer, list(rows["id"]), list(rows["text"]), MASK_FOLDS, 128, only_folds=[0])
    scores = score(model, tokenizer.pad_token_id, examples, len(rows), 8192)
    summary = json.loads((trained / "training.json").read_text())
    loss = scores["nll"].sum() / scores["tokens"].sum()
    # Weights that are not interpolated are those of the best step.
    assert loss == pytest.approx(summary["best_checkpoint_loss"], rel=1e-4)
    assert loss == pytest.approx(summary["validation_loss"], rel=1e-4)


@pytest.mark.slow
def test_interpolated_weights_lie_between_the_base_and_the_trained_ones(trained: Path, folder: Path) -> None:
    set_params(folder, {"train.wise_ft_alpha": 0.25})
    try:
        train(folder, "between")
    finally:
        set_params(folder, {"train.wise_ft_alpha": 1.0})
    base, all_the_way, between = (
        load_checkpoint(place)[0].state_dict() for place in (folder / "base", trained, folder / "between")
    )
    assert any(not torch.equal(base[name], all_the_way[name]) for name in base)
    for name, value in between.items():
        torch.testing.assert_close(value, 0.75 * base[name] + 0.25 * all_the_way[name], msg=name)
    summary, full = (json.loads((place / "training.json").read_text()) for place in (folder / "between", trained))
    assert summary["validation_loss"] != full["validation_loss"]
    assert summary["best_checkpoint_loss"] == pytest.approx(full["best_checkpoint_loss"])


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
    (whole, tokenizer), (cut, _) = load_checkpoint(trained), load_checkpoint(folder / "cut")
    inputs = tokenizer("These shoes are very [MASK].", return_tensors="pt")
    with torch.no_grad():
        torch.testing.assert_close(whole(**inputs).logits, cut(**inputs).logits, rtol=0, atol=0.05)


def start(folder: Path, out: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words(out, python=sys.executable), cwd=folder, env=environment(PYTHONPATH=str(ROOT)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def checkpoint(folder: Path, out: str) -> Path | None:
    return next(iter((folder / "checkpoints" / out).glob("*/step-*")), None)


@pytest.fixture
def eager(folder: Path) -> Iterator[Path]:
    """The folder with a checkpoint after every step, and dropout, whose draws a resumed training has to go on with."""
    set_params(folder, {"execution.checkpoint_s": 0, "train.dropout": 0.1})
    yield folder
    set_params(folder, {"execution.checkpoint_s": 60, "train.dropout": 0.0})


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(eager: Path) -> None:
    train(eager, "whole")
    killed = start(eager, "killed")
    try:
        deadline = time.monotonic() + 120
        while not (found := checkpoint(eager, "killed")) or int(found.name.removeprefix("step-")) < 8:
            assert killed.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        killed.kill()
        killed.wait()
    assert not (eager / "killed").exists()
    assert checkpoint(eager, "killed")
    # A disk that is full while saving: one line, and the checkpoint of before is whole.
    full = ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh"]
    done = command(eager, *full, *words("killed", python=sys.executable), ok=False, PYTHONPATH=str(ROOT))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "checkpoint cannot be saved: File too large; raise the limit" in line
    assert not (eager / "killed").exists()

    assert "resuming from" in train(eager, "killed")
    files = sorted(file.relative_to(eager / "whole") for file in (eager / "whole").rglob("*") if file.is_file())
    for file in files:
        assert (eager / "whole" / file).read_bytes() == (eager / "killed" / file).read_bytes(), file
    assert not (eager / "checkpoints" / "killed").exists()


@pytest.mark.slow
def test_two_processes_train_the_same_model(trained: Path, folder: Path) -> None:
    set_params(folder, {"execution.processes": 2})
    try:
        train(folder, "two")
        # A warning is for the user, not for each process.
        long = corpus("are")
        write_table(long.assign(word="un-" + long["word"]), folder / "long.parquet")
        set_params(folder, {"sample.train.tokens": 300})
        done = command(folder, *words("long", "long.parquet"), PYTHONPATH=str(ROOT))
        assert done.stderr.count("training rows: only 0 of 8 words are a single token") == 1
        assert "no contrastive loss: it needs rows with wanted words and rows with unwanted ones" in done.stdout
    finally:
        set_params(folder, {"execution.processes": 1, "sample.train.tokens": 9000})
    one, two = load_checkpoint(trained)[0], load_checkpoint(folder / "two")[0]
    for (name, a), (_, b) in zip(one.named_parameters(), two.named_parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=2e-3, msg=name)
    loss = [
        json.loads((out / "training.json").read_text())["best_checkpoint_loss"] for out in (trained, folder / "two")
    ]
    assert loss[0] == pytest.approx(loss[1], rel=1e-4)


@pytest.fixture
def compiling(folder: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Params that ask for compiled layers; the environment in which none is compiled yet."""
    set_params(folder, {"execution.compile": True})
    yield {"TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    set_params(folder, {"execution.compile": False})


@pytest.mark.long  # a compiler's time
@pytest.mark.skipif(shutil.which("c++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled_layers_train_the_same_model(trained: Path, folder: Path, compiling: dict[str, str]) -> None:
    train(folder, "compiled", **compiling)
    assert any(Path(compiling["TORCHINDUCTOR_CACHE_DIR"]).rglob("*.so"))
    plain, compiled = load_checkpoint(trained)[0], load_checkpoint(folder / "compiled")[0]
    for (name, a), (_, b) in zip(plain.named_parameters(), compiled.named_parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=2e-3, msg=name)


@pytest.mark.slow
def test_no_compiler_is_one_line(folder: Path, compiling: dict[str, str]) -> None:
    done = command(folder, *words("none"), ok=False, PYTHONPATH=str(ROOT), PATH=python_alone(), **compiling)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: params.yaml: execution.compile: torch cannot (InvalidCxxCompiler" in done.stderr


@pytest.mark.slow
def test_an_error_in_several_processes_is_one_line(folder: Path) -> None:
    set_params(folder, {"execution.processes": 2})
    try:
        done = command(folder, *words("none", data="none.parquet"), ok=False, PYTHONPATH=str(ROOT))
    finally:
        set_params(folder, {"execution.processes": 1})
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith("error: ")][1:] == []
    assert "none.parquet" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_loss_that_is_not_finite_is_one_line(folder: Path) -> None:
    set_params(folder, {"train.learning_rate": 1e9})
    try:
        done = command(folder, *words("none"), ok=False, PYTHONPATH=str(ROOT))
    finally:
        set_params(folder, {"train.learning_rate": 0.01})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: params.yaml: train.learning_rate: the train loss is not finite at step" in done.stderr


@pytest.mark.slow
def test_sequences_longer_than_the_model_can_place_are_refused(trained: Path, folder: Path) -> None:
    set_params(folder, {"train.max_length": 1000})
    try:
        done = command(folder, *words("out"), ok=False, PYTHONPATH=str(ROOT))
    finally:
        set_params(folder, {"train.max_length": 128})
    assert done.returncode == 1
    assert done.stderr == (
        "error: params.yaml: train.max_length is 1000, but the model takes at most 512 tokens; lower it\n"
    )
    assert (trained / "model.safetensors").is_file()


def tokenized(tokenizer: PreTrainedTokenizerBase, rows: pd.DataFrame, max_length: int, folder: Path) -> TokenizedRows:
    return tokenize_rows(tokenizer, as_dataset(rows), max_length, folder / "chunks.arrow")


def whole_rows(**values: float) -> Train:
    """The recipe, with all punctuation read."""
    recipe = load_params(ROOT / "params.yaml").train
    return recipe.model_copy(update={"drop_final_punctuation": 0.0, **values})


def plain_loss(model: PreTrainedModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross-entropy at masked positions, summed."""
    masked = batch["labels"] != IGNORED
    logits = masked_logits(model, batch["input_ids"], batch["attention_mask"], masked, batch["position_ids"])
    return torch.nn.functional.cross_entropy(logits, batch["labels"][masked], reduction="sum")


def unpacked(step: Step) -> list[tuple[list[int], list[int]]]:
    """The ids and labels of each text of a step, as its packs have them."""
    found = []
    for batch in step.micro_batches:
        for ids, labels, numbers, places in zip(
            *(batch[name] for name in ("input_ids", "labels", "attention_mask", "position_ids")), strict=True
        ):
            for number in range(1, int(numbers.max()) + 1):
                own = numbers == number
                assert places[own].tolist() == list(range(int(own.sum())))
                found.append((ids[own].tolist(), labels[own].tolist()))
    return found


@pytest.fixture
def planned(tmp_path: Path) -> tuple[PreTrainedModel, Callable[[Division], Steps]]:
    """A tiny model, and its steps under a division into micro-batches."""
    model, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    set_dropout(model, 0.0)
    chunks = tokenized(tokenizer, corpus("are"), 128, tmp_path)
    plan = plan_training(chunks.lengths, 2000, 600, seed=1)
    params = whole_rows()
    return model, lambda division: Steps(tokenizer, chunks, plan, params, division)


def test_a_step_s_masks_do_not_depend_on_the_micro_batch(
    planned: tuple[PreTrainedModel, Callable[[Division], Steps]],
) -> None:
    whole, cut = (planned[1](Division(size)) for size in (100_000, 50))
    for step in range(len(whole)):
        assert len(whole[step].micro_batches) == 1
        assert len(cut[step].micro_batches) > len(whole.plan[step]) / 6
        assert len(unpacked(whole[step])) == len(whole.plan[step])
        assert sorted(unpacked(whole[step])) == sorted(unpacked(cut[step]))


def test_a_step_has_its_rows_and_general_english_and_drops_final_marks(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    rows = corpus("are").assign(about=["brand", "other", "none", "brand"] * 20)
    general = ["The lake froze in the night.", "Who has seen my other glove?", "no mark here"]
    recipe = whole_rows(batch_tokens=100, tokens=3000, replay_share=0.3, drop_final_punctuation=0.5)
    planned = [
        plan_steps(tokenizer, as_dataset(rows), general, of, Division(10_000), tmp_path / f"{number}.arrow")
        for number, of in enumerate([recipe, recipe.model_copy(update={"anchor_weight": 0.0})])
    ]
    steps, plain = planned
    assert not plain.anchors.chunks.any() and plain.anchors.replay is None
    texts = {str(text).lower().replace(" ", ""): about for text, about in zip(rows["text"], rows["about"], strict=True)}
    english = {text.lower().replace(" ", "") for text in general}
    marked = read = extra = 0
    for step in range(len(steps)):
        ids, targets, anchored = steps.rows(step)
        assert [len(row) for row in ids] == [len(row) for row in targets]
        for row, held in zip(ids, anchored, strict=True):
            text = tokenizer.decode(row, skip_special_tokens=True).replace(" ", "")
            whole = next(full for full in (*texts, *english) if text in (full, full[:-1]))
            assert held == (whole in english or texts[whole] != "brand")
            read += whole in texts
            marked += whole in texts and text == whole
            extra += len(row) if whole in english else 0
    assert 0.4 < marked / read < 0.6
    assert extra / steps.tokens == pytest.approx(0.3, abs=0.08)


def test_an_epoch_has_a_real_row_as_often_as_asked(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    rows = corpus("are").assign(source=["synthetic"] * 60 + ["reviews"] * 20)
    times = np.array([1] * 60 + [3] * 20)
    epoch = int((tokenized(tokenizer, rows, 128, tmp_path).lengths * times).sum())
    recipe = whole_rows(batch_tokens=100, tokens=epoch, real_repeats=3)
    steps = plan_steps(tokenizer, as_dataset(rows), [], recipe, Division(10_000), tmp_path / "again.arrow")
    assert np.array_equal(np.bincount(np.concatenate(steps.plan), minlength=80), times)


def test_special_tokens_are_never_masked(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    rows = pd.DataFrame({"text": ["ok", "A [SEP] in a text is plain text.", "x" * 300]})
    chunks = tokenized(tokenizer, rows, 16, tmp_path)
    plan = [np.arange(len(chunks))] * 50
    steps = Steps(tokenizer, chunks, plan, whole_rows(), Division(10_000))
    labels = torch.cat([batch["labels"] for step in steps.starting_at(0) for batch in step.micro_batches])
    assert not set(labels.unique().tolist()) & set(tokenizer.all_special_ids)


def test_a_target_word_is_masked_with_a_probability_of_its_own(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    texts = [
        "The shoes that Nike makes for runners are really comfortable, and not only in summer.",
        "A comfortable review of comfortable shoes that nobody has labelled.",
        "Uncomfortable, unlike comfy ones: my uncomfortable socks slip down all the time.",
    ]
    rows = pd.DataFrame({"text": texts, "word": ["comfortable", None, "uncomfortable"]})
    chunks = tokenized(tokenizer, rows, 64, tmp_path)
    found = [
        tokenizer.decode(ids[mask.astype(bool)]) for ids, mask in zip(chunks.ids, chunks.target_words, strict=True)
    ]
    assert found == ["comfortable", "", "uncomfortable uncomfortable"]
    params = whole_rows(target_word_probability=0.6)
    steps = Steps(tokenizer, chunks, [np.arange(3)] * 1000, params, Division(100_000))
    places = {len(ids): number for number, ids in enumerate(chunks.ids)}
    assert len(places) == 3
    masked: dict[bool, list[bool]] = {True: [], False: []}
    for step in steps.starting_at(0):
        for ids, labels in unpacked(step):
            number = places[len(ids)]
            own = ~np.isin(chunks.ids[number], tokenizer.all_special_ids)
            for target, label in zip(chunks.target_words[number][own], np.array(labels)[own], strict=True):
                masked[bool(target)].append(label != IGNORED)
    assert np.mean(masked[True]) == pytest.approx(0.6, abs=0.03)
    assert np.mean(masked[False]) == pytest.approx(params.mlm_probability, abs=0.02)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_leave_the_gradient_of_the_whole_step(
    workers: int, planned: tuple[PreTrainedModel, Callable[[Division], Steps]]
) -> None:
    model, steps = planned
    (whole,) = steps(Division(100_000))[0].micro_batches
    step = steps(Division(100_000, workers))[0]
    assert len(step.micro_batches) == workers
    loss = plain_loss(model, whole) / step.masked
    loss.backward()
    right = {name: value.grad for name, value in model.named_parameters()}
    found = []
    for _ in range(2):
        model.zero_grad()
        assert make_workers(Objective(model), workers).backward(step) == pytest.approx(loss.item())
        found.append({name: value.grad for name, value in model.named_parameters()})
    for name, value in right.items():
        torch.testing.assert_close(found[0][name], value, rtol=1e-4, atol=1e-6, msg=name)
        assert torch.equal(found[0][name], found[1][name])


def test_workers_see_what_the_optimizer_did(planned: tuple[PreTrainedModel, Callable[[Division], Steps]]) -> None:
    model, make_steps = planned
    steps = make_steps(Division(100_000, 2))
    workers = make_workers(Objective(model), 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, fused=True)
    for number in range(2):
        workers.backward(steps[number])
        optimizer.step()
        optimizer.zero_grad()
    last = steps[2]
    loss = sum(float(plain_loss(model, batch).detach()) for batch in last.micro_batches) / last.masked
    assert workers.backward(last).item() == pytest.approx(loss, rel=1e-5)


def test_bf16_weights_are_rounded_once_and_gradients_summed_in_float32(
    planned: tuple[PreTrainedModel, Callable[[Division], Steps]],
) -> None:
    model, steps = planned
    largest = max(range(len(steps(Division(50)))), key=lambda step: steps(Division(50)).planned(step))
    small, whole = steps(Division(50))[largest], steps(Division(100_000))[largest]
    assert len(small.micro_batches) > 5
    make_workers(Objective(model), 1).backward(whole)
    exact = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.zero_grad()
    size = torch.cat([value.flatten() for value in exact.values()]).norm()
    workers = make_workers(Objective(model, bf16=True), 2)
    workers.backward(small)
    for name, value in model.named_parameters():
        assert value.dtype == torch.float32 and torch.equal(value, before[name])
        if name in exact:
            assert value.grad is not None and value.grad.dtype == torch.float32
            assert float((value.grad - exact[name]).norm() / size) < 0.02, name
    assert {own.dtype for replica in workers.replicas for own in replica.parameters} == {torch.bfloat16}
    assert all(own.grad is None for replica in workers.replicas for own in replica.parameters)


def test_frozen_and_padding_embeddings_have_no_gradient(
    planned: tuple[PreTrainedModel, Callable[[Division], Steps]],
) -> None:
    model, steps = planned
    embedding = model.get_input_embeddings()
    assert isinstance(embedding, torch.nn.Embedding) and embedding.padding_idx is not None
    step = steps(Division(100_000))[0]
    (batch,) = step.micro_batches
    (plain_loss(model, batch) / step.masked).backward()
    right = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    model.base_model.embeddings.position_embeddings.weight.requires_grad_(False)
    make_workers(Objective(model), 1).backward(step)
    for name, value in model.named_parameters():
        if "position" in name:
            assert value.grad is None
        elif name in right:
            torch.testing.assert_close(value.grad, right[name], rtol=1e-4, atol=1e-6, msg=name)
