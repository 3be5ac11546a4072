"""Read and check one of a brand's YAML files, with errors that name the key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from brandmlm.config.brand.fields import Part
from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import read_yaml

Parsed = TypeVar("Parsed", bound=Part)


def _place(location: tuple[int | str, ...], document: Any) -> str:
    """Where a fault stands: keys joined by dots, list items by their `id` where they have one, else counted from 1."""
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
    """What to do about a fault that pydantic found."""
    given = fault["input"]
    match fault["type"]:
        case "missing":
            return "missing; add it"
        case "extra_forbidden":
            return "unknown key; remove it or mend its spelling"
        case "too_short":
            return "empty; list at least one"
        case "string_type":
            return f"{given!r} is no text; put it in quotes"
        case "string_pattern_mismatch":
            return (
                f"{given!r} is empty or has a character or blank that may not stand here; mend it (words: single "
                "blanks, no brackets, braces or bars; names: lower case, digits, - and _)"
            )
        case "tuple_type":
            return f"{given!r} is no list; write one item a line, each after a dash"
        case "model_type" | "dict_type":
            return f"{given!r} has no keys; write them as `key: value`"
        case "bool_type":
            return f"{given!r} is neither true nor false"
        case "literal_error":
            return f"{given!r} is unknown; take one of {fault['ctx']['expected']}"
    return fault["msg"][0].lower() + fault["msg"][1:]


def parse_brand_file(path: Path, model: type[Parsed]) -> Parsed:
    document = read_yaml(path, if_missing="a brand's folder holds lexicon.yaml, templates.yaml, probes.yaml")
    if not isinstance(document, Mapping):
        raise UserError(f"{path}: holds no keys; it needs {', '.join(model.model_fields)}")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        # A product's form may be a word or empty: the two faults of one form are one, and the first says it.
        fault = error.errors()[0]
        location = tuple(key for key in fault["loc"] if not str(key).startswith(("constrained-str", "literal[")))
        raise UserError(f"{path}: {_place(location, document)}: {_advice(fault)}") from None


def check_ids(path: Path, section: str, ids: Iterable[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise UserError(f"{path}: {section} {name!r}: this id stands {count} times; give each its own")
