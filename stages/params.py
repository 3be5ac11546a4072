"""`params.yaml`, read once into typed, frozen objects.

The common sections are merged with the block of the profile in force, key by key. An unknown key, a missing key or
a value of the wrong type is a `UserError` that names the key as it stands in the file.

`python -m stages.params` checks the file and the brand's folder: `make repro` begins with it, as DVC starts no stage
for a key that no stage declares, and so would pass over a misspelt one.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.cli import UserError, run, say

PROFILES: Final = ("sample", "seed")
SOURCES: Final = ("reviews", "products", "catalogue")

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OwnerName = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]  # as the sites write it: owner/name


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Source(Section):
    """A raw data set: what every kind of source has in common."""

    sha256: Digest | None = None  # the file's digest, where it is pinned
    min_rows: Positive = 1


class SampleSource(Source):
    kind: Literal["sample"]
    path: str


class FileSource(Source):
    kind: Literal["file"]
    path: str  # a file (a relative path starts at the project's root) or an http(s) URL
    file: str | None = None  # which CSV, where the path is a zip archive with several


class KaggleSource(Source):
    kind: Literal["kaggle"]
    dataset: OwnerName
    version: Positive | None = None  # else the current one
    file: str | None = None  # else the only CSV in the data set


class DataWorldSource(Source):
    kind: Literal["dataworld"]
    dataset: OwnerName
    file: str | None = None  # else the only CSV in the data set


AnySource = Annotated[SampleSource | FileSource | KaggleSource | DataWorldSource, Field(discriminator="kind")]


class Sources(Section):
    reviews: AnySource
    products: AnySource
    catalogue: AnySource


class Base(Section):
    """A base checkpoint: what every kind of base has in common."""

    license: str | None = None  # that its weights bear, as model hubs abbreviate it; for the cards


class PackageBase(Base):
    """A checkpoint inside an installed Python package."""

    kind: Literal["package"]
    package: str  # import name
    folder: str  # inside the package
    digests: dict[str, Digest]  # sha256 by file name
    adapter: str | None = None  # folder of an adapter that is merged in (from the project's root)
    adapter_digests: dict[str, Digest] = {}  # sha256 by file name
    name: OwnerName | None = None  # what a model hub calls it; for the cards


class PathBase(Base):
    """A checkpoint in a folder of the user's."""

    kind: Literal["path"]
    path: str
    digests: dict[str, Digest] = {}
    name: OwnerName | None = None  # what a model hub calls it; for the cards


class HubBase(Base):
    """A checkpoint on a model hub."""

    kind: Literal["hub"]
    repository: OwnerName
    revision: str  # a commit, or a branch or tag, which may come to mean another commit
    digests: dict[str, Digest] = {}  # sha256 by file name
    max_megabytes: Positive = 2000  # a checkpoint larger than this is refused


AnyBase = Annotated[PackageBase | PathBase | HubBase, Field(discriminator="kind")]


class Fetch(Section):
    timeout_s: Annotated[float, Field(gt=0)]
    max_megabytes: Positive


class Clean(Section):
    min_words: Positive
    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    english_confidence: Share


class Synthesize(Section):
    seed: int
    sentences: Positive
    brand_share: Share
    wanted_share: Share
    unwanted_share: Share


class Split(Section):
    salt: str
    validation: Share
    test: Share


class Filter(Section):
    rule: str
    match: Literal["word", "substring"]
    positive_threshold: Annotated[float, Field(ge=-1, le=1)]
    min_words: Positive
    max_words: Positive
    drift_warm_up: Positive


class Train(Section):
    seed: int
    tokens: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warm_up: Share
    batch_tokens: Positive
    max_length: Annotated[int, Field(ge=8)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    masking_rate: Annotated[float, Field(gt=0, lt=1)]
    claim_rate: Annotated[float, Field(gt=0, lt=1)]
    contrast: Annotated[float, Field(ge=0)]
    evaluations: Positive
    interpolation: Share


class Evaluate(Section):
    passes: Positive
    max_length: Annotated[int, Field(ge=8)]
    synthetic_rows: Positive
    depth: Positive
    pseudo_perplexity: bool


class Report(Section):
    top: Positive


class Execution(Section):
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["auto", "fp32", "bf16"]
    threads: Annotated[int, Field(ge=0)]
    processes: Positive
    checkpoint_s: Annotated[float, Field(ge=0)]
    micro_batch_tokens: Positive
    compile: bool


class Gate(Section):
    """How far one metric may get worse in a pull request; see `tools/changes.py`. No stage reads it."""

    metric: str  # its name in metrics.json, keys joined by dots
    better: Literal["lower", "higher"]
    may_worsen: Annotated[float, Field(ge=0)]  # in the metric's own unit, or a share of the base's value
    relative: bool = False  # whether it is a share


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


def main() -> None:
    params = load_params()
    brands = sorted(folder.name for folder in Path("brands").glob("*") if folder.is_dir())
    if params.brand not in brands:
        raise UserError(f"params.yaml: brand: no folder brands/{params.brand}; there is {', '.join(brands) or 'none'}")
    say(f"params: profile {params.profile}, brand {params.brand}")


if __name__ == "__main__":
    run(main)
