"""How the models do in the behaviour suite: which cases each passes, pass rates, and Markdown to read.

Tables that stand between the functions here (`evaluate` writes all but the verdicts, which the lexicon and VADER give):

| table    | columns                                                                                       |
|----------|-----------------------------------------------------------------------------------------------|
| cases    | model, part, capability, text, origin (the claim it is a variant of), wanted_mass, unwanted_mass |
| words    | model, text, rank (from 1), token, probability, verdict                                       |
| phrases  | model, part, text, phrase, verdict, tokens, log_likelihood                                    |
| outcomes | model, part, capability, text, passed, said (likeliest first), and the `MEASURES`, where they apply |
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.behaviour_cases import CAPABILITIES

TOLERANCE: Final = 0.01  # probability that unwanted words may gain on base: a point in a hundred

OVERLAP: Final = 0.5  # share of the likeliest words that a variant of a claim has to keep

PREFERENCE: Final = 2 / 3  # share of the pairs of phrases in which the wanted one has to be likelier

MEASURES: Final = ("wanted_in_top", "unwanted_in_top", "without_unwanted", "preference")

REPORTED: Final = "test"

Key = tuple[str, str]  # model, text


class Word(NamedTuple):
    token: str
    probability: float
    verdict: str


@dataclass(frozen=True)
class Answers:
    """What all models answered: the tables of this module's head."""

    cases: pd.DataFrame
    words: pd.DataFrame
    phrases: pd.DataFrame


class Result(NamedTuple):
    passed: bool
    said: Sequence[Word]
    measures: Mapping[str, float] = {}


def count(words: Sequence[Word], verdict: str) -> int:
    return sum(word.verdict == verdict for word in words)


def claim_passes(words: Sequence[Word]) -> bool:
    """Whether a claim passes: no unwanted word, and a wanted one."""
    return count(words, "unwanted") == 0 < count(words, "wanted")


def preference(phrases: pd.DataFrame) -> float | None:
    """Of all pairs of a wanted and an unwanted phrase of as many tokens, the share in which the wanted one is likelier;
    None where there is no pair. (Likelihoods of different lengths are not alike: they share out one probability each.)

    `phrases`: those of one claim and model.
    """
    won = pairs = 0
    for _, alike in phrases.groupby("tokens"):
        wanted, unwanted = (
            alike.loc[alike["verdict"] == v, "log_likelihood"].to_numpy() for v in ("wanted", "unwanted")
        )
        won += int((wanted[:, None] > unwanted[None, :]).sum())
        pairs += len(wanted) * len(unwanted)
    return won / pairs if pairs else None


class Examiner:
    """Says of every case whether a model passes it; the rules in words: `suite.CAPABILITIES`."""

    def __init__(self, answers: Answers, lexicon: Lexicon, top: int) -> None:
        self.answers = answers
        head = answers.words[answers.words["rank"] <= top].sort_values(["model", "text", "rank"])
        columns = (head[name] for name in ("model", "text", "token", "probability", "verdict"))
        self.words: dict[Key, list[Word]] = {}
        for model, text, *word in zip(*columns, strict=True):
            self.words.setdefault((model, text), []).append(Word(*word))
        masses = (answers.cases[name] for name in ("model", "text", "wanted_mass", "unwanted_mass"))
        self.masses = {(model, text): (good, bad) for model, text, good, bad in zip(*masses, strict=True)}
        self.phrases = dict(iter(answers.phrases.groupby(["model", "text"])))
        self.products = {form.lower() for product in lexicon.products for form in product.forms}
        self.brands = {name.lower(): True for name in lexicon.brand} | {
            name.lower(): False for name in lexicon.other_brands
        }

    def case(self, model: str, capability: str, text: str, origin: str | None) -> Result:
        words = self.words[model, text]
        before = self.words["base", text]
        wanted, unwanted = (count(words, verdict) for verdict in ("wanted", "unwanted"))
        match capability:
            case "claim":
                counts = {"wanted_in_top": wanted, "unwanted_in_top": unwanted, "without_unwanted": unwanted == 0}
                return Result(claim_passes(words), words, {name: float(value) for name, value in counts.items()})
            case "phrase":
                return self.phrase(model, text)
            case "product":
                return Result(2 * sum(word.token.lower() in self.products for word in words) >= len(words), words)
            case "brand":
                named = [self.brands[word.token.lower()] for word in words if word.token.lower() in self.brands]
                return Result(named[:1] == [True], words)
            case "negation":
                return Result(not (wanted and not unwanted), words)
            case "other_brand":
                return Result(self.gain(model, text)[1] <= TOLERANCE, words)
            case "plain_english":
                return Result(words[0].token == before[0].token, [words[0]])
        assert origin is not None, capability
        claim = self.words[model, origin]
        kept = {word.token for word in claim} & {word.token for word in words}
        return Result(len(kept) >= OVERLAP * len(claim) and claim_passes(claim) == claim_passes(words), words)

    def gain(self, model: str, text: str) -> tuple[float, float]:
        """What wanted and unwanted words gain on base, as probability."""
        (wanted, unwanted), (had_wanted, had_unwanted) = self.masses[model, text], self.masses["base", text]
        return wanted - had_wanted, unwanted - had_unwanted

    def phrase(self, model: str, text: str) -> Result:
        rows = self.phrases[model, text]
        liked = preference(rows)
        likeliest = rows.sort_values("log_likelihood", ascending=False).head(len(self.words[model, text]))
        columns = (likeliest[name].tolist() for name in ("phrase", "log_likelihood", "verdict"))
        said = [Word(phrase, math.exp(value), verdict) for phrase, value, verdict in zip(*columns, strict=True)]
        return Result(liked is None or liked >= PREFERENCE, said, {} if liked is None else {"preference": liked})

    def results(self) -> Iterator[dict[str, Any]]:
        for case in self.answers.cases.to_dict("records"):
            model, part, capability, text = (str(case[key]) for key in ("model", "part", "capability", "text"))
            named = {"model": model, "part": part, "text": text}
            result = self.case(model, capability, text, case["origin"])
            yield {**named, "capability": capability, "passed": result.passed, "said": result.said, **result.measures}
            if capability == "claim" and model != "base":
                wanted, unwanted = self.gain(model, text)
                moved = wanted > 0 and unwanted <= TOLERANCE
                yield {**named, "capability": "shift", "passed": moved, "said": result.said}


def examine(answers: Answers, lexicon: Lexicon, top: int) -> pd.DataFrame:
    """The outcomes of all cases; `top`: the likeliest words that count."""
    columns = ["model", "part", "capability", "text", "passed", "said", *MEASURES]
    return pd.DataFrame(Examiner(answers, lexicon, top).results(), columns=columns)


def summarise(outcomes: pd.DataFrame) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """By model, part and capability: cases, pass_rate, and the mean of every measure that applies."""
    summary: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for (model, part, capability), rows in outcomes.groupby(["model", "part", "capability"], sort=False):
        means = {name: float(values.mean()) for name in MEASURES if len(values := rows[name].dropna())}
        summary.setdefault(str(model), {}).setdefault(str(part), {})[str(capability)] = {
            "cases": len(rows), "pass_rate": float(rows["passed"].mean()), **means,
        }  # fmt: skip
    return {
        model: {
            part: {name: summary[model][part][name] for name in CAPABILITIES if name in summary[model][part]}
            for part in summary[model]
        }
        for model in VARIANTS
        if model in summary
    }


Summary = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]  # model → part → capability → measure
