"""The results of the last run's behaviour suite."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.behaviour import REPORTED, Answers, examine, summarise_suite
from brandmlm.evaluation.behaviour_cases import CAPABILITIES
from brandmlm.evaluation.divergence import with_divergence
from brandmlm.evaluation.word_verdicts import WordVerdicts, with_verdicts
from brandmlm.reporting.evaluation_files import read_evaluations


@dataclass(frozen=True)
class Evaluated:
    """What all models answered in the last run; models by the names that are shown."""

    answers: Answers
    predictions: pd.DataFrame  # model, text, token: the `top` likeliest tokens of each probe
    models: list[str]
    top: int  # number of likeliest tokens that count

    def judged_by(self, verdicts: WordVerdicts) -> Evaluated:
        """The same answers, their words judged by another lexicon."""
        words = with_verdicts(self.answers.words.drop(columns=["verdict", "held_out"]), verdicts)
        return replace(self, answers=replace(self.answers, words=words))


def read_evaluated(folder: Path, verdicts: WordVerdicts, top: int) -> Evaluated:
    """Read the evaluations. Raises UserError where something is missing or damaged."""
    evaluations = read_evaluations(folder)

    def table(name: str) -> pd.DataFrame:
        tables: list[pd.DataFrame] = [getattr(each, name).assign(model=model) for model, each in evaluations.items()]
        return pd.concat(tables, ignore_index=True)

    words = table("words")
    answers = Answers(
        with_divergence(evaluations),
        with_verdicts(words[words["rank"] <= top], verdicts),
        table("phrases"),
        evaluations["base"].slot_words,
    )
    texts = table("probes").drop_duplicates("id").set_index("id")["text"]
    predictions = table("predictions")
    predictions = predictions[predictions["rank"] <= top]
    predictions = predictions.assign(
        text=predictions["probe"].map(texts), model=predictions["model"].map(VARIANTS), rank=predictions["rank"]
    )
    return Evaluated(answers, predictions[["model", "text", "token"]], list(VARIANTS.values()), top)


def outcomes_of(answers: Answers, lexicon: Lexicon, top: int) -> pd.DataFrame:
    """The outcomes of all cases, with the models' shown names."""
    outcomes = examine(answers, lexicon, top)
    return outcomes.assign(model=outcomes["model"].map(VARIANTS))


def suite_document(evaluated: Evaluated, lexicon: Lexicon) -> dict[str, Any]:
    """Pass rates by part and capability, and the cases that v1 or v2 fails with what they said."""
    outcomes = examine(evaluated.answers, lexicon, evaluated.top)
    summary = summarise_suite(outcomes)
    parts = {}
    for part in (REPORTED, "dev"):
        rows = outcomes[outcomes["part"] == part]
        found = [
            {
                "capability": name.replace("_", " "),
                "expectation": capability.expectation.format(top=evaluated.top),
                "cases": max(int(of[name]["cases"]) for of in tested if name in of),
                "rates": [of[name]["pass_rate"] if name in of else None for of in tested],
                "failed": _failed(rows[rows["capability"] == name]),
            }
            for tested in [[summary.get(model, {}).get(part, {}) for model in VARIANTS]]
            for name, capability in CAPABILITIES.items()
            if any(name in of for of in tested)
        ]
        parts[part] = found
    return {"models": list(VARIANTS.values()), "parts": parts}


def _failed(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The cases of a capability that a trained model fails, with the answers of those that fail it."""
    failing = rows[rows["model"].isin(TRAINED_VARIANTS) & ~rows["passed"].astype(bool)]
    return [
        {
            "text": str(text),
            "said": [
                {
                    "model": VARIANTS[str(model)],
                    "words": [{"word": word.token, "verdict": word.verdict} for word in said],
                }
                for model, said in zip(of["model"], of["said"], strict=True)
            ],
        }
        for text, of in failing.groupby("text", sort=False)
    ]
