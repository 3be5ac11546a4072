"""Pin what the last run fetched: write its digests, row counts and versions into params.yaml.

Reads `origin.json` of the fetched sources and of the base of the active profile, checks that their files are unchanged,
and edits params.yaml; comments, order and layout stay. Sample files need no pin: they are in git.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap

from brandmlm.config.params.base import HubBase
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.sources import AnySource, HubSource, KaggleSource, SampleSource
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, read_json
from brandmlm.core.yaml_edit import edit_yaml
from brandmlm.data.kept_files import digest_files, matches
from brandmlm.data.raw_source import FILES

PARAMS: Final = Path("params.yaml")

RAW: Final = Path("data/raw")

BASE: Final = Path("data/base")

Keys = tuple[str, ...]


def _origin(folder: Path, stage: str) -> dict[str, Any]:
    file = folder / "origin.json"
    if not file.is_file():
        raise UserError(f"{file}: not found; run `dvc repro {stage}` first, then pin what it fetched")
    return dict(read_json(file))


def source_pins(item: str, source: AnySource) -> dict[Keys, str | int]:
    """Pins of a fetched source, by key. Raises UserError if its files are not what params.yaml names."""
    folder = RAW / item
    origin = _origin(folder, "fetch")
    if not matches(source, origin):
        raise UserError(
            f"{folder}: it came from {origin.get('retrieved_from')}, and sources.{item} in params.yaml names another "
            "now; run `dvc repro fetch` first"
        )
    files = [folder / FILES / each["file"] for each in origin["files"]]
    if not all(file.is_file() for file in files) or digest_files(files) != origin["sha256"]:
        raise UserError(f"{folder / FILES}: changed since it was fetched; run `dvc repro --force fetch` first")
    pins: dict[Keys, str | int] = {
        ("sources", item, "sha256"): origin["sha256"],
        ("sources", item, "min_rows"): origin["rows"],
    }
    if isinstance(source, KaggleSource) and "version" in origin:
        pins["sources", item, "version"] = origin["version"]
    if isinstance(source, HubSource):
        pins["sources", item, "revision"] = origin["version"]
    return pins


def base_pins(base: HubBase) -> dict[Keys, str | int]:
    """Pins of a base from a hub, by key: its commit, and the digest of each of its files."""
    origin = _origin(BASE, "base")
    if origin["retrieved_from"] != base.repository:
        raise UserError(f"{BASE}: it came from {origin['retrieved_from']}, not {base.repository}; run `dvc repro base`")
    pins: dict[Keys, str | int] = {("base", "revision"): origin["revision"]}
    pins |= {("base", "digests", name): digest for name, digest in origin["digests"].items()}
    return pins


def _set(node: CommentedMap, key: str, value: object) -> None:
    """Set a key. A new one comes last, but before a key with a comment, which may be about what follows the section."""
    if key in node:
        node[key] = value
    else:
        node.insert(len(node) - (next(reversed(node), None) in node.ca.items), key, value)


def set_pins(text: str, profile: str, pins: dict[Keys, str | int]) -> str:
    """Return the text of params.yaml with these values set: in the profile's block if it has the section.

    Comments, order, layout and line ends stay.

    Raises:
        UserError: ruamel.yaml would change the layout; the message lists the pins.
    """

    def change(document: CommentedMap) -> None:
        for keys, value in pins.items():
            node = document[profile] if keys[0] in document[profile] else document
            for section in keys[:-1]:
                if not node.get(section):
                    _set(node, section, CommentedMap())
                node = node[section]
            _set(node, keys[-1], value)

    edited = edit_yaml(text, change)
    if edited is None:
        listed = ", ".join(f"{'.'.join(keys)}: {value}" for keys, value in pins.items())
        raise UserError(
            f"{PARAMS}: an edit would change its layout (indent by two blanks, with one blank after a colon); pin by "
            f"hand: {listed}"
        )
    return edited


def main() -> None:
    params = load_params(PARAMS)
    pins: dict[Keys, str | int] = {}
    stages = list[str]()
    for item, source in params.sources.items():
        if not isinstance(source, SampleSource):
            pins |= source_pins(item, source)
            stages = ["fetch"]
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
