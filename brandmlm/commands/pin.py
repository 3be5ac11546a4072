"""Pin what the last run brought: write its digests, row counts and versions into params.yaml.

Not a stage: it reads `origin.json` of the fetched sources and the base of the profile in force, checks that the files
are still those, and edits params.yaml. Every other byte of that file stays: comments, order, layout. Sample files need
no pin: they are in git.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from brandmlm.config.params.base import HubBase
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.sources import SOURCE_NAMES, DataWorldSource, FileSource, KaggleSource
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, read_json, sha256
from brandmlm.data.sources.download import redact

PARAMS: Final = Path("params.yaml")

RAW: Final = Path("data/raw")

BASE: Final = Path("data/base")

Keys = tuple[str, ...]


def _origin(folder: Path, stage: str) -> dict[str, Any]:
    file = folder / "origin.json"
    if not file.is_file():
        raise UserError(f"{file}: not found; run `dvc repro {stage}` first, then pin what it brought")
    return dict(read_json(file))


def source_pins(item: str, source: KaggleSource | DataWorldSource | FileSource) -> dict[Keys, str | int]:
    """Pins by key, of a fetched source. Raises UserError where what was fetched is not what params.yaml names."""
    stage, folder = f"fetch@{item}", RAW / item
    origin = _origin(folder, stage)
    match source:
        case KaggleSource():
            named = f"kaggle:{source.dataset}/"
        case DataWorldSource():
            named = f"data.world:{source.dataset}/"
        case FileSource():
            named = redact(source.path) if "://" in source.path else source.path
    if origin["kind"] != source.kind or not str(origin["retrieved_from"]).startswith(named):
        raise UserError(
            f"{folder}: it came from {origin['retrieved_from']}, and sources.{item} in params.yaml names another now; "
            f"run `dvc repro {stage}` first"
        )
    if sha256(folder / "rows.csv") != origin["sha256"]:
        raise UserError(f"{folder / 'rows.csv'}: changed since it was fetched; run `dvc repro --force {stage}` first")
    pins: dict[Keys, str | int] = {
        ("sources", item, "sha256"): origin["sha256"],
        ("sources", item, "min_rows"): origin["rows"],
    }
    if isinstance(source, KaggleSource) and "version" in origin:
        pins["sources", item, "version"] = origin["version"]
    return pins


def base_pins(base: HubBase) -> dict[Keys, str | int]:
    """Pins by key, of a base that came from a hub: its commit, and the digest of each of its files."""
    origin = _origin(BASE, "base")
    if origin["retrieved_from"] != base.repository:
        raise UserError(f"{BASE}: it came from {origin['retrieved_from']}, not {base.repository}; run `dvc repro base`")
    pins: dict[Keys, str | int] = {("base", "revision"): origin["revision"]}
    pins |= {("base", "digests", name): digest for name, digest in origin["digests"].items()}
    return pins


def _node(tree: Any, keys: Keys) -> Any:
    """What stands under nested keys; None where there is no such key."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _scalar(value: str | int) -> str:
    """A value as it stands in YAML; a text that would be read as a number gets quotes."""
    return str(value) if YAML(typ="safe", pure=True).load(str(value)) == value else f"'{value}'"


def _insert(lines: list[str], node: CommentedMap, new: list[str]) -> None:
    """Put lines (without indent) behind the last entry of a mapping in block style."""
    start, indent = node.lc.key(next(iter(node)))
    last = start
    for number in range(start, len(lines)):
        text = lines[number].strip()
        if text and not text.startswith("#"):
            if len(lines[number]) - len(lines[number].lstrip()) < indent:
                break
            last = number
    end = "\r\n" if lines[start].endswith("\r\n") else "\n"
    lines[last] = lines[last].rstrip("\r\n") + end
    lines[last + 1 : last + 1] = [f"{' ' * indent}{line}{end}" for line in new]


def set_pin(text: str, keys: Keys, value: str | int) -> str:
    """The text with one value set: in place where its key stands, else behind the last key of its section."""
    document = YAML().load(text)
    lines = text.splitlines(keepends=True)
    *section, key = keys
    node = _node(document, tuple(section))
    if not node:  # a section to begin
        parent = _node(document, tuple(section[:-1]))
        if section[-1] in parent:  # its name stands there, with nothing in it
            line, indent = parent.lc.key(section[-1])
            end = "\r\n" if lines[line].endswith("\r\n") else "\n"
            lines.insert(line + 1, f"{' ' * indent}  {key}: {_scalar(value)}{end}")
        else:
            _insert(lines, parent, [f"{section[-1]}:", f"  {key}: {_scalar(value)}"])
    elif key in node:
        line, column = node.lc.value(key)
        before, after = lines[line][:column], lines[line][column:]
        lines[line] = before + re.sub(r"""^("[^"]*"|'[^']*'|[^\s#]+)""", _scalar(value), after, count=1)
    else:
        _insert(lines, node, [f"{key}: {_scalar(value)}"])
    return "".join(lines)


def set_pins(text: str, profile: str, pins: dict[Keys, str | int]) -> str:
    """The text of params.yaml with these values set. Raises UserError, which lists them, where the layout of the file
    is one that this cannot edit."""
    expected = YAML(typ="safe", pure=True).load(text)
    edited = text
    try:
        for keys, value in pins.items():
            section = keys[:2] if keys[0] == "sources" else keys[:1]
            if _node(expected, (profile, *section)) is not None:
                keys = (profile, *keys)
            edited = set_pin(edited, keys, value)
            above = _node(expected, keys[:-2])
            above[keys[-2]] = {**(above.get(keys[-2]) or {}), keys[-1]: value}
        right = YAML(typ="safe", pure=True).load(edited) == expected
    except (YAMLError, LookupError, AttributeError, TypeError):
        right = False
    if not right:
        listed = ", ".join(f"{'.'.join(keys)}: {value}" for keys, value in pins.items())
        raise UserError(f"{PARAMS}: its layout (one key a line is expected) cannot be edited; pin by hand: {listed}")
    return edited


def main() -> None:
    params = load_params(PARAMS)
    pins: dict[Keys, str | int] = {}
    stages = []
    for item in SOURCE_NAMES:
        source = getattr(params.sources, item)
        if isinstance(source, KaggleSource | DataWorldSource | FileSource):
            pins |= source_pins(item, source)
            stages.append(f"fetch@{item}")
    if isinstance(params.base, HubBase):
        pins |= base_pins(params.base)
        stages.append("base")
    if not pins:
        say(f"pin: nothing to pin in profile {params.profile}: its sources and its base are in git or in a package")
        return
    text = PARAMS.read_bytes().decode("utf-8")  # read_text would change the ends of lines
    edited = set_pins(text, params.profile, pins)
    if edited == text:
        say("pin: everything is pinned already")
        return
    with atomic_file(PARAMS) as partial:
        partial.write_text(edited, encoding="utf-8", newline="")
    say(f"pin: {PARAMS} now pins {', '.join(stages)}; see `git diff {PARAMS}`")
    say(f"pin: `dvc commit --force {' '.join(stages)}` tells DVC that these need not be downloaded again")
