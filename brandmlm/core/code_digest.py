"""Digests of source code that ignore comments, docstrings and blank lines.

`ast` gives the positions of docstrings and imports; the text around them is hashed as written. Nothing is dumped or
unparsed: the result would differ between Python versions. Docstrings are cut even where code reads them
(`__doc__.splitlines()[0]` in a `--help`), because no output of a stage depends on them.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

PROJECT: Final = Path(__file__).resolve().parents[2]  # the folder that the project's packages are imported from

# Strings come first, so that a `#` or an empty line inside a string is kept. An f-string matches as one string: true of
# Python 3.11, the oldest supported; 3.12 allows the same quotes inside.
_STRING_OR_LINE_END: Final = re.compile(
    rb"(?P<string>"
    rb'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|'
    rb"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''|"
    rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'
    rb"'[^'\\\n]*(?:\\.[^'\\\n]*)*')|"
    rb"(?:[ \t\f]*(?:\#[^\n]*)?\n)+",  # with the comment before it and the empty lines after it
    re.DOTALL,
)


@dataclass(frozen=True)
class Closure:
    """A module and all project modules that it imports, directly or indirectly."""

    digests: dict[str, str]  # 16 hex digits by path relative to the project's folder, sorted
    imported: frozenset[str]  # dotted names that are no module of the project


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all statements inside it that can run. Expressions contain no statements and are not visited."""
    yield node
    only_for_types = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    for field in ("orelse",) if only_for_types else ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, field, ()):
            yield from _statements(child)


def _docstring(node: ast.AST) -> ast.Constant | None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
        first = node.body[0]
        value = first.value if isinstance(first, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value
    return None


def _cut(source: bytes, docstrings: list[ast.Constant]) -> bytes:
    """The source without docstrings, comments, empty lines and trailing blanks."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    kept, end = [b"\n"], 0  # the first line end, into which comments at the top are merged
    for node in sorted(docstrings, key=lambda node: node.lineno):
        assert node.end_lineno is not None and node.end_col_offset is not None
        kept.append(source[end : starts[node.lineno - 1] + node.col_offset])
        end = starts[node.end_lineno - 1] + node.end_col_offset
    kept += [source[end:], b"\n"]
    return _STRING_OR_LINE_END.sub(lambda match: match["string"] or b"\n", b"".join(kept))


def _imported(node: ast.AST, package: str) -> list[str]:
    """The dotted names that a statement may import. `package`: the module's own, for relative imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*parents, *filter(None, [node.module])])
        return [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return []


@cache
def read_module(source: bytes, package: str = "") -> tuple[str, tuple[str, ...]]:
    """The digest of a module's source, and the names that it imports anywhere, inside functions too."""
    source = source.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    nodes = list(_statements(ast.parse(source)))
    code = _cut(source, [docstring for node in nodes if (docstring := _docstring(node))])
    return hashlib.sha256(code).hexdigest()[:16], tuple(name for node in nodes for name in _imported(node, package))


def _file_of(module: str, project: Path) -> str | None:
    path = module.replace(".", "/")
    return next((file for file in (f"{path}.py", f"{path}/__init__.py") if (project / file).is_file()), None)


def find_closure(module: str, project: Path = PROJECT) -> Closure:
    """Follow the imports of a module, such as `stages.train`, through the project, packages' `__init__` included."""
    digests: dict[str, str] = {}
    imported: set[str] = set()
    waiting, seen = [module], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append(parent)
        file = _file_of(name, project)
        if file is None:
            imported.add(name)  # a package from outside, or a name inside a module
            continue
        try:
            digests[file], names = read_module(
                (project / file).read_bytes(), name if file.endswith("/__init__.py") else parent
            )
        except (SyntaxError, ValueError) as error:
            raise UserError(f"{file}: not valid Python ({error}); correct it") from None
        waiting += names
    own = {file.removesuffix(".py").partition("/")[0] for file in digests}
    outside = {name for name in imported if name.partition(".")[0] not in own}
    return Closure(dict(sorted(digests.items())), frozenset(outside))
