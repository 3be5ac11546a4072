"""When a model passes a case of the behaviour suite: `behaviour_cases.CAPABILITIES` as functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon

MAX_UNWANTED_GAIN: Final = 0.01  # probability mass that unwanted words may gain over base

MIN_OVERLAP: Final = 0.5  # share of a claim's likeliest words that a perturbed claim must keep

MIN_PREFERENCE: Final = 2 / 3  # share of the pairs of phrases in which the wanted one must be likelier


class Word(NamedTuple):
    token: str
    probability: float
    verdict: str


class Masses(NamedTuple):
    """Probability mass of the vocabulary's wanted and unwanted words."""

    wanted: float
    unwanted: float


@dataclass(frozen=True)
class Answer:
    """What one model, and base, answer to one case."""

    words: Sequence[Word]  # the likeliest ones, best first
    base_words: Sequence[Word]
    masses: Masses
    base_masses: Masses
    origin_words: Sequence[Word] | None = None  # of the claim that the case perturbs
    phrases: pd.DataFrame | None = None  # phrase, verdict, tokens, log_likelihood


@dataclass(frozen=True)
class Names:
    """Names of the lexicon, in lower case."""

    brand: AbstractSet[str]
    other_brands: AbstractSet[str]
    products: AbstractSet[str]

    @classmethod
    def of(cls, lexicon: Lexicon) -> Names:
        products = (form for product in lexicon.products for form in product.forms)
        brand, other_brands, forms = (
            frozenset(name.lower() for name in names) for names in (lexicon.brand, lexicon.other_brands, products)
        )
        return cls(brand, other_brands, forms)


class Outcome(NamedTuple):
    passed: bool
    said: Sequence[Word]  # best first
    measures: Mapping[str, float] = {}


def check(capability: str, answer: Answer, names: Names) -> Outcome:
    """The outcome of a case."""
    match capability:
        case "claim":
            return _claim(answer)
        case "phrase":
            return _phrase(answer)
        case "product":
            return Outcome(
                2 * sum(token in names.products for token in _tokens(answer)) >= len(answer.words), answer.words
            )
        case "brand":
            named = [token for token in _tokens(answer) if token in names.brand | names.other_brands]
            return Outcome(bool(named) and named[0] in names.brand, answer.words)
        case "negation":
            return Outcome(count(answer.words, "wanted") == 0 or count(answer.words, "unwanted") > 0, answer.words)
        case "shift":
            passed = answer.masses.wanted > answer.base_masses.wanted and _no_worse(answer)
            return Outcome(passed, answer.words)
        case "other_brand":
            return Outcome(_no_worse(answer), answer.words)
        case "plain_english":
            return Outcome(answer.words[0].token == answer.base_words[0].token, [answer.words[0]])
    return _unchanged(answer)


def count(words: Sequence[Word], verdict: str) -> int:
    return sum(word.verdict == verdict for word in words)


def claim_passes(words: Sequence[Word]) -> bool:
    return count(words, "unwanted") == 0 < count(words, "wanted")


def preference(phrases: pd.DataFrame) -> float | None:
    """Share of the pairs of a wanted and an unwanted phrase in which the wanted one is likelier; None without a pair.

    Only phrases with the same number of tokens make a pair: the log-likelihoods of longer phrases are lower.
    """
    won = pairs = 0
    for _, alike in phrases.groupby("tokens"):
        wanted, unwanted = (
            alike.loc[alike["verdict"] == v, "log_likelihood"].to_numpy() for v in ("wanted", "unwanted")
        )
        won += int((wanted[:, None] > unwanted[None, :]).sum())
        pairs += len(wanted) * len(unwanted)
    return won / pairs if pairs else None


def _tokens(answer: Answer) -> list[str]:
    return [word.token.lower() for word in answer.words]


def _claim(answer: Answer) -> Outcome:
    wanted, unwanted = count(answer.words, "wanted"), count(answer.words, "unwanted")
    measures = {"wanted_in_top": wanted, "unwanted_in_top": unwanted, "without_unwanted": unwanted == 0}
    return Outcome(claim_passes(answer.words), answer.words, {name: float(value) for name, value in measures.items()})


def _phrase(answer: Answer) -> Outcome:
    assert answer.phrases is not None
    liked = preference(answer.phrases)
    likeliest = answer.phrases.sort_values("log_likelihood", ascending=False).head(len(answer.words))
    columns = (likeliest[name].tolist() for name in ("phrase", "log_likelihood", "verdict"))
    said = [Word(phrase, math.exp(value), verdict) for phrase, value, verdict in zip(*columns, strict=True)]
    return Outcome(liked is None or liked >= MIN_PREFERENCE, said, {} if liked is None else {"preference": liked})


def _no_worse(answer: Answer) -> bool:
    return answer.masses.unwanted - answer.base_masses.unwanted <= MAX_UNWANTED_GAIN


def _unchanged(answer: Answer) -> Outcome:
    """A perturbed claim against its origin."""
    claim = answer.origin_words
    assert claim is not None
    kept = {word.token for word in claim} & {word.token for word in answer.words}
    same = claim_passes(claim) == claim_passes(answer.words)
    return Outcome(len(kept) >= MIN_OVERLAP * len(claim) and same, answer.words)
