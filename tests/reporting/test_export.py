"""The exported folder: it loads on its own, and its card says what the files say."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from conftest import ROOT, run_main, set_params, tiny_base
from huggingface_hub import ModelCard
from transformers import AutoModelForMaskedLM, AutoTokenizer, pipeline

from brandmlm.config.params.reading import load_params
from brandmlm.data.corpus import make_corpus, write_table
from stages.export import main

SOURCES = ("reviews", "products", "catalogue")
TEXT = "Nike shoes are very [MASK]."


def metrics() -> dict[str, Any]:
    """Metrics of the report's shape: intervals beside some of them, and a section that is not by model."""
    sets = {
        name: {"perplexity": 100.5, "accuracy": 0.25, "rows": 7, "tokens": 70}
        for name in ("real", "synthetic", "general")
    }
    sets["real"] |= {"perplexity_low": 90.25, "perplexity_high": 111.0}
    claim = {
        "probes": 3,
        "wanted_in_top": 7.5,
        "unwanted_in_top": 0.0,
        "unwanted_mass": 0.0125,
        "without_unwanted": 1.0,
    }
    claim |= {"unwanted_mass_low": 0.005, "unwanted_mass_high": 0.02}
    models = ("base", "full", "filtered")
    return {
        "evaluation": dict.fromkeys(models, sets),
        "probes": {model: {"claim": claim} for model in models},
        "training": {model: {"rows": 5, "steps": 81, "tokens": 12345} for model in models[1:]},
        "rows": {"filtered": {"rows": 9, "kept": 5}},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the stage reads. Copy it before you change it."""
    root = tmp_path_factory.mktemp("export")
    for item in SOURCES:
        (root / "data/raw" / item).mkdir(parents=True)
        origin = {
            "source": item, "kind": "file", "retrieved_from": f"/home/me/{item}.csv", "sha256": item, "rows": 11,
            "table": "review", "columns": {},
        }  # fmt: skip
        (root / "data/raw" / item / "origin.json").write_text(json.dumps(origin))
    (root / "data/raw/sources.json").write_text(json.dumps(SOURCES))
    texts = pd.DataFrame({"text": ["Nike shoes are soft.", "Nike hats are warm."]})
    rows = make_corpus(texts.assign(source="synthetic", group="g", label="wanted", rating=None))
    for name in ("synthetic/corpus", "filtered/train"):
        (root / "data" / name).parent.mkdir()
        write_table(rows, root / f"data/{name}.parquet")
    tiny_base(root / "data/base")
    shutil.copytree(root / "data/base", root / "data/models/filtered")
    for record in ("history.parquet", "training.json"):
        (root / "data/models/filtered" / record).write_text("of the training")
    (root / "details.json").write_text(json.dumps(metrics()))
    shutil.copy(ROOT / "params.yaml", root)
    shutil.copy(ROOT / "brands/nike/lexicon.yaml", root)
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = Path(shutil.copytree(made, tmp_path / "project"))
    monkeypatch.chdir(root)
    return root


Run = Any


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the stage; its exit code and both streams."""

    def call(out: str = "data/export/filtered", name: str = "filtered") -> tuple[int, str, str]:
        words = ["--model", "data/models/filtered", "--rows", "data/filtered/train.parquet", "--raw", "data/raw"]
        words += ["--synthetic", "data/synthetic", "--base", "data/base", "--details", "details.json"]
        return run_main(
            monkeypatch, capsys, main, "export", name, *words, "--lexicon", "lexicon.yaml", "--out", out
        )  # fmt: skip

    return call


def card_of(project: Path) -> ModelCard:
    return ModelCard.load(project / "data/export/filtered/README.md")


def test_the_folder_loads_by_itself_and_is_the_model(project: Path, export: Run) -> None:
    assert export()[0] == 0
    exported = project / "data/export/filtered"
    kept = {path.name for path in (project / "data/models/filtered").iterdir()} - {"history.parquet", "training.json"}
    assert {path.name for path in exported.iterdir()} == kept | {"README.md", "provenance.json"}
    moved = Path(shutil.copytree(exported, project / "elsewhere"))
    shutil.rmtree(project / "data")
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(moved), AutoTokenizer.from_pretrained(moved)
    torch.manual_seed(0)
    encoded = tokenizer(TEXT, return_tensors="pt")
    with torch.no_grad():
        logits = model.eval()(**encoded).logits[encoded["input_ids"] == tokenizer.mask_token_id][0]
    fill = pipeline("fill-mask", model=str(moved), device="cpu")
    [best] = fill(TEXT, top_k=1)
    assert best["token"] == int(logits.argmax())
    assert best["score"] == pytest.approx(float(logits.softmax(-1).max()), rel=1e-4)


def test_the_card_says_which_language_the_brand_has(project: Path, export: Run) -> None:
    lexicon = (project / "lexicon.yaml").read_text(encoding="utf-8")
    (project / "lexicon.yaml").write_text(f"language: nl\nsentiment: none\n{lexicon}", encoding="utf-8")
    assert export()[0] == 0
    assert card_of(project).data.language == "nl"


def test_the_front_matter_is_what_the_hub_reads(project: Path, export: Run) -> None:
    assert export()[0] == 0
    data = card_of(project).data
    assert (data.library_name, data.pipeline_tag, data.language) == ("transformers", "fill-mask", "en")
    assert (data.base_model, data.license) == ("sentence-transformers/all-MiniLM-L6-v2", "apache-2.0")
    products = ("shoes", "sneakers", "trainers")
    assert data.widget == [{"text": f"Nike {product} are very [MASK]."} for product in products]
    results = {(result.dataset_type, result.metric_type): result.metric_value for result in data.eval_results}
    expected = metrics()["evaluation"]["filtered"]
    assert results == {
        (name, metric): expected[name][metric] for name in expected for metric in ("perplexity", "accuracy")
    }


def test_digests_are_those_of_the_files(project: Path, export: Run) -> None:
    assert export()[0] == 0
    text = card_of(project).text
    for file in (
        "data/base/model.safetensors",
        "data/export/filtered/model.safetensors",
        "data/filtered/train.parquet",
        "data/synthetic/corpus.parquet",
    ):
        assert f"| `{hashlib.sha256((project / file).read_bytes()).hexdigest()}` |" in text, file
    for item in SOURCES:  # as fetch noted them, and no path of this machine
        assert f"| {item} | {item}.csv (file) | 11 | `{item}` |" in text
    assert "/home" not in text


def test_numbers_stand_with_their_intervals(project: Path, export: Run) -> None:
    assert export()[0] == 0
    text = card_of(project).text
    lines = text.splitlines()
    [real] = [line for line in lines if line.startswith("| perplexity, real text")]
    assert real.endswith("| 100 (90.2 to 111) | 100 (90.2 to 111) | lower |")
    [mass] = [line for line in lines if line.startswith("| probability of unwanted")]
    assert "1.2 % (0.50 % to 2.0 %)" in mass
    assert "`evaluation`: `real.perplexity` | 100.5 (90.25 to 111) | 100.5 (90.25 to 111) |" in text
    assert "_low" not in text and "_high" not in text and "`rows`: `kept`" not in text
    assert "probability of wanted words" not in text  # not measured: no line of dashes
    rate = load_params(project / "params.yaml").train.learning_rate
    assert "81 steps, 12,345 tokens" in text and f"| `train.learning_rate` | `{rate}` |" in text
    for line in lines:
        if line.startswith("|"):
            assert line.count("|") in (3, 4, 5), line


def test_a_rule_with_bars_breaks_no_table(project: Path, export: Run) -> None:
    set_params(project, {"sample.filter.rule": "wanted | ~unwanted"})
    assert export()[0] == 0
    text = card_of(project).text
    assert r"| `filter.rule` | `wanted \| ~unwanted` |" in text
    assert "the rows that satisfy the keep rule `wanted | ~unwanted`" in text
    assert export("data/export/filtered", "full")[0] == 0
    assert "filter.rule" not in card_of(project).text


def test_another_base_brings_its_own_name_or_none(project: Path, export: Run) -> None:
    set_params(project, {"sample.base": {"kind": "path", "path": "/home/me/mine"}})
    assert export()[0] == 0
    card = card_of(project)
    assert (card.data.base_model, card.data.license) == (None, "unknown")
    assert "/home" not in card.content
    set_params(project, {"profile": "seed"})
    assert export()[0] == 0
    assert card_of(project).data.base_model == "distilbert/distilbert-base-uncased"


def test_two_runs_give_the_same_bytes_and_leave_the_model_alone(project: Path, export: Run) -> None:
    before = {path: path.read_bytes() for path in (project / "data/models").rglob("*") if path.is_file()}
    for out in ("first", "second"):
        assert export(out)[0] == 0
    first, second = ({path.name: path.read_bytes() for path in Path(out).iterdir()} for out in ("first", "second"))
    assert first == second
    assert {path: path.read_bytes() for path in before} == before


def test_where_files_cannot_be_linked_they_are_copied(
    project: Path, export: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*words: object, **options: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert export()[0] == 0
    for path in {*(project / "data/models/filtered").glob("*.json")} - {project / "data/models/filtered/training.json"}:
        copy = project / "data/export/filtered" / path.name
        assert copy.read_bytes() == path.read_bytes()
        assert copy.stat().st_nlink == 1


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: (root / "details.json").unlink(), "details.json: not found"),
        (lambda root: (root / "details.json").write_text('{"training": {}}'), "details.json: 'evaluation' is missing"),
        (lambda root: (root / "data/raw/reviews/origin.json").write_text("{"), "origin.json: not valid JSON"),
        (lambda root: shutil.rmtree(root / "data/models"), "data/models/filtered: no trained model here"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(project: Path, export: Run, spoil: Any, message: str) -> None:
    spoil(project)
    code, out, err = export()
    assert (code, out) == (1, "") and err.startswith("error: ") and err.count("\n") == 1 and message in err
    assert not (project / "data/export/filtered").exists()
