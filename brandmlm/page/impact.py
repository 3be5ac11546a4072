"""What an edit of the lexicon touches: training rows, probes and cases of the behaviour suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import polars as pl

from brandmlm.config.params.filter import Filter
from brandmlm.evaluation.word_verdicts import with_verdicts
from brandmlm.filtering.matching import canonical, has_any
from brandmlm.filtering.signals import signal_words
from brandmlm.filtering.uptrain_operators import evaluate_signals
from brandmlm.page.brand_words import Snapshot
from brandmlm.page.suite import Evaluated, outcomes_of
from brandmlm.reporting.excerpt import excerpt

SHOWN: Final = 6  # examples of each


def touched_rows(rows: pd.DataFrame, word: str, after: Snapshot, params: Filter) -> dict[str, Any]:
    """The training rows that have a word, and those that the filter would decide otherwise on after an edit.

    Args:
        rows: columns id, source, text, kept.
        after: the edited lexicon.
    """
    texts = pl.DataFrame({"text": list(rows["text"])}, schema={"text": pl.String}).with_columns(
        canonical=canonical(pl.col("text"), params.match)
    )
    having = rows.loc[texts.select(has=has_any([word], params.match))["has"].to_numpy()]
    if not len(having):
        nothing = {"rows": 0, "examples": list[str]()}
        return {"rows": 0, "synthetic": 0, "kept": 0, "now_kept": nothing, "now_dropped": nothing}
    signals = evaluate_signals(having, signal_words(after.lexicon), params, after.lexicon.valences)
    kept = having["id"].map(signals.set_index("id")["kept"]).astype(bool)
    # Real rows first: synthetic ones are written again, by the new lists.
    ordered = having.assign(after=kept, invented=having["source"] == "synthetic").sort_values(["invented", "id"])
    return {
        "rows": len(having),
        "synthetic": int((having["source"] == "synthetic").sum()),
        "kept": int(having["kept"].sum()),
        "now_kept": _examples(ordered[~ordered["kept"] & ordered["after"]], word, after.lexicon.brand),
        "now_dropped": _examples(ordered[ordered["kept"] & ~ordered["after"]], word, after.lexicon.brand),
    }


def _examples(rows: pd.DataFrame, word: str, brand: Sequence[str]) -> dict[str, Any]:
    return {"rows": len(rows), "examples": [excerpt(text, word, brand) for text in rows["text"].head(SHOWN)]}


def touched_probes(evaluated: Evaluated, word: str) -> list[dict[str, Any]]:
    """The probes that have a word among their likeliest, with the models that say it."""
    found = evaluated.predictions
    found = found[found["token"].str.lower() == word.lower()]
    return [
        {"text": str(text), "models": sorted(set(rows["model"]), key=evaluated.models.index)}
        for text, rows in found.groupby("text", sort=False)
    ]


def touched_cases(evaluated: Evaluated, word: str, before: Snapshot, after: Snapshot) -> dict[str, Any]:
    """The suite's cases that have a word among their likeliest, and those that would end otherwise after an edit.

    The probability mass of wanted and unwanted words is that of the last run.
    """
    words = evaluated.answers.words
    texts = set(words.loc[words["token"].str.lower() == word.lower(), "text"])
    cases = evaluated.answers.cases
    cases = cases[cases["text"].isin(texts) | cases["origin"].isin(texts)]
    if not len(cases):
        return {"cases": 0, "now_pass": [], "now_fail": []}
    all_texts = {*cases["text"], *cases["origin"].dropna()}
    needed = words[words["text"].isin(all_texts)].drop(columns=["verdict", "held_out"])
    passed = []
    for snapshot in (before, after):
        answers = replace(evaluated.answers, cases=cases, words=with_verdicts(needed, snapshot.verdicts))
        passed.append(outcomes_of(answers, snapshot.lexicon, evaluated.top))
    was, now = passed
    told = was.assign(after=now["passed"].to_numpy())
    told["passed"] = told["passed"].astype(bool)
    told["after"] = told["after"].astype(bool)
    return {
        "cases": int(told["text"].nunique()),
        "now_pass": _cases(told[~told["passed"] & told["after"]]),
        "now_fail": _cases(told[told["passed"] & ~told["after"]]),
    }


def _cases(told: pd.DataFrame) -> list[dict[str, Any]]:
    columns = (told[name] for name in ("model", "part", "capability", "text"))
    return [
        {"model": model, "part": part, "capability": capability.replace("_", " "), "text": text}
        for model, part, capability, text in zip(*columns, strict=True)
    ]
