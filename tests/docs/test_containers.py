"""The Dockerfile, the dev container and the editor's settings fit the project and each other."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from conftest import ROOT
from ruamel.yaml import YAML

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CLEAN_ROOT = ROOT / ".ci" / "clean-root"


def read_json(path: str) -> Any:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def test_the_dev_container_builds_a_stage_of_the_dockerfile() -> None:
    container = read_json(".devcontainer/devcontainer.json")
    build = container["build"]
    assert (ROOT / ".devcontainer" / build["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert build["target"] in re.findall(r"^FROM .* AS (\w+)$", DOCKERFILE, re.MULTILINE)
    assert f"useradd --create-home --shell /bin/bash {container['remoteUser']}" in DOCKERFILE
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = container["postCreateCommand"].removeprefix("make ").split()
    assert targets and all(re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE) for target in targets)
    assert str(container["forwardPorts"][0]) == re.findall(r"^PORT \?= (\d+)", makefile, re.MULTILINE)[0]


def test_both_editors_get_the_same_extensions() -> None:
    vscode = read_json(".devcontainer/devcontainer.json")["customizations"]["vscode"]
    recommended = read_json(".vscode/extensions.json")["recommendations"]
    assert vscode["extensions"] == recommended
    docs = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")
    assert all(f"`{extension}`" in docs for extension in recommended)


def test_the_image_leaves_out_what_a_run_makes() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".venv", "data", ".dvc/cache", ".dvc/tmp"} <= set(ignored)
    assert ".git" not in ignored  # `dvc exp run` needs it


def test_the_clean_root_knows_every_instruction_of_the_dockerfile() -> None:
    script = CLEAN_ROOT.read_text(encoding="utf-8")
    known = set(re.findall(r"^ +([A-Z]+)\\ ", script, re.MULTILINE))
    used = set(re.findall(r"^([A-Z]+) ", re.sub(r"\\\n", "", DOCKERFILE), re.MULTILINE))
    assert used - known == set()
    subprocess.run(["bash", "-n", str(CLEAN_ROOT)], check=True)
    usage = subprocess.run([str(CLEAN_ROOT)], capture_output=True, text=True, check=False)
    assert (usage.returncode, usage.stderr.count("\n")) == (2, 1)


def test_the_citation_agrees_with_the_package() -> None:
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{citation["version"]}"' in project and f'license = "{citation["license"]}"' in project
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # the format's required keys
    assert "[Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
