"""`params.yaml`, read once into typed, frozen objects.

The common sections are merged with the block of the profile in force, key by key. An unknown key, a missing key or
a value of the wrong type is a `UserError` that names the key as it stands in the file.

`python -m brandmlm.commands.check_params` checks the file and the brand's folder: `make repro` begins with it, as DVC starts no stage
for a key that no stage declares, and so would pass over a misspelt one.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from brandmlm.config.params.base import AnyBase
from brandmlm.config.params.clean import Clean
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.config.params.execution import Execution
from brandmlm.config.params.fetch import Fetch
from brandmlm.config.params.filter import Filter
from brandmlm.config.params.gates import Gate
from brandmlm.config.params.report import Report
from brandmlm.config.params.section import Section
from brandmlm.config.params.sources import Sources
from brandmlm.config.params.split import Split
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.config.params.train import Train
from brandmlm.core.errors import UserError

PROFILES: Final = ("sample", "seed")


class Params(Section):
    """All of `params.yaml` for the profile in force."""

    profile: str
    brand: str
    sources: Sources
    base: AnyBase
    fetch: Fetch
    clean: Clean
    synthesize: Synthesize
    split: Split
    filter: Filter
    train: Train
    evaluate: Evaluate
    report: Report
    execution: Execution
    gates: dict[str, Gate]


def _merge(common: dict[str, Any], profile: dict[str, Any]) -> dict[str, Any]:
    """The profile's block over the common sections, one level into each section."""
    merged = dict(common)
    for section, values in profile.items():
        both = isinstance(values, dict) and isinstance(common.get(section), dict)
        merged[section] = {**common[section], **values} if both else values
    return merged


def _holds(tree: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def _where(location: tuple[int | str, ...], profile: str, block: dict[str, Any]) -> str:
    """A key's full name in the file: with the profile's name where it stands in its block."""
    # pydantic puts the tag of a union ("kaggle") among the keys; it is no key of the file.
    keys = tuple(str(key) for key in location)
    if keys[:1] == ("sources",) and len(keys) > 2:
        keys = keys[:2] + keys[3:]
    elif keys[:1] == ("base",) and len(keys) > 1:
        keys = keys[:1] + keys[2:]
    in_profile = _holds(block, keys) or keys[:1] in (("sources",), ("base",))
    return ".".join([profile, *keys] if in_profile else keys)


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    if len(location) == 1:
        return list(Params.model_fields)
    field = Params.model_fields.get(str(location[0]))
    section = field.annotation if field else None
    return list(section.model_fields) if isinstance(section, type) and issubclass(section, Section) else []


def _explain(error: ValidationError, path: Path, profile: str, block: dict[str, Any]) -> str:
    """One line for the first fault pydantic found; an unknown key first: a missing one may be what it should be."""
    faults = error.errors()
    fault = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    location = fault["loc"]
    name = _where(location, profile, block)
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _known_keys(location), n=1)
        advice = f"did you mean {near[0]!r}?" if near else "remove it"
        return f"{path}: {name}: unknown key; {advice}"
    if fault["type"] == "missing":
        return f"{path}: {name}: missing; add it to the common section or to the block of profile {profile!r}"
    return f"{path}: {name}: {fault['msg'][0].lower() + fault['msg'][1:]}; it is {fault['input']!r}"


def parse_params(document: Any, path: Path) -> Params:
    """Check and type a parsed `params.yaml`. Raises UserError that names the key at fault."""
    if not isinstance(document, dict):
        raise UserError(f"{path}: not a mapping of sections; restore it with `git checkout {path}`")
    for section, field in Params.model_fields.items():
        common = document.get(section, {})
        if (
            isinstance(field.annotation, type)
            and issubclass(field.annotation, Section)
            and not isinstance(common, dict)
        ):
            raise UserError(f"{path}: {section}: {common!r} is no section; write its keys below it, indented")
    profile = document.get("profile")
    if profile not in PROFILES:
        raise UserError(f"{path}: profile: {profile!r} is unknown; take one of {', '.join(PROFILES)}")
    common = {key: value for key, value in document.items() if key not in PROFILES}
    parsed = {}
    # The profile in force comes first, so that its faults are named first; the others are checked all the same.
    for name in (profile, *(other for other in PROFILES if other != profile)):
        block = document.get(name)
        if not isinstance(block, dict):
            raise UserError(f"{path}: {name}: the block of this profile is missing; add it")
        try:
            parsed[name] = Params.model_validate({**_merge(common, block), "profile": name})
        except ValidationError as error:
            raise UserError(_explain(error, path, name, block)) from None
    return parsed[profile]


def load_params(path: str | os.PathLike[str] = "params.yaml") -> Params:
    """Read `params.yaml` as YAML 1.2 (`1e-4` is a number). Raises UserError that names the line or key at fault."""
    file = Path(path)
    try:
        document = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{file}: not found; run from the project's root folder") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}); mend its permissions") from None
    except UnicodeDecodeError:
        raise UserError(f"{file}: not UTF-8; save it with that encoding") from None
    except YAMLError as error:
        raise UserError(f"{file}: not valid YAML: {error}") from None
    return parse_params(document, file)
