"""`python -m stages.predict`: a sentence in, words out, side by side."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import command, environment

SENTENCE = "Nike shoes are very [MASK]."


def predict(project: Path, *words: str, **options: object) -> str:
    return command(project, "python", "-m", "stages.predict", *words, **options).stdout  # type: ignore[arg-type]


@pytest.mark.slow
def test_all_models_side_by_side(built_project: Path) -> None:
    lines = predict(built_project, SENTENCE).splitlines()
    assert lines[0] == SENTENCE
    assert lines[1].split() == ["base", "full", "filtered"]
    ranks = [line.split() for line in lines[2:12]]
    assert [int(words[0]) for words in ranks] == list(range(1, 11))
    assert all(len(words) == 7 for words in ranks)


@pytest.mark.slow
def test_json_from_standard_input(built_project: Path) -> None:
    said = predict(built_project, "--json", "--top", "3", "--model", "full", stdin=f"{SENTENCE}\n\nA [MASK] shoe.\n")
    answers = [json.loads(line) for line in said.splitlines()]
    assert [answer["sentence"] for answer in answers] == [SENTENCE, "A [MASK] shoe."]
    for answer in answers:
        assert list(answer["models"]) == ["full"]
        scores = [probability for _, probability in answer["models"]["full"]]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["Nike shoes are nice."], "write [MASK] exactly once"),
        (["[MASK] and [MASK]"], "write [MASK] exactly once"),
        ([], "no sentence given"),
        ([SENTENCE, "--top", "0"], "at least one word"),
        ([SENTENCE, "--top", "1000000"], "--top"),
    ],
)
def test_mistakes_are_one_line(built_project: Path, words: list[str], message: str) -> None:
    done = command(built_project, "python", "-m", "stages.predict", "--model", "base", *words, ok=False)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"A [MASK] shoe.\nA caf\xe9 is [MASK].\n", "standard input: line 2: not UTF-8"),
        (b"word " * 600 + b"is [MASK].", "among its first 512 tokens"),
    ],
)
def test_lines_that_cannot_be_read_are_one_short_line(built_project: Path, said: bytes, message: str) -> None:
    words = [sys.executable, "-m", "stages.predict", "--model", "base"]
    done = subprocess.run(words, cwd=built_project, env=environment(), input=said, capture_output=True, check=False)
    (line,) = done.stderr.decode().splitlines()
    assert done.returncode == 1 and done.stdout == b""
    assert line.startswith("error: ") and message in line and len(line) < 200


def test_models_that_are_not_there_yet(small_project: Path) -> None:
    done = command(small_project, "python", "-m", "stages.predict", SENTENCE, ok=False)
    assert done.returncode == 1
    assert done.stderr == "error: data/base: no checkpoint here; run `dvc repro` to make it\n"
