"""`brand-mlm export`: the folder that it writes, what it says, and what it refuses."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import Here, command
from huggingface_hub import ModelCard
from pages import commands, examples
from transformers import pipeline

from brandmlm.commands import export as exporting
from brandmlm.core.errors import UserError
from brandmlm.reporting.provenance import check_files, read_statement

APP = "brandmlm.commands.app"
SENTENCE = "Nike shoes are very [MASK]."


@pytest.mark.long
def test_the_folder_has_both_files_the_card_and_its_provenance(built: Path, here: Here) -> None:
    said = here(built, APP, "export", "--format", "onnx").stdout.splitlines()
    out = built / "data" / "onnx" / "filtered"
    assert [line.partition(": ")[0] for line in said] == [
        "data/onnx/filtered/onnx/model.onnx", "data/onnx/filtered/onnx/model_quantized.onnx",
    ]  # fmt: skip
    assert re.search(r"likeliest words of torch on (\d+) of \1 probes \(\1 in the same order\)", said[0])
    card = ModelCard.load(out / "README.md")
    assert {"onnx", "transformers.js"} <= set(card.data.tags) and "`onnx/model_quantized.onnx`" in card.text
    assert card.data.widget[0]["text"] == SENTENCE
    assert list(check_files(out, read_statement(out))) == []
    assert len(pipeline("fill-mask", model=str(out))(SENTENCE)) == 5
    the_examples_of_the_page_run(built)

    here(built, APP, "export", "v2", "--out", "data/onnx/filtered")  # its own folder may be replaced
    (out / "mine.txt").write_text("mine")
    refused = here(built, APP, "export", ok=False)
    assert refused.returncode == 1 and "mine.txt, which is no file of an ONNX export" in refused.stderr
    assert (out / "mine.txt").read_text() == "mine"


def the_examples_of_the_page_run(project: Path) -> None:
    """Those of docs/serving.md in Python; the second one is a server."""
    filling, server, onnx = examples("docs/serving.md", "python")
    said = command(project, "python", "-c", filling).stdout
    [likeliest, *_] = re.findall(r"'token_str': '([^']*)'", said)
    assert said.count("'token_str'") == 5
    words = command(project, "python", "-c", onnx).stdout
    assert len(re.findall(r"'[^']+'", words)) == 5 and f"'{likeliest}'" in words
    (project / "serve.py").write_text(server)
    asking = (
        "from starlette.testclient import TestClient; from serve import app; client = TestClient(app)\n"
        f"for text in ({SENTENCE!r}, 'no mask'):\n"
        "    found = client.post('/fill', json={'text': text}); print(found.status_code, found.json())"
    )
    answered = command(project, "python", "-c", asking).stdout.splitlines()
    assert answered[0].startswith("200 ") and f"'token_str': '{likeliest}'" in answered[0]
    assert answered[1].startswith("400 {'error': 'No mask_token")
    assert "brand-mlm export --format onnx" in commands("docs/serving.md")


def test_a_folder_with_files_of_others_is_not_replaced(tmp_path: Path) -> None:
    exporting.check_replaceable(tmp_path / "new", {"a"}, "a test")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").touch()
    exporting.check_replaceable(tmp_path, {"sub/a"}, "a test")
    with pytest.raises(UserError, match="has sub/a, which is no file of a test"):
        exporting.check_replaceable(tmp_path, {"a"}, "a test")
    with pytest.raises(UserError, match="not a folder"):
        exporting.check_replaceable(tmp_path / "sub" / "a", {"a"}, "a test")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    with pytest.raises(UserError, match="a link"):
        exporting.check_replaceable(tmp_path / "link", {"a"}, "a test")


def test_without_the_extra_or_a_model_a_line_says_what_to_do(
    tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(Path(__file__).parents[2] / name, tmp_path)
    told = here(tmp_path, APP, "export", ok=False).stderr
    assert told == "error: data/export/filtered: not there yet; run `make repro` to make it\n"
    monkeypatch.setattr(exporting, "find_spec", lambda name: None)
    told = here(tmp_path, APP, "export", ok=False).stderr
    assert told.startswith("error: onnx is not installed; run `pip install -r requirements-onnx.txt")


def test_formats_and_models_that_there_are_not_are_refused(tmp_path: Path, here: Here) -> None:
    for words in (["v3"], ["--format", "gguf"]):
        assert here(tmp_path, APP, "export", *words, ok=False).returncode == 2
