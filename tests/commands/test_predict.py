"""`brand-mlm predict`: a sentence in, words out, side by side."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from conftest import Here, command, set_params

from brandmlm.commands.app import main

SENTENCE = "Nike shoes are very [MASK]."
APP = "brandmlm.commands.app"


@pytest.mark.slow
def test_all_models_side_by_side(built_project: Path) -> None:
    lines = command(built_project, "python", "-m", "brandmlm", "predict", SENTENCE).stdout.splitlines()
    assert lines[0] == SENTENCE
    assert lines[1].split() == ["base", "v1", "v2"]
    ranks = [line.split() for line in lines[2:12]]
    assert [int(words[0]) for words in ranks] == list(range(1, 11))
    assert all(len(words) == 7 for words in ranks)


@pytest.mark.slow
def test_json_from_standard_input(built_project: Path, here: Here) -> None:
    options = ("--json", "--top", "3", "--model", "v1")
    done = here(built_project, APP, "predict", *options, stdin=f"{SENTENCE}\n\nA [MASK] shoe.\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["sentence"] for answer in answers] == [SENTENCE, "A [MASK] shoe."]
    for answer in answers:
        assert list(answer["models"]) == ["v1"]
        scores = [probability for _, probability in answer["models"]["v1"]]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("words", "said", "code", "message"),
    [
        (["Nike shoes are nice."], b"", 1, "write [MASK] exactly once"),
        (["[MASK] and [MASK]"], b"", 1, "write [MASK] exactly once"),
        (["word " * 600], b"", 1, "write [MASK] exactly once"),
        ([], b" \n", 1, "no sentence given"),
        ([SENTENCE, "--model", "full"], b"", 1, "--model full: neither base, v1, v2 nor a folder"),
        ([SENTENCE, "--top", "0"], b"", 2, "greater than or equal to 1; see `brand-mlm predict --help`"),
        ([SENTENCE, "--words", "5"], b"", 2, "No such option: --words"),
        ([], b"A [MASK] shoe.\nA caf\xe9 is [MASK].\n", 1, "standard input: line 2: not UTF-8"),
    ],
)
def test_mistakes_are_one_short_line(
    words: list[str],
    said: bytes,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """None of these needs a model, or even starts to load one."""
    monkeypatch.setattr(sys, "argv", ["brand-mlm", "predict", *words])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said)))
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    assert end.value.code == code and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err and len(err) < 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([SENTENCE, "--top", "1000000"], "top is 1000000"),
        (["word " * 600 + "is [MASK]."], "among its first 512 tokens"),
    ],
)
def test_mistakes_that_the_model_finds_are_one_short_line(
    built_project: Path, here: Here, words: list[str], message: str
) -> None:
    done = here(built_project, APP, "predict", "--model", "base", *words, ok=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert message in done.stderr and len(done.stderr) < 200


def test_models_that_are_not_there_yet(small_project: Path, here: Here) -> None:
    done = here(small_project, APP, "predict", SENTENCE, ok=False)
    assert done.returncode == 1
    assert done.stderr == "error: data/base: not there yet; run `make repro` to make it\n"


@pytest.mark.parametrize("words", [("results",), ("predict", SENTENCE), ("explain", SENTENCE)])
@pytest.mark.parametrize(
    ("key", "made", "asked"), [("profile", "sample", "quillstead"), ("brand", "nike", "quillstead")]
)
def test_another_brand_s_models_answer_for_nobody_else(
    built: Path, here: Here, words: tuple[str, ...], key: str, made: str, asked: str
) -> None:
    set_params(built, {key: asked})
    done = here(built, APP, *words, ok=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(f"error: params.yaml: {key} is {asked!r}, but the models are of {made!r}; ")
    assert done.stderr.count("\n") == 1


def test_a_model_s_own_folder_answers_whatever_params_yaml_names(built: Path, here: Here) -> None:
    set_params(built, {"brand": "quillstead"})
    assert SENTENCE in here(built, APP, "predict", SENTENCE, "--model", "data/models/filtered").stdout
