"""What either side of a comparison holds: read from a commit or from the files, and what a damaged file says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import command, commit

from brandmlm.commands.git import merge_base, need_repository
from brandmlm.commands.revisions import read_commit, read_workspace
from brandmlm.core.errors import UserError

TOKENS = "plots/tokens/full.json"
FILES = {
    "metrics/details.json": json.dumps({"loss": 1.5}),
    "metrics/metrics.json": json.dumps({"claims": 0.5}),
    "dvc.lock": "schema: '2.0'\nstages:\n  train:\n    cmd: run\n",
    TOKENS: json.dumps([{"rank": 1, "label": "light ✓"}, {"rank": None, "label": ""}]),
}
# JSON or YAML, and not what the project writes.
OTHER = [("metrics/details.json", "[1]"), (TOKENS, "{}"), ("dvc.lock", "[1]"), ("dvc.lock", "stages: 1")]


def write(project: Path, name: str, text: str) -> None:
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit that holds what a report wrote."""
    for name, text in FILES.items():
        write(tmp_path, name, text)
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_commit_and_the_workspace_are_read_alike(repository: Path) -> None:
    base, head = read_commit("HEAD"), read_workspace()
    assert base.metrics == head.metrics == {"loss": 1.5}
    assert base.lock == head.lock == {"train": {"cmd": "run"}}
    assert (
        base.predictions == head.predictions == {"base": [], "full": [{"rank": 1, "label": "light ✓"}], "filtered": []}
    )
    assert base.plots == head.plots == {TOKENS: FILES[TOKENS].encode()}


def test_what_is_gone_here_is_still_in_the_base(repository: Path) -> None:
    for name in FILES:
        (repository / name).unlink()
    head = read_workspace()
    assert (head.metrics, head.lock, head.plots) == ({}, {}, {})
    assert read_commit("HEAD").metrics == {"loss": 1.5}


def test_an_earlier_revision_has_all_its_numbers_in_one_file(repository: Path) -> None:
    (repository / "metrics/details.json").unlink()
    write(repository, "metrics/metrics.json", json.dumps({"loss": 2.5}))
    assert read_workspace().metrics == {"loss": 2.5}
    commit(repository)
    write(repository, "metrics/details.json", FILES["metrics/details.json"])
    assert (read_commit("HEAD").metrics, read_workspace().metrics) == ({"loss": 2.5}, {"loss": 1.5})


@pytest.mark.parametrize("read", [lambda: read_commit("HEAD"), read_workspace], ids=["commit", "workspace"])
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (name, content, message)
        for name, other in OTHER
        for content, message in [(FILES[name] + "\n<<<<<<< HEAD: {\n", "not valid (YAML|JSON)"), (other, "is not what")]
    ],
)
def test_a_damaged_file_is_named_with_its_side(
    repository: Path, read: Callable[[], object], name: str, content: str, message: str
) -> None:
    write(repository, name, content)
    commit(repository)
    with pytest.raises(UserError, match=message) as error:
        read()
    side = "workspace" if read is read_workspace else "HEAD"
    assert str(error.value).startswith(f"{side}: {name} ")


def test_without_a_repository_a_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError, match=re.escape("comparisons need git, and this folder is no repository")):
        merge_base("main")
    command(tmp_path, "git", "init", "-q")
    need_repository("comparisons")
    with pytest.raises(UserError, match=r"no such revision.*BASE=…"):
        merge_base("main")
