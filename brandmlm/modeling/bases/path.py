"""Bases of kind `path`: a checkpoint in the user's folder."""

from __future__ import annotations

import os
from pathlib import Path

from brandmlm.config.params.base import PathBase
from brandmlm.core.errors import UserError


def locate(base: PathBase) -> Path:
    """Return the folder; a relative path starts at the project's root ($DVC_ROOT), also inside `dvc exp run --temp`.

    Raises:
        UserError: There is no such folder.
    """
    try:
        folder = Path(os.environ.get("DVC_ROOT", "")) / Path(base.path).expanduser()
    except RuntimeError:
        raise UserError(f"params.yaml: base.path: {base.path}: no such user; write the folder's whole path") from None
    if not folder.is_dir():
        raise UserError(
            f"params.yaml: base.path: {base.path}: no such folder; name one with config.json and the weights"
        )
    return folder
