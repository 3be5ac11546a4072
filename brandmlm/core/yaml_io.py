"""Read YAML 1.2 (`1e-4` is a number, `no` a word); any fault in a file becomes one line that names file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from brandmlm.core.errors import UserError


def parse_yaml(text: str | bytes, name: str) -> Any:
    """Parse a YAML document. Raises UserError that begins with `name`."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UserError(f"{name}: not valid YAML: {place}{error.problem}; correct it") from None
    except YAMLError as error:
        raise UserError(f"{name}: not valid YAML: {error}; correct it") from None
    except RecursionError:
        raise UserError(f"{name}: not valid YAML: nested too deeply; correct it") from None
    except (ValueError, LookupError) as error:  # how ruamel fails on scalars such as 2024-13-45 or `!!int x`
        raise UserError(f"{name}: not valid YAML: {error}; put this value in quotes") from None


def read_yaml(path: Path, if_missing: str) -> Any:
    """Read a YAML file. Raises UserError that names the file; `if_missing`: the remedy if there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: not found; {if_missing}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); correct the path or its permissions") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8; save it with that encoding") from None
    return parse_yaml(text, str(path))
