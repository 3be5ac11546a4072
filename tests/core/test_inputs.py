"""An edit while a stage runs: the stage refuses to give its output a name, so DVC records no wrong pair."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import PLAIN, ROOT, command, dvc, environment, run_main, set_params

from brandmlm.config.params.sections import Sections
from brandmlm.config.params.split import Split
from brandmlm.core import inputs
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, atomic_folder
from brandmlm.core.pins import REQUIREMENT_FILES, Installed, read_pins
from brandmlm.core.stage_code import check_code, describe_code, parse_stage


class Params(Sections):
    split: Split


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which DVC runs a stage that reads a file, a folder and params.yaml."""
    (tmp_path / "words.yaml").write_text("words\n")
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "rows.csv").write_text("rows\n")
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_STAGE", "split")
    monkeypatch.setattr("sys.argv", ["stage", "--words", "words.yaml", "--rows", "rows", "--out", "out"])
    yield tmp_path
    inputs.end()


def run_stage(edit: Callable[[], object]) -> None:
    parser = ArgumentParser()
    for name in ("words", "rows", "out"):
        parser.add_argument(f"--{name}", type=Path)
    out = parse_stage(parser).out
    Params.read()
    with atomic_folder(out) as partial:
        (partial / "file").write_text("")
        edit()


def append(name: str) -> Callable[[], object]:
    return lambda: Path(name).write_text(Path(name).read_text() + "# more\n")


def replaced(name: str) -> None:
    text = Path(name).read_text()
    Path(name).unlink()
    Path(name).write_text(text)


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (append("words.yaml"), "words.yaml"),
        (lambda: Path("words.yaml").unlink(), "words.yaml"),
        (append("rows/rows.csv"), "rows/rows.csv"),
        (lambda: Path("rows/more.csv").write_text(""), "rows"),
        (lambda: Path("rows/rows.csv").unlink(), "rows"),
        (lambda: set_params(Path(), {"split.salt": "other"}), "params.yaml"),
        (lambda: Path("params.yaml").write_text("profile: ["), "params.yaml"),
    ],
)
def test_a_changed_input_is_named_and_no_output_made(stage: Path, edit: Callable[[], object], name: str) -> None:
    with pytest.raises(UserError, match=f"^{name}: changed while the stage ran; run again$"):
        run_stage(edit)
    assert not [path for path in stage.iterdir() if "out" in path.name]
    shutil.copy2(ROOT / "params.yaml", stage)
    Path("words.yaml").touch()
    run_stage(lambda: None)
    assert (stage / "out" / "file").exists()


@pytest.mark.parametrize(
    "edit",
    [
        lambda: replaced("words.yaml"),  # as `git checkout` and editors write
        append("params.yaml"),  # a comment
        lambda: set_params(Path(), {"report.top": 3, "execution.threads": 1}),  # no section of this stage
        lambda: Path("rows/.rows.csv.swp").write_text(""),
        lambda: (Path("out").mkdir(), Path("out/x").write_text("")),
    ],
)
def test_what_the_stage_does_not_depend_on_may_change(stage: Path, edit: Callable[[], object]) -> None:
    run_stage(edit)
    assert (stage / "out" / "file").exists()


