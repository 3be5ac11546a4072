"""Read YAML 1.2 (`1e-4` is a number, `no` a word); any fault in a file becomes one line that names file and line.

A document is text, numbers, booleans and nulls in lists and mappings. Its size, depth and references are bounded, so
that reading takes seconds at most, whoever wrote the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode

from brandmlm.core.errors import UserError

MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 50_000  # keys, texts and numbers; ruamel.yaml reads some 10,000 a second
MAX_REFERENCED: Final = 10_000  # values that references (`*name`) repeat
MAX_DEPTH: Final = 50
MAX_INTEGER: Final = 2**63 - 1


class _Composer(Composer):
    """Counts values, and those that references repeat: nine references to nine references to ... need few bytes."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.values = 0
        self.referenced = 0
        self.sizes: dict[int, int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            mark = self.parser.peek_event().start_mark
            raise MarkedYAMLError(None, None, f"more than {MAX_VALUES:,} values", mark)
        return super().compose_node(parent, index)

    def return_alias(self, node: Node) -> Node:
        self.referenced += self._size(node)
        if self.referenced > MAX_REFERENCED:
            raise MarkedYAMLError(None, None, "too many references (`*name`)", node.start_mark)
        return node

    def _size(self, node: Node) -> int:
        """The number of values in a node, all references followed; these have been counted when they were read."""
        if isinstance(node, ScalarNode):
            return 1
        if id(node) not in self.sizes:
            self.sizes[id(node)] = 1  # what refers to itself
            pairs = [part for entry in node.value for part in (entry if isinstance(entry, tuple) else (entry,))]
            self.sizes[id(node)] += sum(map(self._size, pairs))
        return self.sizes[id(node)]


def _check(value: Any, keys: tuple[str, ...], above: tuple[int, ...]) -> None:
    """Raise ValueError if a value is not of the allowed kinds, or contains itself."""
    place = ".".join(keys) or "the document"
    if id(value) in above:
        raise ValueError(f"{place} refers to itself")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {'.'.join([*keys, str(key)[:40]])} is no text; put it in quotes")
            _check(inner, (*keys, key[:40]), (*above, id(value)))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            _check(inner, (*keys, str(number)), (*above, id(value)))
    elif isinstance(value, int) and abs(value) > MAX_INTEGER:
        raise ValueError(f"{place}: a number of more than 64 bits; write a smaller one")
    elif value is not None and not isinstance(value, str | bool | int | float):
        raise ValueError(f"{place}: neither text nor a number; put it in quotes")


def _load(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    yaml.max_depth = MAX_DEPTH
    return yaml.load(text)


def parse_yaml(text: str | bytes, name: str) -> Any:
    """Parse a YAML document. Raises UserError that begins with `name`."""
    if len(text) > MAX_BYTES:
        raise UserError(f"{name}: {len(text):,} bytes, over the {MAX_BYTES:,} of a YAML file here; shorten it")
    try:
        value = _load(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except (RecursionError, MaxDepthExceededError):
        raise UserError(f"{name}: not valid YAML: nested too deeply; correct it") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UserError(f"{name}: not valid YAML: {place}{error.problem}; correct it") from None
    except YAMLError as error:
        raise UserError(f"{name}: not valid YAML: {error}; correct it") from None
    except UnicodeDecodeError:
        raise UserError(f"{name}: not UTF-8; save it with that encoding") from None
    # How ruamel fails on scalars such as 2024-13-45 or `!!int x`.
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise UserError(f"{name}: not valid YAML: {error}; put this value in quotes") from None
    try:
        _check(value, (), ())
    except ValueError as error:
        raise UserError(f"{name}: {error}") from None
    return value


def read_yaml(path: Path, if_missing: str) -> Any:
    """Read a YAML file. Raises UserError that names the file; `if_missing`: the remedy if there is none."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UserError(f"{path}: not found; {if_missing}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); correct the path or its permissions") from None
    return parse_yaml(text, str(path))
