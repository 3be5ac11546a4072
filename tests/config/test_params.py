"""`params.yaml`: merged with the profile in force, typed, frozen; a mistake is named by its key."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, command, lend_environment, set_params
from pydantic import ValidationError

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.faults import RENAMED
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.sections import DVC_SECTIONS, IN_PROFILES, Sections, find_profiles, read_document
from brandmlm.config.params.train import Train
from brandmlm.core.errors import UserError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    return tmp_path / "params.yaml"


def test_the_profile_s_block_wins_over_the_common_section(file: Path) -> None:
    sample = load_params(file)
    set_params(file.parent, {"profile": "seed"})
    seed = load_params(file)
    assert (sample.synthesize.sentences, seed.synthesize.sentences) == (6000, 25000)
    assert sample.filter.match == "word"
    assert (seed.filter.match, seed.filter.rule) == ("substring", "brand & product & feature & positive")
    assert sample.train.weight_decay == seed.train.weight_decay
    assert list(seed.sources) == ["reviews", "products", "catalogue"]
    assert seed.sources["products"].kind == "dataworld"
    assert seed.base.kind == "hub"


def test_numbers_are_read_as_yaml_1_2(file: Path) -> None:
    text = file.read_text()
    line = next(line for line in text.splitlines() if "learning_rate:" in line)
    file.write_text(text.replace(line, "  learning_rate: 1e-4"))
    assert load_params(file).train.learning_rate == 0.0001


def test_params_are_frozen(file: Path) -> None:
    with pytest.raises(ValidationError):
        load_params(file).train.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"profile": "smaple"},
            "profile: 'smaple' is no profile; choose one of sample, quick, seed, quillstead, or add",
        ),
        ({"train.learning_rat": 0.1}, "train.learning_rat: unknown key; did you mean 'learning_rate'?"),
        ({"sample.train.learning_rat": 0.1}, "sample.train.learning_rat: unknown key"),
        ({"report.top": None, "report.tpo": 9}, "report.tpo: unknown key; did you mean 'top'?"),
        ({"trian": {}}, "trian: unknown key; did you mean 'train'?"),
        ({"train.learning_rate": "fast"}, "train.learning_rate: input should be a valid number; it is 'fast'"),
        ({"train.learning_rate": -1.0}, "train.learning_rate: input should be greater than 0; it is -1.0"),
        ({"sample.train.tokens": 1.5}, "sample.train.tokens: input should be a valid integer; it is 1.5"),
        ({"sample.train.tokens": None}, "train.tokens: missing"),
        (
            {"sample.sources.reviews.kind": "ftp"},
            "sample.sources.reviews.kind: 'ftp' is unknown; write 'sample', 'file', ",
        ),
        ({"sample.sources.reviews": "rows.csv"}, "sample.sources.reviews: 'rows.csv' is no section"),
        ({"sample.sources.reviews.pth": "x"}, "sample.sources.reviews.pth: unknown key; did you mean 'path'?"),
        (
            {"sample.sources.reviews.columns": {"txt": "a"}},
            "sample.sources.reviews.columns.txt: unknown key; did you mean 'text'?",
        ),
        (
            {"sample.sources.reviews.columns": {"text": [1]}},
            "sample.sources.reviews.columns.text: write the name of a column, or a list of names",
        ),
        ({"sample.sources.reviews.table": None}, "sample.sources.reviews.table: missing"),
        (
            {"sample.sources.reviews.table": "page"},
            "sample.sources.reviews.table: input should be 'review', 'product' or 'text'",
        ),
        ({"sample.sources.My Shop": {}}, "sample.sources.My Shop: name a source in lower-case letters"),
        ({"sample.sources.synthetic": {}}, "sample.sources.synthetic: name a source in lower-case letters"),
        ({"sample.sources": {}}, "sample.sources: "),
        ({"sample.sources.reviews.max_bad_rows": 2}, "sample.sources.reviews.max_bad_rows: "),
        ({"sample.sources.reviews.path": None}, "sample.sources.reviews.path: missing"),
        ({"sample.base.folder": None}, "sample.base.folder: missing"),
        ({"sample.base.digests": {"model.safetensors": "12"}}, "sample.base.digests.model.safetensors"),
        (
            {"seed.sources.reviews.dataset": "https://www.kaggle.com/datasets/tinkuzp23/nike/data"},
            "seed.sources.reviews.dataset: this is not owner/name: write tinkuzp23/nike",
        ),
        (
            {"seed.sources.reviews.dataset": "https://data.world/data-hut/nike"},
            "seed.sources.reviews.dataset: this is not owner/name: that is a data set of another site: set kind to "
            "dataworld and write data-hut/nike",
        ),
        ({"seed.sources.reviews.dataset": "nike"}, "seed.sources.reviews.dataset: this is not owner/name: write"),
        (
            {"seed.base.repository": "https://huggingface.co/distilbert/distilbert-base-uncased/tree/main"},
            "seed.base.repository: this is not owner/name: write distilbert/distilbert-base-uncased",
        ),
        ({"seed.sources.reviews.version": 0}, "seed.sources.reviews.version: input should be greater than 0"),
        ({"seed.base.repository": None}, "seed.base.repository: missing"),
        ({"seed.train.tokens": "many"}, "seed.train.tokens: input should be a valid integer"),
        ({"execution.device": "tpu"}, "execution.device: input should be 'auto', 'cpu', 'cuda' or 'mps'"),
        ({"gates.real_text.better": "smaller"}, "gates.real_text.better: input should be 'lower' or 'higher'"),
        ({"gates.real_text.may_worsen": -0.1}, "gates.real_text.may_worsen: input should be greater than or equal"),
        ({"gates.real_text.may_worsn": 0.1}, "gates.real_text.may_worsn: unknown key"),
        (
            {"sample": None},
            "profile: 'sample' is no profile; choose one of quick, seed, quillstead, or add a block of this name",
        ),
        (
            {"sample.filter": None, "filter.rule": "brand"},
            "sample.filter: missing; add `filter: {}` (dvc.yaml names it in every profile)",
        ),
        ({"seed.train": None}, "train.tokens: missing"),
        ({"seed.base": None}, "seed.base: missing"),
        ({"acme": {"sources": {}, "base": {}}}, "acme."),
        ({"acme": {"tokens": 5}}, "acme: unknown key; remove it"),
        ({"evaluate": None}, "evaluate: missing"),
        ({"train": 5}, "train: 5 is no section; write its keys below it, indented"),
        ({"train.learning_rate": float("inf")}, "train.learning_rate: input should be a finite number; it is inf"),
        ({"train.weight_decay": float("nan")}, "train.weight_decay: input should be a finite number; it is nan"),
        ({"clean": 5}, "clean: 5 is no section; write its keys below it, indented"),
        ({"seed.train.claim_rate": 0.15}, "seed.train.claim_rate: renamed; write target_word_probability"),
        ({"sample.report": {"top": 3}}, "sample.report: not for profiles; set it in the common section 'report'"),
    ],
)
def test_a_mistake_is_named_by_its_key(file: Path, changes: dict[str, object], message: str) -> None:
    set_params(file.parent, changes)
    with pytest.raises(UserError) as caught:
        load_params(file)
    assert str(caught.value).startswith(f"{file}: {message}")


def test_a_file_that_is_no_yaml_is_named_with_its_line(file: Path) -> None:
    file.write_text("profile: sample\ntrain: [1,\n")
    with pytest.raises(UserError, match=r"params\.yaml: not valid YAML.*line"):
        load_params(file)
    file.write_bytes("profile: sample  # häufig\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"params\.yaml: not UTF-8; save it"):
        load_params(file)
    file.unlink()
    with pytest.raises(UserError, match="not found; run from the project's root folder"):
        load_params(file)
    with pytest.raises(UserError, match="cannot be read"):
        load_params(file.parent)


class Training(Sections):
    train: Train
    execution: Execution


def test_a_stage_reads_its_own_sections_alone(file: Path) -> None:
    set_params(file.parent, {"report.top": "many", "evaluate": 5, "seed.train.tokens": "many"})
    whole = load_params(ROOT / "params.yaml")
    assert (Training.read(file).train, Training.read(file).execution) == (whole.train, whole.execution)
    set_params(file.parent, {"profile": "seed"})
    with pytest.raises(UserError, match=r"seed\.train\.tokens: input should be a valid integer"):
        Training.read(file)


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [(section, old, new) for section, keys in RENAMED.items() for old, new in keys.items()],
)
def test_an_old_key_is_an_error_that_names_the_new_one(file: Path, section: str, old: str, new: str) -> None:
    value = getattr(getattr(load_params(file), section), new)
    set_params(file.parent, {f"{section}.{new}": None, f"{section}.{old}": value})
    with pytest.raises(UserError) as caught:
        load_params(file)
    assert str(caught.value) == f"{file}: {section}.{old}: renamed; write {new}"


def test_profiles_may_hold_the_sections_that_dvc_looks_at() -> None:
    """DVC would miss a change to any other section of a profile's block; execution and gates change no result."""
    named = set(re.findall(r"\$\{profile\}\.(\w+)", (ROOT / "dvc.yaml").read_text(encoding="utf-8")))
    assert named == set(DVC_SECTIONS) and named | {"execution", "gates"} == set(IN_PROFILES)
    document = read_document(ROOT / "params.yaml")
    assert find_profiles(document) == ["sample", "quick", "seed", "quillstead"]
    assert all(named <= set(document[profile]) for profile in find_profiles(document))


