"""docs/remotes.md keeps its word: its commands share data by a folder and by a server of the S3 protocol (moto's, over
loopback), and a clone runs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from buckets import client, serving_s3, variables
from conftest import PLAIN, ROOT, command, dvc, ran, start
from pages import commands
from ruamel.yaml import YAML

PAGE = "docs/remotes.md"
PIPELINE = """\
stages:
  train: {cmd: mkdir -p data/models/full && echo 1 > data/models/full/model, deps: [params.yaml], outs: [data/models]}
  report: {cmd: cp data/models/full/model metrics.json, deps: [data/models], metrics: [metrics.json: {cache: false}]}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two stages that has run."""
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "params.yaml", project)
    shutil.copy(ROOT / ".gitattributes", project)
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / ".gitignore").write_text("/data\n")
    start(project)
    return project


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the S3 protocol with a bucket `store`."""
    with serving_s3(tmp_path / "moto.log") as address:
        yield address


def share(project: Path, remote: str, **variables: str) -> None:
    """Run the page's commands, those for a clone in a fresh one; nothing of it is run again there."""
    add, keep, push, pull, repro, endpoint = commands(PAGE)
    there = {**variables, **PLAIN, "REMOTE": remote}
    command(project, "sh", "-c", add, **there)
    if "ENDPOINT" in variables:
        command(project, "sh", "-c", endpoint, **there)
    for line in (keep, push):
        command(project, "sh", "-c", line, **there)
    clone = project.with_name("clone")
    command(project.parent, "git", "clone", "-q", str(project), str(clone))
    command(clone, "sh", "-c", pull, **there)
    done = command(clone, "sh", "-c", repro, **there)
    assert ran(done) == set() and "up to date" in done.stdout
    assert (clone / "data" / "models" / "full" / "model").read_text() == "1\n"
    assert command(clone, "git", "status", "--porcelain").stdout == ""
    config = (project / ".dvc" / "config").read_text()
    assert remote in config and "secret" not in config


def test_a_folder(project: Path) -> None:
    share(project, str(project.with_name("store")))
    # With the run cache, a clone without dvc.lock computes nothing either.
    clone = project.with_name("clone")
    (clone / "dvc.lock").unlink()
    dvc(clone, "pull", "--run-cache", "--allow-missing", ok=False)
    assert "train" not in ran(dvc(clone, "repro"))


@pytest.mark.long
def test_the_s3_protocol(project: Path, s3: str) -> None:
    share(project, "s3://store/brand", ENDPOINT=s3, **variables("secret"))
    listed = client(s3).list_objects_v2(Bucket="store", Prefix="brand/files/md5/")
    assert listed["KeyCount"] == 2  # the folder and its file


def test_the_workflow_s_example_is_valid(tmp_path: Path) -> None:
    [example] = (ROOT / PAGE).read_text(encoding="utf-8").split("```yaml\n")[1:]
    file = tmp_path / "push.yml"
    file.write_text(example.partition("```")[0], encoding="utf-8")
    done = subprocess.run(["actionlint", str(file)], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stdout
    assert YAML(typ="safe").load(file)["permissions"] == {"contents": "read"}
