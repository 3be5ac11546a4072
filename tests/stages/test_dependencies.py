"""What dvc.yaml declares is what the stages use: code, packages, params, files."""

from __future__ import annotations

import ast
import json
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from conftest import PLAIN, ROOT, command, dvc
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from brandmlm.core.locks import lock_file

STAGES = [
    "code", "fetch", "base", "clean", "synthesize", "split", "filter",
    "train@full", "train@filtered", "evaluate@base", "evaluate@full", "evaluate@filtered", "report",
    "export@full", "export@filtered",
]  # fmt: skip


MAINS = sorted({stage.partition("@")[0] for stage in STAGES[1:]})
# Packages import these if they are installed, and here work without them: transformers peft and pillow, ruamel.yaml its
# clib (only for `pure=False`), huggingface_hub rich.
OPTIONAL = {"peft", "pillow", "rich", "ruamel-yaml-clib"}
REQUIREMENT_FILES = ("requirements.txt", "requirements-model.txt", "constraints.txt")


def main_of(stage: str) -> str:
    return stage.partition("@")[0]


def requirements(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


distributions = cache(packages_distributions)  # by top-level module; takes a second


def module_file(name: str) -> str | None:
    """The project's file for a module name, if it is one of the project's."""
    for candidate in (f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py"):
        if (ROOT / candidate).is_file():
            return candidate
    return None


@cache
def imported(file: str) -> frozenset[str]:
    """The names that a file imports, anywhere in its code but where only type checkers look."""
    names: list[str] = []
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return frozenset(names)


def imports(file: str) -> set[str]:
    """The project's files that a file imports, with the packages on the way to them."""
    found = set()
    for name in imported(file):
        parts = name.split(".")
        found |= {module_file(".".join(parts[:end])) for end in range(1, len(parts) + 1)}
    return {file for file in found if file}


def closure(file: str) -> set[str]:
    """A second way to find what the code file of a stage lists: `ast.walk` over all nodes."""
    reached: set[str] = set()
    waiting = ["stages/__init__.py", file]
    while waiting:
        file = waiting.pop()
        if file not in reached:
            reached.add(file)
            waiting.extend(imports(file))
    return reached


@dataclass(frozen=True)
class Code:
    """A stage's code file: digests by module, pins by normalised package name."""

    modules: dict[str, str]
    packages: dict[str, list[str]]


CodeFiles = dict[str, Code]


def read_code_files(folder: Path) -> CodeFiles:
    found = {}
    for file in folder.iterdir():
        lines = file.read_text(encoding="utf-8").splitlines()
        packages: dict[str, list[str]] = {}
        for line in lines:
            if " " not in line:
                packages.setdefault(canonicalize_name(Requirement(line).name), []).append(line)
        found[file.name] = Code(dict(line.split() for line in lines if " " in line), packages)
    return found


def digest(project: Path) -> CodeFiles:
    """The code files of a project's folder, by the command of the stage `code`."""
    words = ["--out", str(project / "data" / "code"), "--project", str(project)]
    command(ROOT, sys.executable, "-m", "brandmlm.commands.code_digests", *words)
    return read_code_files(project / "data" / "code")


def copy_code(target: Path) -> Path:
    for folder in ("brandmlm", "stages"):
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in REQUIREMENT_FILES:
        shutil.copy2(ROOT / name, target)
    return target


@pytest.fixture(scope="module")
def code_files(tmp_path_factory: pytest.TempPathFactory) -> CodeFiles:
    return digest(copy_code(tmp_path_factory.mktemp("code")))


@pytest.fixture(scope="module")
def lock(built_project: Path) -> dict[str, Any]:
    """The stages as DVC resolved them: cmd, deps, params and outs by stage name."""
    return dict(YAML(typ="safe").load(built_project / "dvc.lock")["stages"])


@pytest.fixture(scope="module")
def traces(built_project: Path, shared_folder: Path) -> dict[str, Any]:
    """What the stages opened, read and loaded of the project in `dvc repro`."""
    return {file.stem: json.loads(file.read_text()) for file in (shared_folder / "traces").glob("*.json")}


def paths(entry: dict[str, Any], kind: str) -> list[str]:
    return [item["path"] for item in entry.get(kind, [])]


class Alone(dict[str, Path]):
    """By stage, a folder in which it ran on its deps alone, by Python itself and with another hash seed than before.

    The folder's `trace` is the one of that run.
    """

    def __init__(self, project: Path, lock: dict[str, Any], code_files: CodeFiles, folder: Path) -> None:
        super().__init__()
        self.project, self.lock, self.code_files, self.folder = project, lock, code_files, folder

    def __missing__(self, stage: str) -> Path:
        folder, entry = self.folder / stage, self.lock[stage]
        code = [] if stage == "code" else [*self.code_files[main_of(stage)].modules, *REQUIREMENT_FILES]
        for path in [*paths(entry, "deps"), *code, "params.yaml"]:
            source, target = self.project / path, folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        trace = {"TRACE_FOLDER": str(self.folder), "DVC_STAGE": stage}
        command(folder, "sh", "-c", entry["cmd"], PYTHONHASHSEED="2", **trace, **PLAIN)
        self[stage] = folder
        return folder

    def loaded(self, stage: str) -> set[str]:
        """The modules that the stage loads."""
        return set(json.loads(self[stage].with_name(f"{stage}.json").read_text())["modules"])


@pytest.fixture(scope="module")
def alone(
    built_project: Path, lock: dict[str, Any], code_files: CodeFiles, tmp_path_factory: pytest.TempPathFactory
) -> Alone:
    return Alone(built_project, lock, code_files, tmp_path_factory.mktemp("alone"))


@pytest.mark.slow
def test_every_stage_ran(lock: dict[str, Any], traces: dict[str, Any]) -> None:
    assert set(lock) == set(STAGES)
    assert set(traces) == set(STAGES)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES[1:])
def test_a_stage_depends_for_its_code_on_its_code_file_alone(lock: dict[str, Any], stage: str) -> None:
    file = f"data/code/{main_of(stage)}"
    code = [path for path in paths(lock[stage], "deps") if path.startswith("data/code") or path.endswith(".py")]
    assert code == [file]
    assert f"--code {file} " in lock[stage]["cmd"]


@pytest.mark.parametrize("stage", MAINS)
def test_a_code_file_lists_the_import_closure(code_files: CodeFiles, stage: str) -> None:
    assert set(code_files[stage].modules) == closure(f"stages/{stage}.py")


@pytest.mark.parametrize("stage", MAINS)
def test_a_code_file_lists_packages_and_what_they_require(code_files: CodeFiles, stage: str) -> None:
    pinned: dict[str, set[str]] = {}  # the extras asked for, by package
    for line in (line for file in REQUIREMENT_FILES for line in requirements(file)):
        pinned.setdefault(canonicalize_name(Requirement(line).name), set()).update(Requirement(line).extras)
    names = {name for file in closure(f"stages/{stage}.py") for name in imported(file)}
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"brandmlm", "stages"}
    packages = distributions() | {"ruamel": ["ruamel.yaml"]}
    waiting = [
        Requirement(f"{name}[{','.join(pinned[canonicalize_name(name)])}]") for top in tops for name in packages[top]
    ]
    found: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        # The extras that are pinned hold for whoever requires the package.
        extras = frozenset(requirement.extras) | pinned.get(name, set())
        if name not in pinned or (name, extras) in found:
            continue
        found.add((name, extras))
        for asked in map(Requirement, requires(name) or []):
            marker = str(asked.marker or "")
            if "extra" not in marker or any(f'"{extra}"' in marker for extra in extras):
                waiting.append(asked)
    assert {name for name, _ in found} == set(code_files[stage].packages)
    for name, lines in code_files[stage].packages.items():
        assert set(lines) == {
            line.replace(" ", "")
            for file in REQUIREMENT_FILES
            for line in requirements(file)
            if canonicalize_name(Requirement(line).name) == name
        }


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES[1:])
def test_modules_loaded_are_in_the_code_file(code_files: CodeFiles, traces: dict[str, Any], stage: str) -> None:
    loaded = {
        module_file(name) for name in traces[stage]["modules"] if name.partition(".")[0] in ("brandmlm", "stages")
    }
    assert loaded and loaded - {None} <= set(code_files[main_of(stage)].modules)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES[1:])
