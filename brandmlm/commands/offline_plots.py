"""Make the page in which `dvc plots show` and `dvc plots diff` draw, with the drawing library inside it.

DVC's own page loads Vega from a web site; this one needs no network. Vega comes from the installed package
vl-convert-python. The page (0.9 MB) is made at set-up and is not in git; nor is the setting that names it, so that a
plain `dvc` without the set-up still has DVC's own page.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

import vl_convert

from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file

TEMPLATE: Final = Path(__file__).parent / "templates" / "plots.html"

PAGE: Final = Path(".dvc/page.html")

# What DVC's pages call.
GLOBALS: Final = "Object.assign(window, {vega, vegaLite, vegaEmbed});"

VEGA_LITE: Final = "5.21"  # the version that the figures' templates are written in (their `$schema`)


def page() -> str:
    """The page with DVC's placeholders `{plot_divs}` and `{refresh_tag}` left in it."""
    scripts = vl_convert.javascript_bundle(GLOBALS, VEGA_LITE)
    return TEMPLATE.read_text(encoding="utf-8").replace("[[ scripts ]]", scripts)


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m brandmlm.commands.offline_plots", description=__doc__.splitlines()[0]
    ).parse_args()
    if not PAGE.parent.is_dir():
        raise UserError(f"{PAGE.parent}: not found; run from the project's root folder")
    with atomic_file(PAGE) as partial:
        partial.write_text(page(), encoding="utf-8")
    # DVC looks for the template in .dvc; the setting is of this copy of the project alone.
    words = [sys.executable, "-m", "dvc", "config", "--local", "plots.html_template", PAGE.name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f".dvc/config.local: plots.html_template cannot be set: {done.stderr}")


if __name__ == "__main__":
    run(main)
