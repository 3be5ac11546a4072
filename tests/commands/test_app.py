"""`brand-mlm` as a whole: help, examples, exit codes, the project that it finds, colours."""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from conftest import ROOT, Here, command, run_main
from pages import commands

from brandmlm.commands import results
from brandmlm.commands.app import COMMANDS, main, make_app
from brandmlm.commands.predict import show
from brandmlm.modeling.predictor import Prediction

APP = "brandmlm.commands.app"
SENTENCE = "Nike shoes are very [MASK]."
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `brand-mlm` in this process; exit code and both streams."""
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: run_main(monkeypatch, capsys, main, "brand-mlm", *words)


def parse(line: str) -> None:
    """Raise typer.TyperException if `brand-mlm` would not accept a line."""
    program, name, *words = shlex.split(line)
    assert program == "brand-mlm"
    group: Any = typer.main.get_command(make_app())
    group.commands[name].make_context(name, words)


def test_the_list_has_a_whole_sentence_for_each_command(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "") and run()[1] == out
    listed = dict(re.findall(r"^  ([a-z-]+)  +(\S.*)$", out.partition("Commands:\n")[2], re.MULTILINE))
    assert list(listed) == [name for name, each in COMMANDS.items() if not each.hidden]
    for name, sentence in listed.items():
        assert sentence.endswith(".") and "..." not in sentence
        assert (inspect.getdoc(COMMANDS[name].function) or "").startswith(sentence)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_it_accepts(name: str, run: Run) -> None:
    code, out, _ = run(name, "--help")
    assert code == 0 and f"Example: {COMMANDS[name].example}" in " ".join(out.split())
    parse(COMMANDS[name].example)


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in sorted(ROOT.glob("docs/*.md")))])
def test_the_pages_name_commands_that_there_are(page: str) -> None:
    for line in commands(page):
        if line.startswith("brand-mlm "):
            parse(line)
    named = re.findall(r"`brand-mlm ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert set(named) <= set(COMMANDS)


def test_help_loads_no_heavy_package(tmp_path: Path) -> None:
    code = (
        "import atexit, sys; sys.argv = ['brand-mlm', 'predict', '--help']; from brandmlm.commands.app import main; "
        "atexit.register(lambda: print({name.partition('.')[0] for name in sys.modules})); main()"
    )
    loaded = command(tmp_path, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout.splitlines()[-1]
    assert "'typer'" in loaded
    for name in ("torch", "transformers", "numpy", "pandas", "polars", "dvc", "jinja2", "requests", "matplotlib"):
        assert f"'{name}'" not in loaded


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predct"], "No such command 'predct'. Did you mean 'predict'?; see `brand-mlm --help`"),
        (["predict", "--topp", "3"], "see `brand-mlm predict --help`"),
        (["seeds", "five", "six"], "see `brand-mlm seeds --help`"),
        (["new-brand"], "Missing argument"),
    ],
)
def test_a_usage_error_is_one_line(words: list[str], message: str, run: Run) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert err.startswith("error: ") and message in err


def test_ctrl_c_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(results, "read_json", interrupt)
    assert run("results") == (130, "", "error: interrupted; nothing was changed\n")


def test_a_command_finds_the_project_from_a_folder_inside_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "tests" / "commands")
    code, out, _ = run("check-params")
    assert code == 0 and out.startswith("params: profile sample, brand nike")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "no project here (params.yaml and dvc.yaml are neither in this folder nor above it)"),
        (["params.yaml"], "dvc.yaml is missing; restore it with `git checkout dvc.yaml`"),
        (["dvc.yaml"], "params.yaml is missing; restore it with `git checkout params.yaml`"),
    ],
)
@pytest.mark.parametrize("words", [("results",), ("predict", SENTENCE)])
def test_without_a_project_a_line_says_what_is_missing(
    words: tuple[str, ...], files: list[str], message: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside").mkdir()
    for name in files:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path / "inside")
    code, out, err = run(*words)
    assert (code, out) == (1, "") and err.count("\n") == 1 and message in err
    assert ("--model" in err) == (words[0] == "predict" and not files)


@pytest.mark.parametrize("terminal", [True, False])
def test_words_are_coloured_in_a_terminal_only(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    answer = [Prediction("comfortable", 0.5), Prediction("ugly", 0.25), Prediction("##ly", 0.125)]
    show([SENTENCE], [{"v1": answer, "v2": answer[::-1]}])
    out = capsys.readouterr().out
    plain = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert plain.splitlines()[:5] == [
        SENTENCE,
        "      v1                   v2",
        "   1  comfortable  0.500   ##ly         0.125",
        "   2  ugly         0.250   ugly         0.250",
        "   3  ##ly         0.125   comfortable  0.500",
    ]
    if terminal:
        assert "\x1b[1;32mcomfortable\x1b[0m" in out and "\x1b[1;31mugly\x1b[0m" in out and "##ly  " in out
        assert plain.endswith("\nwanted, unwanted\n")
    else:
        assert out == plain and "wanted" not in out


@pytest.mark.slow
def test_a_model_s_folder_needs_no_project(built_project: Path, tmp_path: Path, here: Here) -> None:
    inside = here(built_project / "brands", APP, "predict", SENTENCE, "--model", "v2", "--top", "3").stdout
    assert inside.splitlines()[1].split() == ["v2"]
    shutil.copytree(built_project / "data" / "models" / "filtered", tmp_path / "mine")
    outside = here(tmp_path, APP, "predict", SENTENCE, "--model", "mine", "--top", "3").stdout
    assert outside.splitlines()[1].split() == ["mine"]
    assert outside.splitlines()[2:] == inside.splitlines()[2:]
