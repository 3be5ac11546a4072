"""Read the sections of `params.yaml` that a stage declares; the modules of other sections are no part of its code.

The block of the profile in force is merged over the common sections, key by key.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from brandmlm.config.params.faults import explain, no_section
from brandmlm.config.params.section import Section, check_name
from brandmlm.core import inputs
from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import read_yaml

# Sections that DVC looks up in a profile's block, so each block has to have them, if only as `{}`.
DVC_SECTIONS: Final = ("sources", "base", "synthesize", "filter", "train")

# Sections that a profile's block may hold: also those that change no result. DVC would not see a change to another one.
IN_PROFILES: Final = (*DVC_SECTIONS, "execution", "gates")


def is_profile(block: object) -> bool:
    """Whether a top-level block is a profile's: it holds sections. A section's own keys have other names."""
    return isinstance(block, dict) and any(section in block for section in IN_PROFILES)


def find_profiles(document: dict[str, Any]) -> list[str]:
    """The names of the profiles, the one in force first."""
    current: str = document["profile"]
    return [current, *(name for name, block in document.items() if name != current and is_profile(block))]


def read_document(path: Path) -> dict[str, Any]:
    """Read the file. Raises UserError if it is no mapping or the block of its profile is missing."""
    document = read_yaml(path, if_missing="run from the project's root folder")
    if not isinstance(document, dict):
        raise UserError(f"{path}: not a mapping of sections; restore it with `git checkout {path}`")
    profiles = [str(name) for name, block in document.items() if is_profile(block)]
    if document.get("profile") not in profiles:
        known = f"choose one of {', '.join(profiles)}, or " if profiles else ""
        raise UserError(f"{path}: profile: {document.get('profile')!r} is no profile; {known}add a block of this name")
    try:
        check_name(document["profile"])
    except ValueError as error:
        raise UserError(f"{path}: profile: {document['profile']!r} is no name; {error}") from None
    return document


def merge_profile(document: dict[str, Any], path: Path, profile: str) -> dict[str, Any]:
    """The common sections with the profile's block over them, one level into each section."""
    profiles = find_profiles(document)
    merged = {key: value for key, value in document.items() if key not in profiles} | {"profile": profile}
    for section, values in document[profile].items():
        if section in merged and section not in IN_PROFILES:
            raise UserError(f"{path}: {profile}.{section}: not for profiles; set it in the common section {section!r}")
        common = merged.get(section, {})
        if not isinstance(common, dict):
            raise UserError(f"{path}: {section}: {no_section(common)}")
        merged[section] = {**common, **values} if isinstance(values, dict) else values
    return merged


def check_dvc_sections(document: dict[str, Any], path: Path) -> None:
    """Raise UserError where a profile's block misses a section that `dvc.yaml` names: DVC would stop without naming the
    remedy."""
    for profile in find_profiles(document):
        missing = [section for section in DVC_SECTIONS if section not in document[profile]]
        if missing:
            remedy = f"add `{missing[0]}: {{}}`" if missing[0] in document else "add it"
            raise UserError(f"{path}: {profile}.{missing[0]}: missing; {remedy} (dvc.yaml names it in every profile)")


def _recorded(sections: dict[str, Any]) -> dict[str, Any]:
    """The sections that stages depend on."""
    return {name: values for name, values in sections.items() if name != "execution"}


class Sections(Section):
    """Some sections of `params.yaml`, one per field. A subclass reads those that it declares, and no others."""

    @classmethod
    def read(cls, path: str | os.PathLike[str] = "params.yaml") -> Self:
        """The sections for the profile in force. Raises UserError that names the key at fault."""
        file = Path(path)
        document = read_document(file)
        profile = document["profile"]

        def declared(document: dict[str, Any]) -> dict[str, Any]:
            merged = merge_profile(document, file, profile)
            return {section: merged[section] for section in cls.model_fields if section in merged}

        sections = declared(document)
        # The document may have changed since it was read: what was read is what counts.
        inputs.note_content(file, lambda file: _recorded(declared(read_document(file))), _recorded(sections))
        return cls.check(sections, document, file, profile)

    @classmethod
    def check(cls, merged: dict[str, Any], document: dict[str, Any], path: Path, profile: str) -> Self:
        """Type the merged sections of a profile. Raises UserError that names the key as it is in the document."""
        try:
            return cls.model_validate(merged)
        except ValidationError as error:
            raise UserError(f"{path}: {explain(error, cls, profile, document[profile])}") from None
