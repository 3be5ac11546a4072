"""The kinds of base checkpoints: one module each, picked by `kind`. Each says in which folder the checkpoint lies."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from brandmlm.config.params.base import AnyBase, HubBase, PackageBase, PathBase
from brandmlm.modeling.bases import hub, package, path


def locate(base: AnyBase) -> Path:
    """The folder that holds the checkpoint. Raises UserError where it cannot be had."""
    match base:
        case PackageBase():
            return package.locate(base)
        case PathBase():
            return path.locate(base)
        case HubBase():
            return hub.locate(base)
        case _:
            assert_never(base)
