"""The Markdown page of the behaviour suite."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.behaviour import OVERLAP, REPORTED, TOLERANCE, Summary
from brandmlm.evaluation.behaviour_cases import CAPABILITIES
from brandmlm.reporting.formatting import escape, marked, percent
from brandmlm.reporting.pages import who_is_who
from brandmlm.reporting.tables import Measure


def _rates(summary: Summary, part: str, top: int) -> list[str]:
    names = " | ".join(VARIANTS.values())
    lines = [f"| | what passes | cases | {names} |", f"|---|---|---:|{'---:|' * len(VARIANTS)}"]
    of = {model: summary.get(model, {}).get(part, {}) for model in VARIANTS}
    for capability, (kind, rule) in CAPABILITIES.items():
        found = [of[model].get(capability) for model in VARIANTS]
        cases = next((int(each["cases"]) for each in found if each), 0)
        if cases:
            row = Measure("", "higher", tuple(each["pass_rate"] if each else None for each in found), True)
            cells = [f"**{cell}**" if n in row.best() else cell for n, cell in enumerate(row.cells())]
            title = f"{capability.replace('_', ' ')} ({kind})"
            lines.append(f"| {title} | {rule.format(top=top)} | {cases} | {' | '.join(cells)} |")
    return lines


def _failures(outcomes: pd.DataFrame) -> Iterator[str]:
    """The cases that a trained model does not pass, by capability, with what it said there."""
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


def behaviour_markdown(outcomes: pd.DataFrame, summary: Summary, top: int) -> str:
    """A Markdown page: pass rates by capability and model, then the cases that v1 or v2 does not pass."""
    lines = [
        "# The behaviour suite",
        "",
        f"{who_is_who()} Words are judged by the brand's lexicon, and those that it does not list by VADER's. "
        "The part `test` reports, `dev` is there to tune on.",
    ]
    for part in (REPORTED, "dev"):
        lines += ["", f"## Share of cases passed: {part}", "", *_rates(summary, part, top)]
    lines += [
        "",
        f"Unwanted words may gain {percent(TOLERANCE)} on base; a variant keeps a share of {OVERLAP:g} of its claim's "
        "words and its verdict.",
    ]
    for part in (REPORTED, "dev"):
        lines += ["", f"## What v1 and v2 said where they did not pass: {part}"]
        lines += _failures(outcomes[outcomes["part"] == part])
    lines += ["", "Wanted words are **bold**, unwanted ones ~~struck out~~ ✗."]
    return "\n".join(lines) + "\n"
