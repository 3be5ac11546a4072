"""Outcomes of the behaviour suite, and pass rates per model.

| table    | columns                                                                                             |
|----------|-----------------------------------------------------------------------------------------------------|
| cases    | model, part, capability, text, origin (the claim that it was made from), the `CASE_NUMBERS`, kl     |
| words    | model, text, rank (from 1), token, probability, verdict, held_out                                   |
| phrases  | model, part, text, phrase, verdict, tokens, log_likelihood                                          |
| outcomes | model, part, capability, text, passed, said (likeliest first), and the `MEASURES` where they apply  |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.behaviour_cases import CAPABILITIES
from brandmlm.evaluation.behaviour_rules import Answer, Masses, Names, Word, check
from brandmlm.evaluation.blocked_words import BLOCKED
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.evaluation_tables import CASE_NUMBERS
from brandmlm.evaluation.wilson import wilson_interval

MEASURES: Final = (
    "wanted_in_top", "unwanted_in_top", "without_unwanted", "wanted_mass", "unwanted_mass",
    "wanted_held_out_in_top", "unwanted_held_out_in_top", "wanted_held_out_mass", "unwanted_held_out_mass",
    "held_out_preference", "preference", "kl",
)  # fmt: skip

REPORTED: Final = "test"  # the part that the tables report

SuiteSummary = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]  # model → part → capability → measure


@dataclass(frozen=True)
class Answers:
    """What all models answered: the tables described above, and the words that slots ask for."""

    cases: pd.DataFrame
    words: pd.DataFrame
    phrases: pd.DataFrame
    slot_words: Sequence[str]  # of the suite


def examine(answers: Answers, lexicon: Lexicon, top: int) -> pd.DataFrame:
    """The outcomes of all cases; `top`: number of likeliest words that count."""
    columns = ["model", "part", "capability", "text", "passed", "said", *MEASURES]
    return pd.DataFrame(_outcomes(answers, Names.of(lexicon, answers.slot_words), top), columns=columns)


def _outcomes(answers: Answers, names: Names, top: int) -> Iterator[dict[str, Any]]:
    words = _words_by_text(answers.words[answers.words["rank"] <= top])
    phrases = dict(iter(answers.phrases.groupby(["model", "text"])))
    columns = (answers.cases[name] for name in ("model", "text", *CASE_NUMBERS))
    masses = {(model, text): Masses(*numbers) for model, text, *numbers in zip(*columns, strict=True)}
    for case in answers.cases.to_dict("records"):
        model, part, capability, text = (str(case[key]) for key in ("model", "part", "capability", "text"))
        key, base = (model, text), ("base", text)
        answer = Answer(
            words=words[key],
            base_words=words[base],
            masses=masses[key],
            base_masses=masses[base],
            origin_words=words.get((model, case["origin"])),
            phrases=phrases.get(key),
            kl=float(case["kl"]),
        )
        # A trained model's claims are tested twice: by themselves, and against base.
        is_twice = capability == "claim" and model in TRAINED_VARIANTS
        for tested in (capability, "shift") if is_twice else (capability,):
            passed, said, measures = check(tested, answer, names)
            row = {"model": model, "part": part, "capability": tested, "text": text, "passed": passed, "said": said}
            yield row | dict(measures)


def _words_by_text(words: pd.DataFrame) -> Mapping[tuple[str, str], Sequence[Word]]:
    """The words by model and text, likeliest first."""
    ordered = words.sort_values(["model", "text", "rank"])
    names = ("model", "text", "token", "probability", "verdict", "held_out")
    columns = (ordered[name].to_numpy(dtype=object) for name in names)  # iterating over a column is slower
    found: dict[tuple[str, str], list[Word]] = {}
    for model, text, *word in zip(*columns, strict=True):
        found.setdefault((model, text), []).append(Word(*word))
    return found


def summarise_suite(outcomes: pd.DataFrame) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """By model, part and capability: number of cases, pass_rate with its interval, and the mean of every measure that
    applies."""
    summary: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for (model, part, capability), rows in outcomes.groupby(["model", "part", "capability"], sort=False):
        means = {name: float(values.mean()) for name in MEASURES if len(values := rows[name].dropna())}
        passed = int(rows["passed"].sum())
        low, high = wilson_interval(passed, len(rows))
        summary.setdefault(str(model), {}).setdefault(str(part), {})[str(capability)] = {
            "cases": len(rows), "pass_rate": passed / len(rows), f"pass_rate{LOW}": low, f"pass_rate{HIGH}": high,
            **means,
        }  # fmt: skip
    return {
        model: {
            part: {name: summary[model][part][name] for name in CAPABILITIES if name in summary[model][part]}
            for part in summary[model]
        }
        for model in (*VARIANTS, BLOCKED)
        if model in summary
    }
