"""The behaviour suite: what a model is asked, and what it has to do to pass (after CheckList, Ribeiro et al. 2020,
"Beyond Accuracy: Behavioral Testing of NLP Models with CheckList").

A case is one sentence with one mask. Its words are the `top` likeliest tokens there, judged as in
`stages/judgement.py`. Cases stand in a brand's `probes.yaml`, under `behaviour`, in two parts: `dev` to tune on, `test`
to report. The variants of claims and the sentences for phrases are made from the claims of the same part.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from brandmlm.config.brand.fields import MASK, alternatives
from brandmlm.config.brand.probes import Behaviour

# Capability: the kind of test that CheckList calls it, and what passes.
CAPABILITIES: Final = {
    "claim": ("must hold", "none of the {top} likeliest words is unwanted, and one at least is wanted"),
    "phrase": (
        "must hold",
        "of a wanted and an unwanted phrase of as many tokens, the wanted one is likelier: two pairs of three",
    ),
    "product": ("must hold", "half of the {top} likeliest words at least are products of the lexicon"),
    "brand": ("must hold", "our brand is among the {top} likeliest words, before any other brand"),
    "negation": ("must hold", "of the wanted and unwanted words among the {top} likeliest, not all are wanted"),
    "shift": ("must move", "a claim's wanted words are likelier than with base, its unwanted ones are not"),
    "other_brand": ("must not rise", "unwanted words are not likelier than with base"),
    "letter_case": (
        "must not change",
        "in lower case, a claim keeps its verdict and half of its {top} likeliest words",
    ),
    "full_stop": ("must not change", "with its final full stop dropped or added, a claim does so"),
    "typo": ("must not change", "with two letters of a word swapped, a claim does so"),
    "spelling": ("must not change", "with a product spelt in another way, a claim does so"),
    "plain_english": ("must not change", "the likeliest word is base's"),
}

SENTENCE_VARIANTS: Final = ("letter_case", "full_stop", "typo", "spelling")


@dataclass(frozen=True)
class Case:
    part: str  # dev or test
    capability: str
    text: str
    origin: str | None = None  # the claim that it is a variant of


def lower_case(text: str) -> str:
    return text.lower().replace(MASK.lower(), MASK)


def other_end(text: str) -> str:
    """The text without its final full stop; with one where it ends in none; itself where it ends otherwise."""
    return text[:-1] if text.endswith(".") else text if text.endswith(("!", "?", '"', "…")) else f"{text}."


def typo(text: str, names: Sequence[str]) -> str:
    """The text with two neighbouring letters of a word swapped, never its first: chosen by a hash of the text, among
    words of five letters or more that are no part of `names`. Itself where there is none."""
    kept = {word.lower() for name in names for word in name.split()}
    places = [
        place
        for word in re.finditer(r"(?<![\w\[])[A-Za-z]{5,}(?!\w)", text)
        if word.group().lower() not in kept
        for place in range(word.start() + 1, word.end() - 1)
        if text[place].lower() != text[place + 1].lower()
    ]
    if not places:
        return text
    place = places[int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(places)]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def respelt(text: str, groups: Sequence[Sequence[str]]) -> Iterator[str]:
    """The text in every other spelling of the words of its that have one."""
    for group in groups:
        for spelling in group:
            pattern = rf"(?<![\w-]){re.escape(spelling)}(?![\w-])"
            if re.search(pattern, text, re.IGNORECASE):
                for other in group:
                    if other != spelling:
                        yield re.sub(pattern, other, text, flags=re.IGNORECASE)


def make_cases(behaviour: Behaviour, names: Sequence[str]) -> list[Case]:
    """All that is asked, each once; `names`: the brand's, which no typing error touches.

    Phrases are tried in the first sentence of each pattern: they take many questions, and its others say the same.
    """
    made: list[Case] = []
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite:
            made += [Case(part, capability, text) for pattern in patterns for text in alternatives(pattern)]
        made += [Case(part, "phrase", alternatives(pattern)[0]) for pattern in suite.claim]
        for claim in (text for pattern in suite.claim for text in alternatives(pattern)):
            variants = [
                ("letter_case", lower_case(claim)),
                ("full_stop", other_end(claim)),
                ("typo", typo(claim, names)),
                *(("spelling", text) for text in respelt(claim, behaviour.spellings)),
            ]
            made += [Case(part, capability, text, claim) for capability, text in variants if text != claim]
    return made
