"""The table *The brand, and side effects*: whether a model praises the brand, understands denials and keeps the rest.

Its columns are three baselines (base, base with the lists blocked at decoding, v1) and v2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.behaviour import REPORTED, SuiteSummary
from brandmlm.evaluation.blocked_words import BLOCKED
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.reporting.formatting import exact_percent, number, percent

COLUMNS: Final = {"base": VARIANTS["base"], BLOCKED: "base, lists blocked", "full": "v1", "filtered": "v2"}

# Title of a row: the capability and its measure; shares of 1 are shown in per cent.
ROWS: Final[tuple[tuple[str, str, str], ...]] = (
    ("claims about us: passed", "claim", "pass_rate"),
    ("wanted words in the top {top}", "claim", "wanted_in_top"),
    ("unwanted words in the top {top}", "claim", "unwanted_in_top"),
    ("probability of wanted words", "claim", "wanted_mass"),
    ("probability of unwanted words", "claim", "unwanted_mass"),
    ("unseen wanted words in the top {top}", "claim", "wanted_held_out_in_top"),
    ("unseen unwanted words in the top {top}", "claim", "unwanted_held_out_in_top"),
    ("probability of unseen wanted words", "claim", "wanted_held_out_mass"),
    ("probability of unseen unwanted words", "claim", "unwanted_held_out_mass"),
    ("unseen pairs with the wanted word ahead", "claim", "held_out_preference"),
    ("the same claims about rivals: passed", "locality", "pass_rate"),
    ("wanted words in the top {top}", "locality", "wanted_in_top"),
    ("probability of wanted words", "locality", "wanted_mass"),
    ("probability of unwanted words", "locality", "unwanted_mass"),
    ("claims about no brand: passed", "no_brand", "pass_rate"),
    ("wanted words in the top {top}", "no_brand", "wanted_in_top"),
    ("probability of wanted words", "no_brand", "wanted_mass"),
    ("probability of unwanted words", "no_brand", "unwanted_mass"),
    ("denials: passed", "negation", "pass_rate"),
    ("claims that look like denials: passed", "look_alike", "pass_rate"),
    ("claims without final punctuation: passed", "bare", "pass_rate"),
    ("slots: passed", "slot", "pass_rate"),
    ("plain English: likeliest word kept", "plain_english", "pass_rate"),
    ("plain English: divergence from base, nats", "plain_english", "kl"),
)


def brand_alone_lines(suite: SuiteSummary, metrics: Mapping[str, Any], top: int) -> list[str]:
    """The table in Markdown.

    Args:
        suite: Of all models and of base with the lists blocked.
        metrics: `details.json`.
        top: Number of likeliest words that count.
    """
    return [
        f"| | n | {' | '.join(COLUMNS.values())} |",
        f"|---|---:|{'---:|' * len(COLUMNS)}",
        *_suite_rows(suite, top),
        *_english_rows(metrics),
    ]


def _suite_rows(suite: SuiteSummary, top: int) -> Iterator[str]:
    for title, capability, measure in ROWS:
        found = [suite.get(model, {}).get(REPORTED, {}).get(capability, {}) for model in COLUMNS]
        if any(measure in each for each in found):
            cases = next(int(each["cases"]) for each in found if each)
            cells = " | ".join(_cell(each, measure) for each in found)
            yield f"| {title.format(top=top)} | {cases} | {cells} |"


def _english_rows(metrics: Mapping[str, Any]) -> Iterator[str]:
    for name in ("general", "mixed"):
        found = [metrics["evaluation"].get(model, {}).get(name, {}) for model in COLUMNS]
        if any(found):
            rows = next(int(each["rows"]) for each in found if each)
            yield f"| {name} English: perplexity | {rows} | {' | '.join(_cell(each, 'perplexity') for each in found)} |"
    found = [metrics["minimal_pairs"].get(model, {}).get("all", {}) for model in COLUMNS]
    if any(found):
        pairs = next(int(each["pairs"]) for each in found if each)
        yield f"| minimal pairs right | {pairs} | {' | '.join(_cell(each, 'accuracy') for each in found)} |"


def _cell(found: Mapping[str, float], measure: str) -> str:
    """A value, with its interval where it has one."""
    if measure not in found:
        return "–"
    show: Callable[[float], str] = number
    if measure in ("pass_rate", "accuracy", "held_out_preference"):
        show = exact_percent
    elif measure.endswith("_mass"):
        show = percent
    text = show(found[measure])
    low, high = (found.get(measure + end) for end in (LOW, HIGH))
    return text if low is None or high is None else f"{text} ({show(low)} to {show(high)})"