def test_an_edit_after_the_output_has_its_name_fails_the_stage(
    stage: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> None:
        run_stage(lambda: None)
        append("words.yaml")()

    words = ("stage", "--words", "words.yaml", "--rows", "rows", "--out", "out")
    code, _, said = run_main(monkeypatch, capsys, main, *words)
    assert (code, said) == (1, "error: words.yaml: changed while the stage ran; run again\n")


def test_nothing_is_compared_where_no_dvc_records(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_STAGE")
    run_stage(append("words.yaml"))


def test_code_is_noted_before_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("brandmlm", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in REQUIREMENT_FILES:
        shutil.copy2(ROOT / name, tmp_path)
    module = tmp_path / "brandmlm" / "data" / "splitting.py"
    file = tmp_path / "split"
    monkeypatch.setenv("DVC_STAGE", "split")

    def begin() -> None:
        file.write_text(describe_code("split", read_pins(tmp_path), Installed(), tmp_path))
        inputs.stamp_modules(tmp_path, ("brandmlm", "stages"))
        inputs.begin()

    try:
        begin()
        check_code(file, tmp_path)
        module.write_text(module.read_text() + "# A remark.\n")
        with atomic_file(tmp_path / "out"):
            (tmp_path / ".out.partial").write_text("")
        module.write_text(module.read_text() + "assert True\n")
        with pytest.raises(UserError, match=f"^{module}: changed while"), atomic_file(tmp_path / "out"):
            pass
        # Edited while it was imported, and edited back before its digest was compared.
        begin()
        text = module.read_text()
        module.write_text("")
        module.write_text(text + "\n")
        check_code(file, tmp_path)
        inputs.check_unchanged()  # a line end changes no code
        begin()
        module.write_text(text + "assert 1\n")
        with pytest.raises(UserError, match="the code of stage split changed since `code` ran"):
            check_code(file, tmp_path)
    finally:
        inputs.end()
        inputs._modules.clear()


WAITING = """
import sys, time
from argparse import ArgumentParser
from pathlib import Path
sys.argv[0] = "-m"
import stages
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.split import Split
from brandmlm.core.command_line import run
from brandmlm.core.files import atomic_folder
from brandmlm.core.stage_code import parse_stage
class Params(Sections):
    split: Split
def main():
    parser = ArgumentParser()
    parser.add_argument("--words", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parse_stage(parser)
    text = Params.read().split.salt + arguments.words.read_text()
    Path("started").touch()
    while not Path("edited").exists():
        time.sleep(0.02)
    with atomic_folder(arguments.out) as out:
        (out / "file").write_text(text)
run(main)
"""
DVC_YAML = """
stages:
  split:
    cmd: python waiting.py --words words.yaml --out out
    deps: [words.yaml]
    params: [split]
    outs: [out]
"""


@pytest.mark.slow
def test_dvc_records_no_run_with_an_edit(tmp_path: Path) -> None:
    (tmp_path / "waiting.py").write_text(WAITING)
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "words.yaml").write_text("words\n")
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    dvc(tmp_path, "init", "-q", "--no-scm")
    running = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro"], cwd=tmp_path, env=environment(PYTHONPATH=str(ROOT), **PLAIN),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (tmp_path / "started").exists():
        assert running.poll() is None
        time.sleep(0.02)
    set_params(tmp_path, {"split.salt": "other"})
    (tmp_path / "edited").touch()
    assert "error: params.yaml: changed while the stage ran; run again\n" in running.communicate(timeout=60)[1]
    assert running.returncode and not (tmp_path / "dvc.lock").exists() and not (tmp_path / "out").exists()
    dvc(tmp_path, "repro", PYTHONPATH=str(ROOT), **PLAIN)
    assert (tmp_path / "out" / "file").read_text() == "otherwords\n"


def test_nothing_happens_between_the_last_look_at_the_inputs_and_the_end(tmp_path: Path) -> None:
    """Python's own work at exit would be time for an edit that DVC records; handlers of the exit run before."""
    late = "import atexit, weakref\natexit.register(lambda: Path('words.yaml').write_text('late'))\n"
    slow = "class Slow:\n    def __del__(self):\n        Path('words.yaml').write_text('too late')\nslow = Slow()\n"
    for name in ("started", "edited"):
        (tmp_path / name).touch()
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    words = (sys.executable, "waiting.py", "--words", "words.yaml", "--out", "out")
    for extra, code, left in ((late, 1, "late"), (slow, 0, "words\n")):
        (tmp_path / "words.yaml").write_text("words\n")
        (tmp_path / "waiting.py").write_text(WAITING.replace("class Params", f"{extra}class Params"))
        done = command(tmp_path, *words, ok=False, DVC_STAGE="split", PYTHONPATH=str(ROOT), **PLAIN)
        assert (done.returncode, (tmp_path / "words.yaml").read_text()) == (code, left), done.stderr
        assert ("words.yaml: changed while the stage ran" in done.stderr) == bool(code)
