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

from stages.brand import Lexicon
from stages.comparison import MODELS, TRAINED, Measure, escape, final_table, marked, percent, who_is_who
from stages.suite import CAPABILITIES, VARIANTS

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


def holds(words: Sequence[Word]) -> bool:
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
                return Result(holds(words), words, {name: float(value) for name, value in counts.items()})
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
        return Result(len(kept) >= OVERLAP * len(claim) and holds(claim) == holds(words), words)

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
        for model in MODELS
        if model in summary
    }


Summary = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]  # model → part → capability → measure


def pass_rate(capabilities: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> float | None:
    """The share of the cases of some capabilities that pass; None where there is no case."""
    found = [capabilities[name] for name in names if name in capabilities]
    cases = sum(each["cases"] for each in found)
    return sum(each["cases"] * each["pass_rate"] for each in found) / cases if cases else None


def measures(summary: Summary) -> list[Measure]:
    """Lines of the final table: the pass rates of the part that is reported."""
    lines = {
        "claims about the brand": ("claim",),
        "denials": ("negation",),
        "claims about other brands": ("other_brand",),
        "claims in variants": VARIANTS,
        "plain English": ("plain_english",),
    }
    return [
        Measure(
            f"suite passed: {title}",
            "higher",
            tuple(pass_rate(summary.get(model, {}).get(REPORTED, {}), names) for model in MODELS),
            True,
        )
        for title, names in lines.items()
        if any(name in summary.get(model, {}).get(REPORTED, {}) for model in MODELS for name in names)
    ]


def final_measures(metrics: Mapping[str, Any], top: int) -> list[Measure]:
    """All lines of the final table, from what `metrics.json` holds. Raises KeyError where a part is not there."""
    return [*final_table(metrics["evaluation"], metrics["probes"], top), *measures(metrics["behaviour"])]


def _rates(summary: Summary, part: str, top: int) -> list[str]:
    names = " | ".join(MODELS.values())
    lines = [f"| | what passes | cases | {names} |", f"|---|---|---:|{'---:|' * len(MODELS)}"]
    of = {model: summary.get(model, {}).get(part, {}) for model in MODELS}
    for capability, (kind, rule) in CAPABILITIES.items():
        found = [of[model].get(capability) for model in MODELS]
        cases = next((int(each["cases"]) for each in found if each), 0)
        if cases:
            row = Measure("", "higher", tuple(each["pass_rate"] if each else None for each in found), True)
            cells = [f"**{cell}**" if n in row.best() else cell for n, cell in enumerate(row.cells())]
            title = f"{capability.replace('_', ' ')} ({kind})"
            lines.append(f"| {title} | {rule.format(top=top)} | {cases} | {' | '.join(cells)} |")
    return lines


def _failures(outcomes: pd.DataFrame) -> Iterator[str]:
    """The cases that a trained model does not pass, by capability, with what it said there."""
    trained = outcomes[outcomes["model"].isin(TRAINED)]
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
        names = " | ".join(MODELS[model] for model in TRAINED)
        yield from ("", f"### {capability.replace('_', ' ').capitalize()}", "")
        yield from (f"| sentence | {names} |", f"|---|{'---|' * len(TRAINED)}")
        for text in failing:
            yield f"| {escape(text)} | {' | '.join(cells[model, text] for model in TRAINED)} |"


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
