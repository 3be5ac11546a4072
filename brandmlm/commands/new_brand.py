"""Begin a brand: copy brands/template/ to brands/NAME/, the name filled in. The copy runs as it is; edit it then."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder

BRANDS: Final = Path("brands")

TEMPLATE: Final = BRANDS / "template"

PLACEHOLDER: Final = "Yourbrand"

NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def create(name: str) -> Path:
    """The folder made for a brand. Raises UserError for a name that is no folder's, or one that is taken."""
    if not NAME.fullmatch(name):
        raise UserError(
            f"{repr(name) if name else 'no name'}: name the brand in lower-case letters, digits and single hyphens: "
            "make brand NAME=north-ridge"
        )
    folder = BRANDS / name
    if folder.exists():
        raise UserError(f"{folder}: is there already; edit its files, or take another name")
    if not TEMPLATE.is_dir():
        raise UserError(f"{TEMPLATE}: not found; run from the project's root folder")
    spoken = name.replace("-", " ").title()
    with atomic_folder(folder) as partial:
        for file in sorted(TEMPLATE.glob("*.yaml")):
            text = file.read_text(encoding="utf-8").replace(PLACEHOLDER, spoken)
            (partial / file.name).write_text(text, encoding="utf-8")
        try:
            load_lexicon(partial / "lexicon.yaml")
        except UserError:
            raise UserError(
                f"{spoken}: is one of the template's own words, which stand in one list only; begin with another name "
                "and change it in the files"
            ) from None
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m brandmlm.commands.new_brand", description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="", help="the folder's name, such as north-ridge")
    folder = create(parser.parse_args().name)
    say(f"{folder}: lexicon.yaml, templates.yaml, probes.yaml. Put your own words into them, then:")
    say(f"  git add {folder}")
    say(f"  dvc exp run -S brand={folder.name}")


if __name__ == "__main__":
    run(main)
