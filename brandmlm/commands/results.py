"""Show what the last run found: the table of base, v1 and v2, and the files to look at.

Not a stage: it reads what `report` has written. `make repro` ends with it, also where nothing had to be made anew.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.reporting.tables import final_measures, final_text

METRICS: Final = Path("metrics/metrics.json")

PLOTS: Final = Path("plots")

LOOK_AT: Final = (
    METRICS,
    PLOTS / "summary.md",
    PLOTS / "top_tokens.md",
    PLOTS / "substitutions.md",
    PLOTS / "behaviour.md",
    *(PLOTS / "pictures" / f"{name}.png" for name in ("before_after", "perplexity", "differences", "masses")),
)


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m brandmlm.commands.results", description=__doc__.splitlines()[0]
    ).parse_args()
    metrics = read_json(METRICS)
    try:
        measures = final_measures(metrics, load_params().report.top)
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{METRICS}: not what the report stage writes; run `dvc repro` to make it anew") from None
    say(f"\n{final_text(measures)}\n\n* best of the row. Look at:")
    for path in LOOK_AT:
        say(f"  {path}")


if __name__ == "__main__":
    run(main)
