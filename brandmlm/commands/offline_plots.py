"""`brand-mlm offline-plots`: the page in which `dvc plots show` and `dvc plots diff` draw, with Vega inside it.

DVC's own page loads Vega from a web site; this one needs no network. Vega comes from the installed package
vl-convert-python. The page (0.9 MB) is made at set-up and is not in git. Neither is the setting that names it: a plain
`dvc` without the set-up still uses DVC's own page.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from brandmlm.commands.project import enter_project
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file

EXAMPLE: Final = "brand-mlm offline-plots"

TEMPLATE: Final = Path(__file__).parent / "templates" / "plots.html"

PAGE: Final = Path(".dvc/page.html")

# What DVC's pages call.
GLOBALS: Final = "Object.assign(window, {vega, vegaLite, vegaEmbed});"

VEGA_LITE: Final = "5.21"  # the version that the figures' templates name in `$schema`


def page() -> str:
    """The page, with DVC's placeholders `{plot_divs}` and `{refresh_tag}` left in it."""
    import vl_convert

    scripts = vl_convert.javascript_bundle(GLOBALS, VEGA_LITE)
    return TEMPLATE.read_text(encoding="utf-8").replace("[[ scripts ]]", scripts)


def offline_plots() -> None:
    """Make the page in which DVC draws figures without a network."""
    enter_project()
    if not PAGE.parent.is_dir():
        raise UserError(f"{PAGE.parent}: not found; restore it with `git checkout {PAGE.parent}`")
    with atomic_file(PAGE) as partial:
        partial.write_text(page(), encoding="utf-8")
    # DVC looks for the template in .dvc; --local is a setting of this copy of the project only.
    words = [sys.executable, "-m", "dvc", "config", "--local", "plots.html_template", PAGE.name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f".dvc/config.local: plots.html_template cannot be set: {done.stderr}")
