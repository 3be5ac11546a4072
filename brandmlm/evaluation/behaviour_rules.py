"""When a model passes a case of the behaviour suite: `behaviour_cases.CAPABILITIES` as functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from brandmlm.config.brand.fields import CONTINUATION
from brandmlm.config.brand.lexicon import Lexicon

MAX_UNWANTED_GAIN: Final = 0.01  # probability mass that unwanted words may gain over base

MAX_WANTED_GAIN: Final = 1  # wanted words among the likeliest that claims not about the brand may gain over base

MIN_OVERLAP: Final = 0.5  # share of a claim's likeliest words that a perturbed claim must keep

MIN_PREFERENCE: Final = 2 / 3  # share of the pairs of phrases in which the wanted one must be likelier

CONJUNCTIONS: Final = frozenset({"and", "but", "or"})  # which only go on where a sentence should say something


class Word(NamedTuple):
    token: str
    probability: float
    verdict: str
    held_out: bool = False


class Masses(NamedTuple):
    """Probability mass of the vocabulary's wanted and unwanted words; of those that the lexicon holds out of training;
    and the share of pairs of a held-out wanted and a held-out unwanted word in which the wanted one is likelier (nan
    without a pair)."""

    wanted: float
    unwanted: float
    wanted_held_out: float
    unwanted_held_out: float
    preference: float


@dataclass(frozen=True)
class Answer:
    """What one model, and base, answer to one case."""

    words: Sequence[Word]  # the likeliest ones, best first
    base_words: Sequence[Word]
    masses: Masses
    base_masses: Masses
    origin_words: Sequence[Word] | None = None  # of the claim that the case was made from
    phrases: pd.DataFrame | None = None  # phrase, verdict, tokens, log_likelihood
    kl: float = math.nan  # KL(base ‖ model) at the mask, nats; nan where it is not measured


@dataclass(frozen=True)
class Names:
    """Names of the lexicon and the suite, in lower case."""

    brand: AbstractSet[str]
    other_brands: AbstractSet[str]
    products: AbstractSet[str]
    slot_words: AbstractSet[str]  # of the suite

    @classmethod
    def of(cls, lexicon: Lexicon, slot_words: Iterable[str]) -> Names:
        products = (form for product in lexicon.products for form in product.forms)
        listed = (lexicon.brand, lexicon.other_brands, products, slot_words)
        return cls(*(frozenset(name.lower() for name in names) for names in listed))


class Outcome(NamedTuple):
    passed: bool
    said: Sequence[Word]  # best first
    measures: Mapping[str, float] = {}


def check(capability: str, answer: Answer, names: Names) -> Outcome:
    """The outcome of a case, with its measures."""
    if capability == "phrase":
        return _phrase(answer)
    outcome = Outcome(_passes(capability, answer, names), answer.words)
    match capability:
        case "claim" | "look_alike":
            return outcome._replace(measures=_measure(answer, held_out=True))
        case "locality" | "no_brand" | "negation":
            return outcome._replace(measures=_measure(answer))
        case "plain_english":
            measures = {} if math.isnan(answer.kl) else {"kl": answer.kl}
            return Outcome(outcome.passed, answer.words[:1], measures)
        case "bare":
            return outcome._replace(said=answer.words[:1])
    return outcome


def _passes(capability: str, answer: Answer, names: Names) -> bool:
    match capability:
        case "claim" | "look_alike":
            return claim_passes(answer.words)
        case "locality" | "no_brand":
            gain = count(answer.words, "wanted") - count(answer.base_words, "wanted")
            return gain <= MAX_WANTED_GAIN and _no_worse(answer)
        case "negation":
            return answer.masses.unwanted > answer.masses.wanted
        case "bare":
            return is_word(answer.words[0].token) and answer.words[0].token.lower() not in CONJUNCTIONS
        case "product":
            return 2 * sum(token in names.products for token in _tokens(answer)) >= len(answer.words)
        case "slot":
            return 2 * sum(token in names.slot_words for token in _tokens(answer)) >= len(answer.words)
        case "brand":
            named = [token for token in _tokens(answer) if token in names.brand | names.other_brands]
            return bool(named) and named[0] in names.brand
        case "shift":
            return answer.masses.wanted > answer.base_masses.wanted and _no_worse(answer)
        case "plain_english":
            return answer.words[0].token == answer.base_words[0].token
    return _unchanged(answer)


def is_word(token: str) -> bool:
    """Whether a token's form is a word: no punctuation, and not the rest of another word."""
    return not token.startswith(CONTINUATION) and any(letter.isalnum() for letter in token)


