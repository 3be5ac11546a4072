"""`brand-mlm new-brand`: a new brand's folder, copied from brands/template/ with the name filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder

EXAMPLE: Final = "brand-mlm new-brand north-ridge"

BRANDS: Final = Path("brands")

TEMPLATE: Final = BRANDS / "template"

PLACEHOLDER: Final = "Yourbrand"

NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def create(name: str) -> Path:
    """Make the folder of a brand; it is complete and can be trained on before it is edited.

    Raises:
        UserError: The name cannot be a folder's, is taken, or is a word of the template.
    """
    from brandmlm.config.brand.lexicon import load_lexicon

    if not NAME.fullmatch(name):
        raise UserError(
            f"{repr(name) if name else 'no name'}: name the brand in lower-case letters, digits and single hyphens: "
            "make brand NAME=north-ridge"
        )
    folder = BRANDS / name
    if folder.exists():
        raise UserError(f"{folder}: exists already; edit its files, or choose another name")
    if not TEMPLATE.is_dir():
        raise UserError(f"{TEMPLATE}: not found; restore it with `git checkout {TEMPLATE}`")
    spoken = name.replace("-", " ").title()
    with atomic_folder(folder) as partial:
        for file in sorted(TEMPLATE.glob("*.yaml")):
            text = file.read_text(encoding="utf-8").replace(PLACEHOLDER, spoken)
            (partial / file.name).write_text(text, encoding="utf-8")
        try:
            load_lexicon(partial / "lexicon.yaml")
        except UserError:
            raise UserError(
                f"{spoken}: is one of the template's own words, and a word may be in one list only; use another name "
                "and change it in the files"
            ) from None
    return folder


def new_brand(
    name: Annotated[str, typer.Argument(help="The folder's name: lower-case letters, digits, single hyphens.")],
) -> None:
    """Create the folder of a new brand from the template."""
    enter_project()
    folder = create(name)
    say(f"{folder}: lexicon.yaml, templates.yaml, probes.yaml. Put your own words into them, then:")
    say(f"  git add {folder}")
    say(f"  dvc exp run -S brand={folder.name}")
