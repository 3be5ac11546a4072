"""`python -m brandmlm.commands.predict`: a sentence in, words out, side by side."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from conftest import Here, command

from brandmlm.commands.predict import main
from brandmlm.core import command_line as cli

SENTENCE = "Nike shoes are very [MASK]."


@pytest.mark.slow
def test_all_models_side_by_side(built_project: Path) -> None:
    lines = command(built_project, "python", "-m", "brandmlm.commands.predict", SENTENCE).stdout.splitlines()
    assert lines[0] == SENTENCE
    assert lines[1].split() == ["base", "full", "filtered"]
    ranks = [line.split() for line in lines[2:12]]
    assert [int(words[0]) for words in ranks] == list(range(1, 11))
    assert all(len(words) == 7 for words in ranks)


@pytest.mark.slow
def test_json_from_standard_input(built_project: Path, here: Here) -> None:
    options = ("--json", "--top", "3", "--model", "full")
    done = here(built_project, "brandmlm.commands.predict", *options, stdin=f"{SENTENCE}\n\nA [MASK] shoe.\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["sentence"] for answer in answers] == [SENTENCE, "A [MASK] shoe."]
    for answer in answers:
        assert list(answer["models"]) == ["full"]
        scores = [probability for _, probability in answer["models"]["full"]]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("words", "said", "message"),
    [
        (["Nike shoes are nice."], b"", "write [MASK] exactly once"),
        (["[MASK] and [MASK]"], b"", "write [MASK] exactly once"),
        (["word " * 600], b"", "write [MASK] exactly once"),
        ([], b" \n", "no sentence given"),
        ([SENTENCE, "--top", "0"], b"", "at least one word"),
        ([], b"A [MASK] shoe.\nA caf\xe9 is [MASK].\n", "standard input: line 2: not UTF-8"),
    ],
)
def test_mistakes_are_one_short_line(
    words: list[str],
    said: bytes,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """None of these needs a model, or even starts to load one."""
    monkeypatch.setattr(sys, "argv", ["predict", *words])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said)))
    with pytest.raises(SystemExit) as end:
        cli.run(main)
    out, err = capsys.readouterr()
    assert end.value.code == 1 and out == ""
    assert err.startswith("error: ") and err.count("\n") == 1 and message in err and len(err) < 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([SENTENCE, "--top", "1000000"], "--top"),
        (["word " * 600 + "is [MASK]."], "among its first 512 tokens"),
    ],
)
def test_mistakes_that_the_model_finds_are_one_short_line(
    built_project: Path, here: Here, words: list[str], message: str
) -> None:
    done = here(built_project, "brandmlm.commands.predict", "--model", "base", *words, ok=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert message in done.stderr and len(done.stderr) < 200


def test_models_that_are_not_there_yet(small_project: Path, here: Here) -> None:
    done = here(small_project, "brandmlm.commands.predict", SENTENCE, ok=False)
    assert done.returncode == 1
    assert done.stderr == "error: data/base: no checkpoint here; run `dvc repro` to make it\n"