def count(words: Sequence[Word], verdict: str) -> int:
    return sum(word.verdict == verdict for word in words)


def claim_passes(words: Sequence[Word]) -> bool:
    return count(words, "unwanted") == 0 < count(words, "wanted")


def preference(phrases: pd.DataFrame) -> float | None:
    """Share of the pairs of a wanted and an unwanted phrase in which the wanted one is likelier; None without a pair.

    Only phrases with the same number of tokens make a pair: the log-likelihoods of longer phrases are lower.
    """
    tokens, logs = phrases["tokens"].to_numpy(), phrases["log_likelihood"].to_numpy()
    verdicts = phrases["verdict"].to_numpy(dtype=object)
    won = pairs = 0
    for length in set(tokens.tolist()):
        wanted, unwanted = (logs[(tokens == length) & (verdicts == v)] for v in ("wanted", "unwanted"))
        won += int((wanted[:, None] > unwanted[None, :]).sum())
        pairs += len(wanted) * len(unwanted)
    return won / pairs if pairs else None


def _tokens(answer: Answer) -> list[str]:
    return [word.token.lower() for word in answer.words]


def _measure(answer: Answer, held_out: bool = False) -> dict[str, float]:
    """What the lexicon's words get; `held_out`: also what those that it holds out of training get."""
    words, masses = answer.words, answer.masses
    wanted, unwanted = count(words, "wanted"), count(words, "unwanted")
    measures = {
        "wanted_in_top": float(wanted),
        "unwanted_in_top": float(unwanted),
        "without_unwanted": float(unwanted == 0),
        "wanted_mass": masses.wanted,
        "unwanted_mass": masses.unwanted,
    }
    if held_out:
        unseen = [word for word in words if word.held_out]
        measures |= {
            "wanted_held_out_in_top": float(count(unseen, "wanted")),
            "unwanted_held_out_in_top": float(count(unseen, "unwanted")),
            "wanted_held_out_mass": masses.wanted_held_out,
            "unwanted_held_out_mass": masses.unwanted_held_out,
        }
        measures |= {} if math.isnan(masses.preference) else {"held_out_preference": masses.preference}
    return measures


def _phrase(answer: Answer) -> Outcome:
    assert answer.phrases is not None
    liked = preference(answer.phrases)
    likeliest = answer.phrases.sort_values("log_likelihood", ascending=False).head(len(answer.words))
    columns = (likeliest[name].tolist() for name in ("phrase", "log_likelihood", "verdict"))
    said = [Word(phrase, math.exp(value), verdict) for phrase, value, verdict in zip(*columns, strict=True)]
    return Outcome(liked is None or liked >= MIN_PREFERENCE, said, {} if liked is None else {"preference": liked})


def _no_worse(answer: Answer) -> bool:
    return answer.masses.unwanted - answer.base_masses.unwanted <= MAX_UNWANTED_GAIN


def _unchanged(answer: Answer) -> bool:
    """A perturbed claim against its origin."""
    claim = answer.origin_words
    assert claim is not None
    kept = {word.token for word in claim} & {word.token for word in answer.words}
    return len(kept) >= MIN_OVERLAP * len(claim) and claim_passes(claim) == claim_passes(answer.words)
