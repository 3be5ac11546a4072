"""The cases of the behaviour suite, after CheckList (Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP
Models with CheckList").

A case is one sentence with one mask; a model answers with the `top` likeliest tokens there. A brand's `probes.yaml`
lists the sentences under `behaviour` in two parts: `dev` to tune on, `test` to report. Perturbed claims, the same
claims about rivals and the sentences for phrases are made from the claims of the same part.

Three families say whether a model has learnt about the brand alone: *locality* (after the neighbourhood tests of Meng
et al. 2022, "Locating and Editing Factual Associations in GPT": claims about rivals and about no brand, which should
stay as they are), *negation* (denials by cues that the part `dev` does not have, and claims that look like denials) and
*English kept* (plain sentences, on which the model should agree with base).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from brandmlm.config.brand.fields import expand
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import Behaviour
from brandmlm.evaluation.perturbations import bare, lower_case, respell, swap_letters, toggle_full_stop
from brandmlm.evaluation.rivals import ask_of_rival


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

_CLAIM: Final = "the {top} likeliest words include a wanted word and no unwanted word"
_LOCAL: Final = (
    "the {top} likeliest words include at most one wanted word more than with base, and unwanted words are not likelier"
)
_UNCHANGED: Final = "the claim passes or fails as before and keeps half of its {top} likeliest words, "

CAPABILITIES: Final = {
    "claim": Capability("MFT", _CLAIM),
    "locality": Capability("DIR", "of the same claim about a rival, " + _LOCAL),
    "no_brand": Capability("DIR", "of a claim about no brand, " + _LOCAL),
    "negation": Capability("MFT", "unwanted words are likelier than wanted ones"),
    "look_alike": Capability("MFT", "of a claim that looks like a denial, " + _CLAIM),
    "bare": Capability("MFT", "the likeliest word of a claim without final punctuation is a word, and no conjunction"),
    "phrase": Capability(
        "MFT", "in two of three pairs of a wanted and an unwanted phrase of equal length, the wanted one is likelier"
    ),
    "product": Capability("MFT", "half of the {top} likeliest words are products of the lexicon"),
    "slot": Capability("MFT", "half of the {top} likeliest words are among the suite's `slot_words`"),
    "brand": Capability("MFT", "the {top} likeliest words include the brand, before any other brand"),
    "shift": Capability("DIR", "wanted words of a claim are likelier than with base, unwanted words are not"),
    "letter_case": Capability("INV", _UNCHANGED + "in lower case"),
    "full_stop": Capability("INV", _UNCHANGED + "with its final full stop removed or added"),
    "typo": Capability("INV", _UNCHANGED + "with two letters of a word swapped"),
    "spelling": Capability("INV", _UNCHANGED + "with a product in another spelling"),
    "plain_english": Capability("INV", "the likeliest word is the same as with base"),
}

LOCALITY: Final = ("locality", "no_brand")  # capabilities in which a model should stay as base is

PHRASE_CLAIMS: Final = 15  # claims of a part in which phrases are tested: they need many forward passes

PERTURBATIONS: Final = ("letter_case", "full_stop", "typo", "spelling")  # capabilities whose cases are perturbed claims


@dataclass(frozen=True)
class Case:
    part: str  # dev or test
    capability: str
    text: str
    origin: str | None = None  # the claim that the text was made from


def make_cases(behaviour: Behaviour, lexicon: Lexicon) -> list[Case]:
    """All cases of the suite, each once.

    The brand's names get no typing error. Phrases are tested in the first sentence of the first `PHRASE_CLAIMS`
    patterns of a part; case, full stop and typing errors in the first sentence of every pattern.
    """
    made: list[Case] = []
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite.patterns.items():
            made += [Case(part, capability, text) for pattern in patterns for text in expand(pattern)]
        made += [Case(part, "phrase", expand(pattern)[0]) for pattern in suite.claim[:PHRASE_CLAIMS]]
        for claims in map(expand, suite.claim):
            derived = [("locality", ask_of_rival(claim, lexicon), claim) for claim in claims]
            derived += [("bare", bare(claim), claim) for claim in claims]
            claim = claims[0]
            derived += [
                ("letter_case", lower_case(claim), claim),
                ("full_stop", toggle_full_stop(claim), claim),
                ("typo", swap_letters(claim, lexicon.brand), claim),
            ]
            derived += [("spelling", text, each) for each in claims for text in respell(each, behaviour.spellings)]
            made += [Case(part, capability, text, origin) for capability, text, origin in derived if text != origin]
    return list(dict.fromkeys(made))
