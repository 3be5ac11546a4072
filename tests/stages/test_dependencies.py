"""What dvc.yaml declares is what the stages use: modules, params, files."""

from __future__ import annotations

import ast
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, command, dvc
from ruamel.yaml import YAML

STAGES = [
    "fetch@reviews", "fetch@products", "fetch@catalogue", "base", "clean", "synthesize", "split", "filter",
    "train@full", "train@filtered", "evaluate@base", "evaluate@full", "evaluate@filtered", "report",
    "export@full", "export@filtered",
]  # fmt: skip


def module_file(name: str) -> str | None:
    """The project's file for a module name, if it is one of the project's."""
    for candidate in (f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate
    return None


@cache
def imports(file: str) -> frozenset[str]:
    """The project's files that a file imports, anywhere in its code, with the packages on the way to them."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            found |= {module_file(".".join(parts[:end])) for end in range(1, len(parts) + 1)}
    return frozenset(file for file in found if file)


def closure(file: str) -> set[str]:
    reached: set[str] = set()
    waiting = ["stages/__init__.py", file]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting.extend(imports(file))
    return reached


@pytest.fixture(scope="module")
def lock(built_project: Path) -> dict[str, Any]:
    """The stages as DVC resolved them: cmd, deps, params and outs by stage name."""
    return dict(YAML(typ="safe").load(built_project / "dvc.lock")["stages"])


@pytest.fixture(scope="module")
def traces(built_project: Path, shared_folder: Path) -> dict[str, Any]:
    return {file.stem: json.loads(file.read_text()) for file in (shared_folder / "traces").glob("*.json")}


def paths(entry: dict[str, Any], kind: str) -> list[str]:
    return [item["path"] for item in entry.get(kind, [])]


@pytest.mark.slow
def test_every_stage_ran(lock: dict[str, Any], traces: dict[str, Any]) -> None:
    assert set(lock) == set(STAGES)
    assert set(traces) == set(STAGES)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_code_deps_are_the_import_closure(lock: dict[str, Any], stage: str) -> None:
    declared = {path for path in paths(lock[stage], "deps") if path.endswith(".py")}
    assert declared == closure(f"stages/{stage.partition('@')[0]}.py")


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_params_declared_are_params_read(lock: dict[str, Any], traces: dict[str, Any], stage: str) -> None:
    declared = set()
    for key, value in lock[stage].get("params", {}).get("params.yaml", {}).items():
        key = key.removeprefix("sample.")
        whole_block = isinstance(value, dict) and not key.startswith(("sources", "base"))
        declared |= {f"{key}.{inner}" for inner in value} if whole_block else {key}
    # How to run is no part of what comes out: no stage declares it (see the params test of re-runs).
    read = {key for key in traces[stage]["params"] if not key.startswith("execution")}
    assert read == declared


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_files_opened_are_declared(lock: dict[str, Any], traces: dict[str, Any], stage: str) -> None:
    allowed = [*paths(lock[stage], "deps"), *paths(lock[stage], "outs"), "params.yaml"]
    opened = [file for file in traces[stage]["opened"] if not file.endswith(".pyc") and "__pycache__" not in file]
    partial = [str(Path(out).with_name(f".{Path(out).name}.partial")) for out in paths(lock[stage], "outs")]
    if stage.startswith("train@"):
        # Curves and checkpoints while it trains: no outputs, gone at the end.
        partial += [f"{folder}/{stage.removeprefix('train@')}" for folder in ("dvclive", "data/checkpoints")]
    # DVCLive looks which repository it runs in; that none of it reaches the outputs is the next test's matter.
    partial += [".dvc", ".dvcignore", ".git", ".gitignore"]
    strangers = [
        file
        for file in opened
        if not any(file == entry or file.startswith(f"{entry}/") for entry in [*allowed, *partial])
    ]
    assert strangers == []


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_on_its_deps_alone_and_gives_the_same_bytes(
    built_project: Path, lock: dict[str, Any], stage: str, tmp_path: Path
) -> None:
    """Files opened by native code escape the trace; a folder that holds nothing else does not lend them.

    Stage by stage from the bytes of the one before, so a run from nothing gives the same bytes, too: another folder,
    another hash seed, no cache.
    """
    for path in [*paths(lock[stage], "deps"), "params.yaml"]:
        source, target = built_project / path, tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
    command(tmp_path, "sh", "-c", lock[stage]["cmd"], PYTHONHASHSEED="2")
    for path in paths(lock[stage], "outs"):
        before, after = built_project / path, tmp_path / path
        files = (
            sorted(file.relative_to(before) for file in before.rglob("*") if file.is_file())
            if before.is_dir()
            else [Path()]
        )
        made = (
            sorted(file.relative_to(after) for file in after.rglob("*") if file.is_file())
            if after.is_dir()
            else [Path()]
        )
        assert made == files
        for file in files:
            assert (after / file).read_bytes() == (before / file).read_bytes(), f"{path}/{file}"


def test_every_stage_says_what_it_does() -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    assert {name.partition("@")[0] for name in STAGES} == set(stages)
    for name, stage in stages.items():
        entry = stage.get("do", stage)
        assert entry["desc"], name
        assert (ROOT / "stages" / f"{name}.py").is_file()


def test_the_committed_lock_is_of_the_committed_code() -> None:
    """`dvc status` on the code, lexicon and params: nothing changed since the lock, the metrics and plots were made."""
    changed = json.loads(dvc(ROOT, "status", "--json").stdout or "{}")
    stale = {
        stage: [entry for entry in entries if "changed deps" in entry or entry == "changed command"]
        for stage, entries in changed.items()
    }
    inputs = {
        f"{stage}: {path}"
        for stage, entries in stale.items()
        for entry in entries
        for path, how in (entry["changed deps"].items() if isinstance(entry, dict) else [("command", "changed")])
        if not str(path).startswith("data/")
    }
    assert inputs == set()
