"""Read and validate a brand's YAML files; errors name the key and the remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from brandmlm.config.brand.fields import BrandModel
from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import read_yaml

Parsed = TypeVar("Parsed", bound=BrandModel)


def _place(location: tuple[int | str, ...], document: Any) -> str:
    """The place of a fault: keys joined by dots; list items by their `id` if they have one, or else counted from 1."""
    place = ""
    for key in location:
        try:
            document = document[key]
        except (LookupError, TypeError):
            document = None
        if isinstance(key, int):
            named = document.get("id") if isinstance(document, Mapping) else None
            place += f" {named!r}" if isinstance(named, str) else f"[{key + 1}]"
        else:
            place += f".{key}" if place else key
    return place or "the file"


def _advice(fault: ErrorDetails) -> str:
    """A fault that pydantic found, and its remedy."""
    given = fault["input"]
    match fault["type"]:
        case "missing":
            return "missing; add it"
        case "extra_forbidden":
            return "unknown key; remove it or correct its spelling"
        case "too_short":
            return "empty; list at least one"
        case "string_type":
            return f"{given!r} is not text; put it in quotes"
        case "string_pattern_mismatch":
            return (
                f"{given!r} is empty or has a character or blank that is not allowed here; correct it (words: single "
                "blanks, no brackets, braces or bars; names: lower case, digits, - and _)"
            )
        case "tuple_type":
            return f"{given!r} is not a list; write one item per line, each after a dash"
        case "model_type" | "dict_type":
            return f"{given!r} has no keys; write them as `key: value`"
        case "bool_type":
            return f"{given!r} is neither true nor false"
        case "literal_error":
            return f"{given!r} is unknown; use one of {fault['ctx']['expected']}"
    return fault["msg"][0].lower() + fault["msg"][1:]


def parse_brand_file(path: Path, model: type[Parsed]) -> Parsed:
    """Read a file into a model. Raises UserError for the first fault."""
    document = read_yaml(path, if_missing="a brand's folder holds lexicon.yaml, templates.yaml, probes.yaml")
    if not isinstance(document, Mapping):
        raise UserError(f"{path}: has no keys; it needs {', '.join(model.model_fields)}")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        # A product's form may be a word or empty, so pydantic reports a wrong form twice; the first report is right.
        fault = error.errors()[0]
        location = tuple(key for key in fault["loc"] if not str(key).startswith(("constrained-str", "literal[")))
        raise UserError(f"{path}: {_place(location, document)}: {_advice(fault)}") from None


def check_ids(path: Path, section: str, ids: Iterable[str]) -> None:
    """Raise UserError if an id occurs twice."""
    for name, count in Counter(ids).items():
        if count > 1:
            raise UserError(f"{path}: {section} {name!r}: this id occurs {count} times; give each its own")
