"""Check params.yaml and the brand's folder: DVC starts no stage for a misspelt key and so would not report it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm check-params"


def check_params() -> None:
    """Check params.yaml and the brand's folder."""
    enter_project()

    from brandmlm.config.params.reading import load_params

    params = load_params()
    brands = sorted(folder.name for folder in Path("brands").glob("*") if folder.is_dir())
    if params.brand not in brands:
        raise UserError(f"params.yaml: brand: no folder brands/{params.brand}; there is {', '.join(brands) or 'none'}")
    say(f"params: profile {params.profile}, brand {params.brand}")
