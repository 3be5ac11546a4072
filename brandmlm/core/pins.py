"""The versions pinned for the packages that code imports, and for what these packages require.

Pins come from the requirement files, never from what is installed: a local version such as `2.13.0+cpu` differs between
machines. Installed metadata only tells which package requires which. Requirements for another Python or platform are
followed too, so that every machine finds the same packages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

REQUIREMENT_FILES: Final = ("requirements.txt", "requirements-model.txt", "constraints.txt")

_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA: Final = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")

Pins = Mapping[str, list[str]]  # by normalised name, the lines that pin a package


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _parse(requirement: str) -> tuple[str, list[str]] | None:
    """The name and the extras of a requirement such as `pandas[parquet]==3.1.1`."""
    match = _REQUIREMENT.match(requirement)
    if match is None:
        return None
    return _normalise(match[1]), [_normalise(extra) for extra in (match[2] or "").split(",") if extra.strip()]


def read_pins(project: Path) -> Pins:
    """The requirement files' lines without comments and blanks, by the package that each pins."""
    pins: dict[str, list[str]] = {}
    for name in REQUIREMENT_FILES:
        try:
            text = (project / name).read_text(encoding="utf-8")
        except OSError as error:
            raise UserError(f"{project / name}: cannot be read ({error.strerror}); restore it") from None
        for line in text.splitlines():
            pin = "".join(line.partition("#")[0].split())
            if (parsed := _parse(pin)) and pin not in pins.setdefault(parsed[0], []):
                pins[parsed[0]].append(pin)
    return pins


def current_pins(recorded: Iterable[str], pins: Pins) -> set[str]:
    """The lines that now pin the packages of earlier lines."""
    names = {parsed[0] for line in recorded if (parsed := _parse(line))}
    return {pin for name in names for pin in pins.get(name, ())}


class Installed:
    """The metadata of the packages installed in some folders (default: those that Python imports from)."""

    def __init__(self, folders: Iterable[Path] | None = None) -> None:
        self.metadata: dict[str, Path] = {}
        for folder in map(Path, sys.path) if folders is None else folders:
            for metadata in sorted(folder.glob("*.dist-info")):
                self.metadata.setdefault(_normalise(metadata.stem.partition("-")[0]), metadata)

    def providers(self, imported: str, among: Pins) -> list[str]:
        """The packages among pinned ones that an imported name comes from: its namesake, else by their file lists."""
        parts = imported.split(".")
        for end in range(len(parts), 0, -1):
            name = _normalise("-".join(parts[:end]))
            if name in among and name in self.metadata:
                return [name]
        files = re.compile(rf"^{re.escape(parts[0])}[/.]".encode(), re.MULTILINE)
        lists = {name: folder / "RECORD" for name, folder in self.metadata.items() if name in among}
        return [name for name, file in lists.items() if file.is_file() and files.search(file.read_bytes())]

    def requirements(self, name: str, extra: str) -> Iterator[tuple[str, list[str]]]:
        """What a package requires with an extra, or always (extra ""): names and the extras asked of them."""
        if name not in self.metadata:
            return
        with (self.metadata[name] / "METADATA").open(encoding="utf-8") as lines:
            for line in lines:
                if line == "\n":
                    return  # the description follows
                field, _, value = line.partition(":")
                requirement, _, marker = value.partition(";")
                extras = [_normalise(found) for found in _EXTRA.findall(marker)]
                wanted = extra in extras if extra else not extras
                if field == "Requires-Dist" and wanted and (parsed := _parse(requirement)):
                    yield parsed


def pins_of(imported: Iterable[str], pins: Pins, installed: Installed) -> set[str]:
    """The pins of the packages that `imported` names come from, and of all pinned packages that those require.

    Raises:
        UserError: a name comes from no pinned package.
    """
    waiting = []
    for name in imported:
        if name.partition(".")[0] in sys.stdlib_module_names:
            continue
        providers = installed.providers(name, pins)
        if not providers:
            raise UserError(f"requirements.txt: pins no package that provides the import {name!r}; add one")
        waiting += [(provider, "") for provider in providers]
    seen: set[tuple[str, str]] = set()
    while waiting:
        package = name, extra = waiting.pop()
        if package in seen or name not in pins:
            continue
        seen.add(package)
        asked = [parsed for pin in pins[name] if (parsed := _parse(pin))]
        for required, extras in [*asked, *installed.requirements(name, extra)]:
            waiting += [(required, ""), *((required, extra) for extra in extras)]
    return {pin for name, _ in seen for pin in pins[name]}
