"""Write a new brand: its folder, from the template's files, and the text of params.yaml."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.brand.templates import load_templates
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, atomic_folder
from brandmlm.data.new_brand.files import lexicon_file, probes_file, templates_file
from brandmlm.data.synthesis.frame_checks import check_frames

BRANDS: Final = Path("brands")

TEMPLATE: Final = BRANDS / "template"

PARAMS: Final = Path("params.yaml")


@dataclass(frozen=True)
class Plan:
    """A brand that is ready to be written."""

    name: str
    lexicon: Lexicon
    params: str | None = None  # the new text of params.yaml; None: it stays


def read_template(file: str) -> str:
    """The text of one of the template's files. Raises UserError if it is missing."""
    try:
        return (TEMPLATE / file).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{TEMPLATE / file}: not found; restore it with `git checkout {TEMPLATE}`") from None


def _check(folder: Path) -> None:
    """Raise UserError if the pipeline could not use these files."""
    templates = folder / "templates.yaml"
    load_probes(folder / "probes.yaml")
    load_behaviour(folder / "probes.yaml")
    check_frames(load_lexicon(folder / "lexicon.yaml"), load_templates(templates), templates)


def write_brand(plan: Plan) -> list[str]:
    """Write a brand's folder, and params.yaml where it changes: both, or neither if anything fails.

    Returns:
        The template's frames and list entries that were left out, because they have a word of the lexicon.
    """
    templates, left_out = templates_file(read_template("templates.yaml"), plan.lexicon)
    texts = {
        "lexicon.yaml": lexicon_file(read_template("lexicon.yaml"), plan.lexicon),
        "probes.yaml": probes_file(read_template("probes.yaml"), plan.lexicon),
        "templates.yaml": templates,
    }
    folder = BRANDS / plan.name
    try:
        with atomic_folder(folder) as partial:
            for file, text in texts.items():
                (partial / file).write_text(text, encoding="utf-8")
            _check(partial)
        if plan.params is not None:
            with atomic_file(PARAMS) as partial:
                partial.write_text(plan.params, encoding="utf-8", newline="")
    except BaseException:  # Ctrl-C as well
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return left_out
