"""The README keeps its word: every command in it runs, every path in it is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, command

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
# Made by a run, not in git.
MADE = re.compile(r"^(data|\.venv)/")


@pytest.mark.slow
def test_every_command_runs(built: Path) -> None:
    """In the order of the README, in a project that has been run, with the environment that is there."""
    (built / ".venv").symlink_to(Path(shutil.which("python") or "").parents[1])
    assert {"make repro", "make test", "make plots", "make lint"} <= set(COMMANDS)
    # What make would install is what runs this test (make heeds these flags on its command line only); and the whole
    # suite within the suite would never end.
    make = 'make() { command make --assume-old=.venv/installed --assume-old=.venv/installed-dev "$@"; }'
    # mypy needs most of a minute from nothing and a second with what `make lint` has left here.
    variables = {"PYTEST_ADDOPTS": "tests/test_batches.py", "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")}
    for line in COMMANDS:
        done = command(built, "sh", "-c", f"{make}\n{line}", ok=False, **variables)
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def test_every_path_is_there() -> None:
    named = re.findall(r"`([\w.@/-]+/[\w.@/-]*)`", README) + re.findall(r"\]\(((?!http)[^)]+)\)", README)
    assert len(named) > 15
    missing = [path for path in named if not MADE.match(path) and not (ROOT / path).exists()]
    assert missing == []
