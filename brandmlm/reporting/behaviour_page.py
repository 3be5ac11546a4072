"""The Markdown page of the behaviour suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.behaviour import REPORTED, SuiteSummary
from brandmlm.evaluation.behaviour_cases import CAPABILITIES, TEST_TYPES
from brandmlm.evaluation.behaviour_rules import MAX_UNWANTED_GAIN, MAX_WANTED_GAIN, MIN_OVERLAP
from brandmlm.reporting.brand_alone import brand_alone_lines
from brandmlm.reporting.formatting import escape, marked, model_legend, percent
from brandmlm.reporting.tables import Measure


def behaviour_markdown(outcomes: pd.DataFrame, summary: SuiteSummary, metrics: Mapping[str, Any], top: int) -> str:
    """The brand and side effects, pass rates by capability and model, then the cases that v1 or v2 fails."""
    types = ", ".join(f"{name} ({long})" for name, long in TEST_TYPES.items())
    lines = [
        "# The behaviour suite",
        "",
        f"{model_legend()} The brand's lexicon decides which words are wanted or unwanted; a sentiment lexicon, "
        "VADER's unless the brand has its own, decides for the words that it does not list. Test types are "
        f"CheckList's: {types}. The part `test` is reported, `dev` is for tuning.",
    ]
    lines += [
        "",
        "## The brand, and side effects",
        "",
        "Of the part `test`: means over n cases, rates with their 95 % intervals (Wilson's; of perplexity by the "
        "bootstrap). *Lists blocked* is base whose unwanted words that training uses are never decoded, which needs no "
        "training. *Unseen* words are those that the lexicon holds out of training.",
        "",
        *brand_alone_lines(summary, metrics, top),
    ]
    for part in (REPORTED, "dev"):
        lines += ["", f"## Share of cases passed: {part}", "", *_rates(summary, part, top)]
    lines += [
        "",
        f"Tolerances: unwanted words may gain {percent(MAX_UNWANTED_GAIN)} over base, and in a claim about rivals or "
        f"no brand {MAX_WANTED_GAIN} wanted word; a perturbed claim must keep a "
        f"share of {MIN_OVERLAP:g} of the claim's words.",
    ]
    for part in (REPORTED, "dev"):
        lines += ["", f"## Predictions of v1 and v2 in failed cases: {part}"]
        lines += _failures(outcomes[outcomes["part"] == part])
    lines += ["", "Wanted words are **bold**, unwanted words ~~struck out~~ ✗."]
    return "\n".join(lines) + "\n"


def _rates(summary: SuiteSummary, part: str, top: int) -> list[str]:
    names = " | ".join(VARIANTS.values())
    lines = [
        f"| capability | test type | passes if | cases | {names} |",
        f"|---|---|---|---:|{'---:|' * len(VARIANTS)}",
    ]
    of = {model: summary.get(model, {}).get(part, {}) for model in VARIANTS}
    for name, capability in CAPABILITIES.items():
        found = [of[model].get(name) for model in VARIANTS]
        cases = next((int(each["cases"]) for each in found if each), 0)
        if cases:
            row = Measure("", "higher", tuple(each["pass_rate"] if each else None for each in found), True)
            rates = " | ".join(row.marked_cells())
            expectation = capability.expectation.format(top=top)
            lines.append(f"| {name.replace('_', ' ')} | {capability.test_type} | {expectation} | {cases} | {rates} |")
    return lines


def _failures(outcomes: pd.DataFrame) -> Iterator[str]:
    """The cases that a trained model fails, by capability, with its likeliest words."""
    trained = outcomes[outcomes["model"].isin(TRAINED_VARIANTS)]
    for capability in CAPABILITIES:
        rows = trained[trained["capability"] == capability]
        failing = list(dict.fromkeys(rows.loc[~rows["passed"].astype(bool), "text"]))
        if not failing:
            continue
        columns = (rows[name] for name in ("model", "text", "passed", "said"))
        cells = {
            (model, text): "passed" if passed else ", ".join(marked(word.token, word.verdict) for word in said)
            for model, text, passed, said in zip(*columns, strict=True)
        }
        names = " | ".join(VARIANTS[model] for model in TRAINED_VARIANTS)
        yield from ("", f"### {capability.replace('_', ' ').capitalize()}", "")
        yield from (f"| sentence | {names} |", f"|---|{'---|' * len(TRAINED_VARIANTS)}")
        for text in failing:
            yield f"| {escape(text)} | {' | '.join(cells[model, text] for model in TRAINED_VARIANTS)} |"
