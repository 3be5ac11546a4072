"""The cases of the behaviour suite, after CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList").

A case is one sentence with one mask; a model answers with the `top` likeliest tokens there. A brand's `probes.yaml`
lists the sentences under `behaviour` in two parts: `dev` to tune on, `test` to report. Perturbed claims and the
sentences for phrases are made from the claims of the same part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from brandmlm.config.brand.fields import expand
from brandmlm.config.brand.probes import Behaviour
from brandmlm.evaluation.perturbations import lower_case, respell, swap_letters, toggle_full_stop


class Capability(NamedTuple):
    """A capability, and how it is tested."""

    test_type: Literal["MFT", "INV", "DIR"]
    expectation: str  # with `{top}` for the number of likeliest words that count


# CheckList's test types (section 2.2).
TEST_TYPES: Final = {
    "MFT": "minimum functionality test",
    "INV": "invariance test",
    "DIR": "directional expectation test",
}

_UNCHANGED: Final = "the claim passes or fails as before and keeps half of its {top} likeliest words, "

CAPABILITIES: Final = {
    "claim": Capability("MFT", "the {top} likeliest words include a wanted word and no unwanted word"),
    "phrase": Capability(
        "MFT", "in two of three pairs of a wanted and an unwanted phrase of equal length, the wanted one is likelier"
    ),
    "product": Capability("MFT", "half of the {top} likeliest words are products of the lexicon"),
    "brand": Capability("MFT", "the {top} likeliest words include the brand, before any other brand"),
    "negation": Capability("MFT", "the {top} likeliest words include no wanted word, or an unwanted one too"),
    "shift": Capability("DIR", "wanted words of a claim are likelier than with base, unwanted words are not"),
    "other_brand": Capability("DIR", "unwanted words are not likelier than with base"),
    "letter_case": Capability("INV", _UNCHANGED + "in lower case"),
    "full_stop": Capability("INV", _UNCHANGED + "with its final full stop removed or added"),
    "typo": Capability("INV", _UNCHANGED + "with two letters of a word swapped"),
    "spelling": Capability("INV", _UNCHANGED + "with a product in another spelling"),
    "plain_english": Capability("INV", "the likeliest word is the same as with base"),
}

PERTURBATIONS: Final = ("letter_case", "full_stop", "typo", "spelling")  # capabilities whose cases are perturbed claims


@dataclass(frozen=True)
class Case:
    part: str  # dev or test
    capability: str
    text: str
    origin: str | None = None  # the claim that the text perturbs


def make_cases(behaviour: Behaviour, names: tuple[str, ...]) -> list[Case]:
    """All cases of the suite, each once; `names`: the brand's, which get no typing error.

    Phrases are tested in the first sentence of each pattern only: they need many forward passes.
    """
    made: list[Case] = []
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite:
            made += [Case(part, capability, text) for pattern in patterns for text in expand(pattern)]
        made += [Case(part, "phrase", expand(pattern)[0]) for pattern in suite.claim]
        for claim in (text for pattern in suite.claim for text in expand(pattern)):
            perturbed = [
                ("letter_case", lower_case(claim)),
                ("full_stop", toggle_full_stop(claim)),
                ("typo", swap_letters(claim, names)),
                *(("spelling", text) for text in respell(claim, behaviour.spellings)),
            ]
            made += [Case(part, capability, text, claim) for capability, text in perturbed if text != claim]
    return made