def test_packages_loaded_are_in_the_code_file(code_files: CodeFiles, alone: Alone, stage: str) -> None:
    named = {canonicalize_name(Requirement(line).name) for line in requirements("requirements.txt")}
    loaded = {
        canonicalize_name(package)
        for name in {module.partition(".")[0] for module in alone.loaded(stage)}
        for package in distributions().get(name, [])
    }
    assert (loaded & named) - set(code_files[main_of(stage)].packages) <= OPTIONAL


@pytest.mark.slow
def test_the_pin_of_torch_counts_where_torch_is_loaded(code_files: CodeFiles, alone: Alone) -> None:
    counts = {stage for stage in STAGES[1:] if "torch" in code_files[main_of(stage)].packages}
    assert counts == {stage for stage in STAGES[1:] if "torch" in alone.loaded(stage)}
    assert counts == {stage for stage in STAGES if stage.startswith(("base", "train@", "evaluate@"))}


def test_every_module_counts_and_comments_do_not(code_files: CodeFiles, tmp_path: Path) -> None:
    """Each module is a line of its own, so all of them can change at once."""
    project = copy_code(tmp_path)
    modules = [project / file for file in sorted({file for code in code_files.values() for file in code.modules})]
    assert len(modules) > 100
    for file in modules:
        text = file.read_text(encoding="utf-8")
        assert text.startswith('"""')
        file.write_text("# A remark.\n\n" + text.replace('"""', '"""Another word: ', 1) + "\n\n# A remark. \n")
    assert digest(project) == code_files
    for file in modules:
        with file.open("a", encoding="utf-8") as opened:
            opened.write("assert True\n")
    for stage, code in digest(project).items():
        before = code_files[stage].modules
        assert code.modules.keys() == before.keys()
        assert [file for file in before if code.modules[file] == before[file]] == []


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_code_files_are_the_same_on_every_python(code_files: CodeFiles, version: str, tmp_path: Path) -> None:
    installed = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    python = next(map(str, reversed(installed)), None) or shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"no Python {version} on PATH or in ~/.pyenv")
    folders = sysconfig.get_paths()
    words = ["--out", str(tmp_path / "code"), "--site-packages", folders["purelib"], folders["platlib"]]
    command(ROOT, python, "-m", "brandmlm.commands.code_digests", *words)
    assert read_code_files(tmp_path / "code") == code_files


