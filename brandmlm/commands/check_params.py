"""Check params.yaml and the brand's folder: DVC starts no stage for a misspelt key and so would not report it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm check-params"

RAW: Final = Path("data/raw")


def check_params() -> None:
    """Check params.yaml and the brand's folder.

    Tells which source files changed since they were fetched, too.
    """
    enter_project()

    from brandmlm.config.params.reading import load_params
    from brandmlm.data.kept_files import is_edited

    params = load_params()
    brands = sorted(folder.name for folder in Path("brands").glob("*") if folder.is_dir() and folder.name != "template")
    if params.brand not in brands:
        raise UserError(f"params.yaml: brand: no folder brands/{params.brand}; there is {', '.join(brands) or 'none'}")
    say(f"params: profile {params.profile}, brand {params.brand}")
    for name, source in params.sources.items():
        folder = RAW / name
        if is_edited(source, folder):
            say(f"params: sources.{name}: the file changed since it was fetched; run `rm -r {folder}` to have it read")
