"""A stage compares its code file with the code that it runs."""

from __future__ import annotations

import re
import shutil
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from brandmlm.core.errors import UserError
from brandmlm.core.pins import REQUIREMENT_FILES, Installed, read_pins
from brandmlm.core.stage_code import check_code, describe_code, parse_stage


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("brandmlm", "stages"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in REQUIREMENT_FILES:
        shutil.copy2(ROOT / name, tmp_path)
    return tmp_path


def edit(project: Path, name: str, change: Callable[[str], str]) -> None:
    text = (project / name).read_text(encoding="utf-8")
    assert change(text) != text
    (project / name).write_text(change(text), encoding="utf-8")


def test_a_stage_stops_if_its_code_differs(project: Path) -> None:
    file = project / "split"
    file.write_text(describe_code("split", read_pins(project), Installed(), project))
    check_code(file, project)
    edit(project, "brandmlm/data/splitting.py", lambda text: text + "# A remark.\n")
    edit(project, "brandmlm/training/loss.py", lambda text: text + "assert True\n")
    edit(project, "requirements.txt", lambda text: re.sub("torch==.*", "torch==3", text) + "# A remark.\n")
    check_code(file, project)
    told = "the code of stage split changed since `code` ran; run `dvc repro`"
    edit(project, "constraints.txt", lambda text: re.sub("numpy==.*", "numpy==3", text))
    with pytest.raises(UserError, match=f"^numpy==.*: {told}"):
        check_code(file, project)
    edit(project, "brandmlm/data/splitting.py", lambda text: text + "assert True\n")
    with pytest.raises(UserError, match=rf"^brandmlm/data/splitting\.py: {told}"):
        check_code(file, project)
    with pytest.raises(UserError, match=r"clean: cannot be read .*; run `dvc repro`"):
        check_code(project / "clean", project)


def test_without_a_code_file_nothing_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["stage"])
    assert parse_stage(ArgumentParser()).code is None


def test_an_import_that_no_pin_covers_is_an_error(project: Path) -> None:
    edit(project, "brandmlm/data/splitting.py", lambda text: text + "import sklearn.tree\n")
    with pytest.raises(UserError, match="pins no package that provides the import 'sklearn"):
        describe_code("split", read_pins(project), Installed(), project)
