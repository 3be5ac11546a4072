"""The commands of docs/registry.md, on a small project with the real names of its models."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT, command, commit, dvc, start
from pages import commands
from ruamel.yaml import YAML

pytestmark = pytest.mark.long

STAGES = {
    "made": {
        "cmd": "mkdir -p data/base data/export && cp params.yaml data/base/ && cp -r made data/export/full"
        " && cp -r made data/export/filtered",
        "deps": ["made", "params.yaml"],
        "outs": ["data/base", "data/export/full", "data/export/filtered"],
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "made").mkdir(parents=True)
    (folder / "made" / "model.safetensors").write_bytes(b"weights")
    shutil.copy(ROOT / "params.yaml", folder)
    yaml = YAML(typ="safe", pure=True)
    artifacts = yaml.load((ROOT / "dvc.yaml").read_text())["artifacts"]
    yaml.dump({"stages": STAGES, "artifacts": artifacts}, folder / "dvc.yaml")
    (folder / ".gitignore").write_text("/data\n")
    start(folder)
    return folder


def test_a_version_in_production_is_got_from_a_clone(project: Path) -> None:
    *registering, get = commands("docs/registry.md")
    assert [line.split()[:2] for line in registering] == [["gto", "register"], ["gto", "assign"], ["gto", "show"]]
    shown = [command(project, "sh", "-c", line).stdout for line in registering][-1]
    assert "v2" in shown and "v0.0.1" in shown and "prod" in shown
    assert command(project, "git", "tag").stdout.split() == ["v2#prod#1", "v2@v0.0.1"]

    # The next version is not in production.
    (project / "made" / "model.safetensors").write_bytes(b"newer weights")
    dvc(project, "repro", "-q")
    commit(project)
    command(project, "gto", "register", "v2")
    for name, words in {"elsewhere": get, "newest": f"{get.split(' --stage')[0]} --rev v0.0.2 --out v2-prod"}.items():
        folder = project.with_name(name)
        folder.mkdir()
        command(folder, "git", "init", "-q")
        command(folder, "sh", "-c", words, PROJECT=str(project))
    got = [project.with_name(name) / "v2-prod" / "model.safetensors" for name in ("elsewhere", "newest")]
    assert [file.read_bytes() for file in got] == [b"weights", b"newer weights"]
