"""Bases of kind `path`: a checkpoint in a folder of the user's."""

from __future__ import annotations

import os
from pathlib import Path

from brandmlm.config.params.base import PathBase
from brandmlm.core.errors import UserError


def locate(base: PathBase) -> Path:
    """A relative path starts at the project's root, also inside `dvc exp run --temp` ($DVC_ROOT stays)."""
    folder = Path(os.environ.get("DVC_ROOT", "")) / Path(base.path).expanduser()
    if not folder.is_dir():
        raise UserError(
            f"params.yaml: base.path: {base.path}: no such folder; it has to hold config.json and the weights"
        )
    return folder
