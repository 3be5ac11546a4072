"""The kinds of base checkpoints: one module each, picked by `kind`. Each says in which folder the checkpoint lies."""

from __future__ import annotations

from pathlib import Path

from stages.bases import package, path
from stages.cli import UserError
from stages.params import AnyBase, PackageBase, PathBase


def locate(base: AnyBase) -> Path:
    """The folder that holds the checkpoint. Raises UserError where it cannot be had."""
    match base:
        case PackageBase():
            return package.locate(base)
        case PathBase():
            return path.locate(base)
        case _:
            raise UserError(
                f"params.yaml: base.kind: {base.kind} is not available yet; download {base.repository} yourself and "
                "set kind to path and path to its folder"
            )