def test_quick_is_the_sample_trained_for_less() -> None:
    document = read_document(ROOT / "params.yaml")
    sample, quick = document["sample"], document["quick"]
    assert quick == {**sample, "train": {"tokens": 20_000, "num_evals": 1, "validation_rows": 100}}


def test_a_block_of_any_name_is_a_profile(file: Path) -> None:
    document = read_document(file)
    source = {"kind": "file", "path": "mine.tsv", "table": "review"}
    acme = {"sources": {"shop-reviews": source}, "base": document["sample"]["base"], "train": {"tokens": 100}}
    set_params(file.parent, {"profile": "acme", "acme": {**acme, "synthesize": {"sentences": 9}, "filter": {}}})
    with pytest.raises(UserError, match=r"filter\.rule: missing"):
        load_params(file)
    set_params(file.parent, {"acme.filter": {"rule": "brand"}})
    params = load_params(file)
    assert (params.profile, list(params.sources), params.train.tokens) == ("acme", ["shop-reviews"], 100)
    assert find_profiles(read_document(file)) == ["acme", "sample", "quick", "seed", "quillstead"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"train.learning_rat": 0.1}, "params.yaml: train.learning_rat: unknown key; did you mean 'learning_rate'?"),
        ({"profile": "smaple"}, "params.yaml: profile: 'smaple' is no profile; choose one of"),
        ({"brand": "nik"}, "params.yaml: brand: no folder brands/nik; there is nike, quillstead"),
    ],
)
def test_make_repro_begins_with_a_check_of_the_params(small: Path, changes: dict[str, object], told: str) -> None:
    """DVC starts no stage for a key that none declares: without the check it would pass over a misspelt one."""
    set_params(small, changes)
    done = command(small, "make", "repro", ok=False, **lend_environment(small))
    assert done.returncode != 0 and done.stdout.splitlines()[-1:] != ["dvc repro"]
    assert done.stderr.splitlines()[0].startswith(f"error: {told}")
