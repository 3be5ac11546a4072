"""`brand-mlm results`: the table of base, v1 and v2, the files to look at, and what to do if another machine's results
are committed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from brandmlm.commands.project import check_brand, enter_project
from brandmlm.config.published import DETAILS, METRICS, PLOTS
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json

EXAMPLE: Final = "brand-mlm results"

LOOK_AT: Final = (
    METRICS,
    DETAILS,
    *(f"{PLOTS}/{name}.md" for name in ("summary", "top_tokens", "substitutions", "behaviour")),
    *(f"{PLOTS}/pictures/{name}.png" for name in ("hero", "perplexity", "differences", "masses")),
)

FEW_TOKENS: Final = 100_000  # of training, below which the numbers mean little


def results() -> None:
    """Show the table of base, v1 and v2 from the last run."""
    enter_project()
    # Before the first run of a clone of an earlier revision all numbers are in one file.
    source = Path(DETAILS if Path(DETAILS).is_file() else METRICS)
    metrics = read_json(source)
    check_brand()

    from brandmlm.commands.baseline import baseline_note
    from brandmlm.commands.known_noise import known_noise
    from brandmlm.config.params.reading import load_params
    from brandmlm.reporting.tables import final_measures, final_text

    params = load_params()
    try:
        measures = final_measures(metrics, params.report.top)
    except (KeyError, TypeError, AttributeError):
        raise UserError(f"{source}: not what the report stage writes; run `dvc repro` to write it again") from None
    noise = known_noise(params)
    say(f"\n{final_text(measures, noise.v2_against_v1 if noise else None)}\n\n* best of the row. Look at:")
    for path in LOOK_AT:
        say(f"  {path}")
    if params.train.tokens < FEW_TOKENS:
        say(
            f"\nProfile {params.profile}: v1 and v2 were trained on {params.train.tokens:,} tokens each. That shows "
            "that a run works; the numbers mean little."
        )
    if note := baseline_note(params):
        say(f"\n{note}")
