"""Keep sentences that models are tested on out of the training data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from brandmlm.config.brand.fields import MASK, expand
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.data.corpus import LABELS


def normalise(text: str) -> str:
    """The form in which sentences are compared with probes: lower case, single blanks, no final punctuation."""
    return " ".join(text.casefold().split()).rstrip(" .!?…,;:")


def load_test_sentences(path: Path) -> list[str]:
    """Read all sentences with a mask that models are tested on: the probes, and those of the behaviour suite."""
    suites = load_behaviour(path).parts.values()
    patterns = [pattern for suite in suites for of in suite.patterns.values() for pattern in of]
    return [*(probe.text for probe in load_probes(path)), *(text for each in patterns for text in expand(each))]


def probe_matcher(probes: Sequence[str], lexicon: Lexicon) -> Callable[[str], bool]:
    """Return a test of whether a normalised sentence equals a probe whose mask is filled.

    Args:
        probes: Sentences with a mask.
        lexicon: A mask is filled with any single word, or with a phrase of this lexicon.
    """
    words = {*lexicon.brand, *lexicon.other_brands, *(form for product in lexicon.products for form in product.forms)}
    words.update(word for label in LABELS for word in getattr(lexicon, label).all)
    phrases = {word.casefold() for word in words if " " in word}
    ends: dict[str, set[str]] = {}  # what follows the mask, by what precedes it
    for probe in probes:
        # If a probe ends in its mask, the bracket protects the text before it from normalisation.
        before, _, after = normalise(probe).partition(MASK.casefold())
        ends.setdefault(before, set()).add(after)

    def matches(sentence: str) -> bool:
        return any(
            sentence.endswith(after)
            and (filling := sentence[start : len(sentence) - len(after)])
            and (" " not in filling or filling in phrases)
            for start in range(len(sentence))
            for after in ends.get(sentence[:start], ())
        )

    return matches
