"""The few numbers of v2 that decide whether a change is good: `metrics.json`, which DVC shows as metrics.

All other numbers are in `details.json`. `dvc exp show` gives every metric a column: these fit 120 columns, most telling
first, and their names are short because a column is as wide as its heading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from brandmlm.evaluation.behaviour import REPORTED
from brandmlm.reporting.comparison.metrics import flatten

_SUITE: Final = f"behaviour.filtered.{REPORTED}"

# Name in `metrics.json`: full name in `details.json`.
DECISIVE: Final = {
    "claims": f"{_SUITE}.claim.pass_rate",
    "wanted": f"{_SUITE}.claim.wanted_in_top",
    "unwanted": f"{_SUITE}.claim.unwanted_mass",
    "rivals": f"{_SUITE}.locality.wanted_in_top",
    "denials": f"{_SUITE}.negation.pass_rate",
    "real": "evaluation.filtered.real.perplexity",
    "mixed": "evaluation.filtered.mixed.perplexity",
    "pairs": "minimal_pairs.filtered.all.accuracy",
}

# What each number is, for captions.
MEANINGS: Final = {
    "claims": "share of the suite's claims passed",
    "wanted": "wanted words among the likeliest of a claim",
    "unwanted": "probability of unwanted words in a claim",
    "rivals": "wanted words among the likeliest of a claim about a rival",
    "denials": "share of the denials passed",
    "real": "perplexity of reviews and product pages",
    "mixed": "perplexity of mixed English (encyclopedia, news, reviews, talk)",
    "pairs": "share of the minimal pairs whose good sentence is likelier",
}


SHARES: Final = ("claims", "unwanted", "denials", "pairs")  # of 1


def decisive_metrics(details: Mapping[str, Any]) -> dict[str, float]:
    """The tree of `metrics.json` from that of `details.json`. Leaves out what a brand's suite has no cases for."""
    found = dict(flatten(details))
    return {name: found[full_name] for name, full_name in DECISIVE.items() if full_name in found}
