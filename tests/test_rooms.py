"""Rooms import downwards only, stages are thin, functions are short, and each room says what it may import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "brandmlm"

# From the ground up; rooms of one floor do not import each other.
FLOORS = (
    ("core",),
    ("text",),
    ("config",),
    ("data", "filtering"),
    ("modeling",),
    ("evaluation",),
    ("training", "reporting", "checking", "onnx"),
    ("page",),
    ("commands",),
)
ROOMS = [room for floor in FLOORS for room in floor]
BELOW = {
    room: {lower for floor in FLOORS[:number] for lower in floor}
    for number, floor in enumerate(FLOORS)
    for room in floor
}

MAX_LINES, MAX_PARAMETERS, MAX_STAGE_LINES = 60, 6, 80
REASON = re.compile(r"\s*# long: \S")  # above a function or its decorators, or first in its body: why it is longer


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module_name(path): parse(path) for path in sorted(PACKAGE.rglob("*.py"))}


def imports(tree: ast.AST) -> Iterator[str]:
    """Modules that are imported anywhere in a file, also inside functions and for types only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ([name for name in submodules if name in TREES] or [str(node.module)])


def room_of(module: str) -> str | None:
    """The room of a module; None for the package's own modules."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else None


def said_to_import(room: str) -> set[str]:
    """The rooms that a room's docstring allows it to import."""
    text = str(ast.get_docstring(TREES[f"brandmlm.{room}"])).partition("May import:")[2]
    if "every other room" in text:
        return set(ROOMS) - {room}
    named = set(re.findall(r"\w+", text)) & set(ROOMS)
    return named | {lower for each in named for lower in BELOW[each]} if "below" in text else named


def test_every_folder_of_modules_is_a_package() -> None:
    """A folder without `__init__.py` works here, but an installed package does not have it."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_every_folder_is_a_room_of_the_house() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_and_imports_what_it_says(room: str) -> None:
    lines = [line for line in str(ast.get_docstring(TREES[f"brandmlm.{room}"])).splitlines() if line]
    assert (
        2 <= len(lines) <= 3 and lines[0].startswith(f"{room.capitalize()}: ") and lines[-1].startswith("May import:")
    )
    allowed = said_to_import(room)
    assert allowed <= BELOW[room]
    wrong = [
        f"{module} imports {name}"
        for module, tree in TREES.items()
        if room_of(module) == room
        for name in imports(tree)
        if name.split(".")[0] in ("stages", "tools", "bench", "tests")
        or (name.split(".")[0] == "brandmlm" and room_of(name) not in {room, *allowed})
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {name for name in imports(tree) if name in TREES} - {module} for module, tree in TREES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_stages_are_thin() -> None:
    lines = {path.stem: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "stages").glob("*.py")}
    assert {name for name, count in lines.items() if count > MAX_STAGE_LINES} == set()


def has_reason(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    before_body = range(function.lineno, function.body[0].lineno)  # comments are no part of the tree
    return any(REASON.match(lines[number - 1]) for number in (first - 1, *before_body))


def too_long(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given: list[Any] = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parameters = [each for each in given if each.arg not in ("self", "cls")]
            size = int(node.end_lineno or 0) - node.lineno + 1
            if (size > MAX_LINES or len(parameters) > MAX_PARAMETERS) and not has_reason(node, lines):
                yield f"{path.relative_to(PACKAGE)}: {node.name}"


def test_functions_are_short_or_say_why_not() -> None:
    found = {name for path in PACKAGE.rglob("*.py") for name in too_long(path)}
    assert found == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(a, b, c, d, e, f): ...", []),
        ("def f(a, b, c, d, e, f, g): ...", ["f"]),
        ("# long: a command line\ndef f(a, b, c, d, e, f, g): ...", []),
        ("# long:\ndef f(a, b, c, d, e, f, g): ...", ["f"]),
        ("# long: a command line\n@decorated\ndef f(a, b, c, *, d, e, f, g): ...", []),
        ("class A:\n    def f(self, a, b, c, d, e, f):\n        # long: a table\n" + "        x = 1\n" * 60, []),
        ("class A:\n    def f(self, a, b, c, d, e, f):\n" + "        x = 1\n" * 60, ["f"]),
    ],
)
def test_what_counts_as_long(source: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_rooms.PACKAGE", tmp_path)
    (tmp_path / "module.py").write_text(source)
    assert list(too_long(tmp_path / "module.py")) == [f"module.py: {name}" for name in expected]