@pytest.mark.slow
@pytest.mark.parametrize("main", MAINS)
def test_sections_declared_are_sections_read(lock: dict[str, Any], traces: dict[str, Any], main: str) -> None:
    declared, read = set(), set()
    for stage in (stage for stage in STAGES if main_of(stage) == main):
        names = lock[stage]["params"]["params.yaml"]
        keys = set(traces[stage]["params"])
        declared |= {name.removeprefix("sample.").partition(".")[0] for name in names}
        read |= {key.partition(".")[0] for key in keys}
    # How to run does not change the result: no stage declares it (see the params test of re-runs).
    assert read - {"execution"} == declared


@pytest.mark.slow
def test_every_key_of_a_declared_section_is_read(lock: dict[str, Any], traces: dict[str, Any]) -> None:
    """By a stage that uses it: `export` prints all keys of some sections."""
    declared = {
        f"{name.removeprefix('sample.')}.{key}"
        for stage in STAGES[1:]
        for name, value in lock[stage]["params"]["params.yaml"].items() if not name.startswith("sample.sources")
        for key in value if name != "sample.base"
    }  # fmt: skip
    read = {key for stage in STAGES[1:] if main_of(stage) != "export" for key in traces[stage]["params"]}
    assert declared - read == set()


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_files_opened_are_declared(
    lock: dict[str, Any], traces: dict[str, Any], code_files: CodeFiles, stage: str
) -> None:
    allowed = [*paths(lock[stage], "deps"), *paths(lock[stage], "outs"), "params.yaml", *REQUIREMENT_FILES]
    if stage != "code":
        allowed += code_files[main_of(stage)].modules
    opened = [file for file in traces[stage]["opened"] if not file.endswith(".pyc") and "__pycache__" not in file]
    written = [Path(out) for out in paths(lock[stage], "outs")]
    partial = [str(out.with_name(f".{out.name}.partial")) for out in written]
    if stage.startswith("train@"):
        # Curves and checkpoints while it trains: no outputs, gone at the end.
        made = [Path(folder, stage.removeprefix("train@")) for folder in ("dvclive", "data/checkpoints")]
        partial += map(str, made)
        written += made
    partial += [str(lock_file(out)) for out in written]
    if stage.startswith("export@"):
        partial.append("dvc.lock")  # with which the model is compared; nothing of it reaches the card
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
    built_project: Path, lock: dict[str, Any], alone: Alone, stage: str
) -> None:
    """Files opened by native code escape the trace; a folder that holds nothing else does not lend them.

    Stage by stage from the bytes of the one before, so a run from nothing gives the same bytes, too: another folder,
    another hash seed, no cache.
    """
    for path in paths(lock[stage], "outs"):
        before, after = built_project / path, alone[stage] / path
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
        module = "brandmlm.commands.code_digests" if name == "code" else f"stages.{name}"
        assert entry["cmd"].split()[:3] == ["python", "-m", module]


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
