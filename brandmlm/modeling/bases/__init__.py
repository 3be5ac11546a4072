"""Bases: one module for each kind of base checkpoint; each finds or downloads the checkpoint's folder."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from brandmlm.config.params.base import AnyBase, HubBase, PackageBase, PathBase
from brandmlm.modeling.bases import hub, package, path


def locate(base: AnyBase) -> Path:
    """Return the folder of the checkpoint. Raises UserError if it cannot be found or downloaded."""
    match base:
        case PackageBase():
            return package.locate(base)
        case PathBase():
            return path.locate(base)
        case HubBase():
            return hub.locate(base)
        case _:
            assert_never(base)


def describe_origin(base: AnyBase, folder: Path) -> dict[str, object] | None:
    """The content of `origin.json` for a base from a hub: repository, commit and digests; None for other kinds."""
    if not isinstance(base, HubBase):
        return None
    return {
        "kind": base.kind,
        "retrieved_from": base.repository,
        "revision": folder.name,
        "digests": hub.digests(folder),
    }
