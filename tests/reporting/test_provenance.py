"""Statements of provenance: what they say, and that every difference is found."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.core.errors import UserError
from brandmlm.reporting.lock_builds import broken_links, find_stage, pipeline_build, stage_build, upstream
from brandmlm.reporting.provenance import (
    Build,
    Commit,
    check_build,
    check_files,
    make_statement,
    read_statement,
    write_statement,
)

COMMIT = Commit("a" * 40, "ml/brand")
LOCK: dict[str, Any] = {
    "clean": {
        "deps": [{"path": "sample/rows.csv", "md5": "1" * 32}],
        "params": {"params.yaml": {"clean": {"min_words": 2}}},
        "outs": [{"path": "data/clean", "md5": f"{'2' * 32}.dir"}],
    },
    "train": {
        "deps": [{"path": "data/clean/rows", "md5": "3" * 32}, {"path": "data/clean", "md5": f"{'2' * 32}.dir"}],
        "params": {"params.yaml": {"train": {"rate": 1e-4, "base": "/home/me/mine"}}},
        "outs": [{"path": "data/model", "md5": f"{'4' * 32}.dir"}],
    },
    "other": {"deps": [{"path": "sample/other", "md5": "5" * 32}], "outs": [{"path": "data/other", "md5": "6" * 32}]},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    out = tmp_path / "exported"
    (out / "onnx").mkdir(parents=True)
    (out / "model.safetensors").write_bytes(b"weights")
    (out / "onnx" / "model.onnx").write_bytes(b"graph")
    write_statement(out, pipeline_build(LOCK, "train", COMMIT))
    return out


def test_it_is_a_statement_of_slsa_provenance(folder: Path) -> None:
    document = json.loads((folder / "provenance.json").read_bytes())
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "https://slsa.dev/provenance/v1"
    assert document["subject"] == [
        {"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}
        for name, data in (("model.safetensors", b"weights"), ("onnx/model.onnx", b"graph"))
    ]
    definition = document["predicate"]["buildDefinition"]
    assert definition["resolvedDependencies"] == [
        {"name": "data/clean", "digest": {"dvc_md5_dir": "2" * 32}},
        {"name": "data/clean/rows", "digest": {"md5": "3" * 32}},
        {"name": "data/model", "digest": {"dvc_md5_dir": "4" * 32}},
        {"name": "sample/rows.csv", "digest": {"md5": "1" * 32}},
        {"name": "source", "digest": {"gitCommit": "a" * 40}, "annotations": {"project": "ml/brand"}},
    ]
    assert definition["externalParameters"] == {
        "stage": "train",
        "params": {"clean": {"min_words": 2}, "train": {"rate": 1e-4, "base": "mine"}},  # no path of this machine
    }
    assert document["predicate"]["runDetails"]["builder"]["id"]


def test_the_form_is_that_of_in_toto_s_own_library(folder: Path) -> None:
    statement = pytest.importorskip("in_toto_attestation.v1.statement_pb2", reason="comes with model-signing")
    provenance = pytest.importorskip("in_toto_attestation.predicates.provenance.v1.provenance_pb2")
    from google.protobuf import json_format

    document = json.loads((folder / "provenance.json").read_bytes())
    parsed = json_format.ParseDict(document, statement.Statement())  # raises on an unknown field
    assert [each.name for each in parsed.subject] == ["model.safetensors", "onnx/model.onnx"]
    json_format.ParseDict(document["predicate"], provenance.Provenance())


def test_the_same_folder_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    os.utime(copy / "model.safetensors", (0, 0))
    (copy / "model.sig").write_text("a signature is no subject")
    write_statement(copy, pipeline_build(LOCK, "train", COMMIT))
    assert (copy / "provenance.json").read_bytes() == (folder / "provenance.json").read_bytes()


def test_what_was_written_is_read(folder: Path) -> None:
    statement = read_statement(folder)
    build = pipeline_build(LOCK, "train", COMMIT)
    assert (statement.stage, statement.commit, statement.is_whole) == ("train", COMMIT, True)
    assert [*check_files(folder, statement)] == [*check_build(statement, build, folder, "dvc.lock")] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda folder: (folder / "model.safetensors").write_bytes(b"weightz"), "model.safetensors: not the bytes"),
        (lambda folder: (folder / "onnx/model.onnx").unlink(), "onnx/model.onnx: missing"),
        (lambda folder: (folder / "onnx/more").touch(), "onnx/more: not in provenance.json; remove it"),
        (lambda folder: (folder / "link").symlink_to("/etc"), "link: no regular file; remove it"),
        (lambda folder: os.mkfifo(folder / "pipe"), "pipe: no regular file; remove it"),
    ],
)
def test_a_changed_file_is_a_line(folder: Path, change: Callable[[Path], object], told: str) -> None:
    change(folder)
    [line] = check_files(folder, read_statement(folder))
    assert line.startswith(f"{folder}/{told}")


def test_a_subject_outside_of_the_folder_is_not_opened(folder: Path) -> None:
    (folder.parent / "secret").write_text("")
    document = json.loads((folder / "provenance.json").read_bytes())
    document["subject"].append({"name": "../secret", "digest": {"sha256": hashlib.sha256(b"").hexdigest()}})
    (folder / "provenance.json").write_text(json.dumps(document))
    [line] = check_files(folder, read_statement(folder))
    assert line == f"{folder}/../secret: missing; copy the export again"


def test_every_other_input_and_param_is_a_line(folder: Path) -> None:
    inputs = {
        "data/clean": f"{'7' * 32}.dir",
        "data/clean/rows": "3" * 32,
        "new": "8" * 32,
        "sample/rows.csv": "1" * 32,
    }
    build = Build("train", inputs, {"train": {"rate": 1e-4, "base": "/elsewhere/mine"}, "clean": {}}, is_whole=True)
    assert [*check_build(read_statement(folder), build, folder, "dvc.lock")] == [
        f"{folder}/provenance.json: input data/clean: another digest than in dvc.lock",
        f"{folder}/provenance.json: input data/model: not in dvc.lock",
        f"{folder}/provenance.json: input new: in dvc.lock, not in the statement",
        f"{folder}/provenance.json: param clean: another value than in dvc.lock",
    ]


BAD = [b"", b"[]", b"{}", b"[" * 100_000, b'{"_type": 7}', b"\xff", b'{"subject": [{"name": NaN}]}', b"1" * 10_000]


@pytest.mark.parametrize("data", BAD)
def test_another_file_is_one_line(folder: Path, data: bytes) -> None:
    (folder / "provenance.json").write_bytes(data)
    with pytest.raises(UserError, match=r"provenance\.json: no statement that this project writes"):
        read_statement(folder)
    (folder / "provenance.json").unlink()
    with pytest.raises(UserError, match=r"provenance\.json: not found"):
        read_statement(folder)
    os.mkfifo(folder / "provenance.json")
    with pytest.raises(UserError, match="no statement"):
        read_statement(folder)


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.floats(),
        lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text(), inner, min_size=1),
    )
)
def test_any_part_may_be_of_another_kind(tmp_path_factory: pytest.TempPathFactory, part: Any) -> None:
    document = make_statement(tmp_path_factory.getbasetemp() / "none", pipeline_build(LOCK, "train", COMMIT))
    folder = tmp_path_factory.mktemp("any")
    for keys in (["subject"], ["predicate"], ["predicate", "buildDefinition", "resolvedDependencies"]):
        spoilt = json.loads(json.dumps(document))
        node = spoilt
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = part
        (folder / "provenance.json").write_text(json.dumps(spoilt))
        with pytest.raises(UserError, match="no statement"):
            read_statement(folder)


def test_stages_are_followed_upstream() -> None:
    assert sorted(upstream(LOCK, "train")) == ["clean", "train"]
    assert find_stage(LOCK, "data/model") == find_stage(LOCK, "data/model/weights") == "train"
    direct = stage_build(LOCK, "train")
    assert sorted(direct.inputs) == ["data/clean", "data/clean/rows"] and list(direct.params) == ["train"]
    for call in (lambda: find_stage(LOCK, "sample"), lambda: stage_build(LOCK, "x"), lambda: upstream(LOCK, "x")):
        with pytest.raises(UserError, match=r"^dvc\.lock: no stage .*; run `make repro` to make it$"):
            call()


def test_a_stage_that_ran_on_other_bytes_is_a_line() -> None:
    assert [*broken_links(LOCK)] == []
    broken = {**LOCK, "clean": LOCK["clean"] | {"outs": [{"path": "data/clean", "md5": f"{'9' * 32}.dir"}]}}
    assert [*broken_links(broken)] == [
        "dvc.lock: train ran on other bytes of data/clean than clean made; run `make repro`"
    ]
