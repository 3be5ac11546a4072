"""Read the sections of `params.yaml` that a stage declares; the modules of other sections are no part of its code.

The block of the profile in force is merged over the common sections, key by key.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from brandmlm.config.params.faults import explain, no_section
from brandmlm.config.params.section import Section
from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import read_yaml

PROFILES: Final = ("sample", "seed")

# Sections that a profile's block may hold: those that `dvc.yaml` names for profiles, and those that change no result.
# DVC would not see a change to another section of a block.
IN_PROFILES: Final = ("base", "execution", "filter", "gates", "sources", "synthesize", "train")


def read_document(path: Path) -> dict[str, Any]:
    """Read the file. Raises UserError if it is no mapping or its profile is unknown."""
    document = read_yaml(path, if_missing="run from the project's root folder")
    if not isinstance(document, dict):
        raise UserError(f"{path}: not a mapping of sections; restore it with `git checkout {path}`")
    if document.get("profile") not in PROFILES:
        raise UserError(f"{path}: profile: {document.get('profile')!r} is unknown; choose one of {', '.join(PROFILES)}")
    return document


def merge_profile(document: dict[str, Any], path: Path, profile: str) -> dict[str, Any]:
    """The common sections with the profile's block over them, one level into each section."""
    block = document.get(profile)
    if not isinstance(block, dict):
        raise UserError(f"{path}: {profile}: the block of this profile is missing; add it")
    merged = {key: value for key, value in document.items() if key not in PROFILES} | {"profile": profile}
    for section, values in block.items():
        if section in merged and section not in IN_PROFILES:
            raise UserError(f"{path}: {profile}.{section}: not for profiles; set it in the common section {section!r}")
        common = merged.get(section, {})
        if not isinstance(common, dict):
            raise UserError(f"{path}: {section}: {no_section(common)}")
        merged[section] = {**common, **values} if isinstance(values, dict) else values
    return merged


class Sections(Section):
    """Some sections of `params.yaml`, one per field. A subclass reads those that it declares, and no others."""

    @classmethod
    def read(cls, path: str | os.PathLike[str] = "params.yaml") -> Self:
        """The sections for the profile in force. Raises UserError that names the key at fault."""
        file = Path(path)
        document = read_document(file)
        profile = document["profile"]
        merged = merge_profile(document, file, profile)
        declared = {section: merged[section] for section in cls.model_fields if section in merged}
        return cls.check(declared, document, file, profile)

    @classmethod
    def check(cls, merged: dict[str, Any], document: dict[str, Any], path: Path, profile: str) -> Self:
        """Type the merged sections of a profile. Raises UserError that names the key as it is in the document."""
        try:
            return cls.model_validate(merged)
        except ValidationError as error:
            raise UserError(f"{path}: {explain(error, cls, profile, document[profile])}") from None
