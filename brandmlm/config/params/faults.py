"""One line for what pydantic finds wrong in `params.yaml`: the key as it is in the file, and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import ValidationError

from brandmlm.config.params.section import Section

# Keys that were renamed, by section: old to new.
RENAMED: Final = {
    "clean": {"english_confidence": "language_confidence"},
    "train": {
        "masking_rate": "mlm_probability",
        "claim_rate": "target_word_probability",
        "contrast": "contrastive_weight",
        "warm_up": "warmup_ratio",
        "evaluations": "num_evals",
        "interpolation": "wise_ft_alpha",
    },
    "evaluate": {"passes": "mask_folds"},
}

_ONLY_IN_PROFILES: Final = ("sources", "base")


def _contains(tree: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def _keys(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """A fault's keys. pydantic adds the tag of a union ("kaggle"), which is no key of the file."""
    keys = tuple(str(key) for key in location)
    if keys[:1] == ("sources",) and len(keys) > 2:
        return keys[:2] + keys[3:]
    if keys[:1] == ("base",) and len(keys) > 1:
        return keys[:1] + keys[2:]
    return keys


def _inside(annotation: Any, key: str) -> Any:
    """The type of the value that a fault's location goes into: a field's, a mapping's, or a union's by its tag."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        field = annotation.model_fields.get(key)
        return field.rebuild_annotation() if field else None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _inside(arguments[0], key)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return arguments[1]
    tagged = [each for each in arguments if isinstance(each, type) and issubclass(each, Section)]
    return next((each for each in tagged if key in get_args(each.model_fields["kind"].annotation)), None)


def _known_keys(model: type[Section], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the section around a fault may have."""
    section: Any = model
    for key in location[:-1]:
        section = _inside(section, str(key))
    return list(section.model_fields) if isinstance(section, type) and issubclass(section, Section) else []


def _advice(model: type[Section], location: tuple[int | str, ...]) -> str:
    """What to do about an unknown key."""
    keys = _keys(location)
    renamed = RENAMED.get(keys[0], {}).get(keys[-1]) if len(keys) == 2 else None
    if renamed:
        return f"renamed; write {renamed}"
    near = difflib.get_close_matches(keys[-1], _known_keys(model, location), n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else "unknown key; remove it"


def shortened(value: Any) -> str:
    """A value as it is in the file, at most a line of it."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."


def no_section(value: Any) -> str:
    return f"{shortened(value)} is no section; write its keys below it, indented"


def explain(error: ValidationError, model: type[Section], profile: str, block: dict[str, Any]) -> str:
    """The first fault. An unknown key comes before a missing one, which may be the same key misspelt."""
    faults = error.errors()
    fault = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    keys = _keys(fault["loc"])
    in_profile = keys[:1] in [(section,) for section in _ONLY_IN_PROFILES] or _contains(block, keys)
    name = ".".join([profile, *keys] if in_profile else keys).removesuffix(".[key]")  # a fault of the key itself
    if fault["type"] == "extra_forbidden":
        return f"{name}: {_advice(model, fault['loc'])}"
    if fault["type"] == "missing":
        return f"{name}: missing; add it to the common section or to the block of profile {profile!r}"
    if fault["type"] == "union_tag_invalid":
        return f"{name}.kind: {fault['ctx']['tag']!r} is unknown; write {fault['ctx']['expected_tags']}"
    if fault["type"] == "union_tag_not_found":
        return f"{name}.kind: missing; add it"
    if fault["type"] in ("model_type", "model_attributes_type"):
        return f"{name}: {no_section(fault['input'])}"
    if fault["type"] == "value_error":  # our own words; a pasted address may hold a password, so it is not repeated
        return f"{name}: {fault['ctx']['error']}"
    return f"{name}: {fault['msg'][0].lower() + fault['msg'][1:]}; it is {shortened(fault['input'])}"
