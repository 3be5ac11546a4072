"""The project on disk: its root folder, the models that the pipeline writes into it, the name of its brand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

ROOT_FILES: Final = ("params.yaml", "dvc.yaml")  # every project has both in its root folder

# Folders under the root, by the names that a person uses.
MODELS: Final = {"base": Path("data/base"), "v1": Path("data/models/full"), "v2": Path("data/models/filtered")}


def find_root(start: Path) -> Path | None:
    """The nearest folder, `start` or one above it, that has the `ROOT_FILES`; None if there is none."""
    return next((folder for folder in (start, *start.parents) if all((folder / f).is_file() for f in ROOT_FILES)), None)


def in_project() -> bool:
    """Whether the current folder is a project's root."""
    return find_root(Path.cwd()) == Path.cwd()


def enter_project(alternative: str = "") -> None:
    """Change into the root folder of the project that the current folder belongs to.

    Args:
        alternative: What else a user can do who is in no project, for the message.

    Raises:
        UserError: The current folder is in no project.
    """
    here = Path.cwd()
    if root := find_root(here):
        os.chdir(root)
        return
    for folder in (here, *here.parents):
        missing = [name for name in ROOT_FILES if not (folder / name).is_file()]
        if len(missing) < len(ROOT_FILES):
            raise UserError(f"{folder}: {missing[0]} is missing; restore it with `git checkout {missing[0]}`")
    raise UserError(
        f"{here}: no project here ({' and '.join(ROOT_FILES)} are neither in this folder nor above it); change into "
        f"the project's folder{alternative}"
    )


def check_present(paths: Sequence[Path]) -> None:
    """Raise UserError if the pipeline has not written one of these paths yet."""
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: not there yet; run `make repro` to make it")


def lexicon_path() -> Path:
    """The lexicon of the brand that params.yaml names, from the root folder."""
    from brandmlm.config.params.reading import load_params

    return Path("brands", load_params().brand, "lexicon.yaml")


def check_brand() -> None:
    """Check that the models are of the brand and the profile that params.yaml names.

    Raises:
        UserError: they are of another one, by the entries of dvc.lock for what made and evaluated them.
    """
    from brandmlm.config.params.reading import load_params
    from brandmlm.reporting.comparison.locks import parse_lock

    params, lock = load_params(), Path("dvc.lock")
    stages = parse_lock(lock.read_bytes() if lock.is_file() else None, "workspace")
    sections = stages.get("train@filtered", {}).get("params", {}).get("params.yaml", {})
    profiles = [name.split(".")[0] for name in sections if "." in name]
    dependencies = [Path(entry["path"]).parts for entry in stages.get("evaluate@filtered", {}).get("deps", ())]
    brands = [parts[1] for parts in dependencies if len(parts) > 1 and parts[0] == "brands"]
    for key, asked, made in (("profile", params.profile, profiles), ("brand", params.brand, brands)):
        if made and asked not in made:
            raise UserError(
                f"params.yaml: {key} is {asked!r}, but the models are of {made[0]!r}; run `make repro` to train them "
                f"for {asked!r}, or set {key} back"
            )
