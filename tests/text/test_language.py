"""A language is told from others, in short and in shouted texts too."""

from __future__ import annotations

import pytest

from brandmlm.config.params.reading import load_params
from brandmlm.text.language import is_other_language, known_languages, language_probability

CONFIDENCE = load_params().clean.language_confidence


@pytest.mark.parametrize(
    "text",
    [
        "nice products", "Easy website", "great sb sneakers", "okay i guess.", "amasing products",
        "Very nice one", "not good",
        "WHERE IS MY PACKAGE?????", "BEST T-SHIRTS I OWN. LIGHT, AIRY, TAGLESS",
        "V good recurved good on time", "Got everything",
        "Love the designe. Air max is my favorite collection.", "best saleperson ever... thanks again", "10/10",
        "Found my favorite shoes on sale 💣💪", "It's dope I just got new shoes",
        "Nike Air VaporMax Flyknit 2 LXX. It rocks.",
        "Paris Saint-Germain Repel Academy AWF Big Kids' Soccer Jacket. A lightweight, water-repellent layer",
        "Club América Women's Nike Dri-FIT Soccer Jersey Dress. Inspired by traditional soccer jerseys",
        "Kristaps Porziņģis Knicks Icon Edition. This jersey represents the team's true colours",
    ],
)  # fmt: skip
def test_english_is_known_for_english(text: str) -> None:
    assert language_probability(text, "en") >= CONFIDENCE
    assert not is_other_language(text, "en", CONFIDENCE)


@pytest.mark.parametrize(
    "text",
    [
        "Formidabel service og ekseptionelle produkter", "Muy decepcionada. Pedí unas zapatillas para el cumpleaños",
        "Colis perdu. Commande passée le 20 novembre", "Gute Qualität", "Ottimo acquisto", "Muito bom!",
        "Sehr gute Schuhe",
        "Très bonnes chaussures", "Отличные кроссовки", "很好的鞋子", "MUY BUENA CALIDAD, LLEGARON RÁPIDO",
        "Escriban a [email], por favor, nadie contesta.",
    ],
)  # fmt: skip
def test_other_languages_are_not_english(text: str) -> None:
    assert is_other_language(text, "en", CONFIDENCE)


@pytest.mark.parametrize("text", ["Love my Echo!", "I love Alexa!", "No YouTube", "Nike Paddock Gilet", ""])
def test_a_short_text_is_in_another_language_only_if_one_is_likely(text: str) -> None:
    assert language_probability(text, "en") < CONFIDENCE or not text
    assert not is_other_language(text, "en", CONFIDENCE)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Sehr gute Maschine", False), ("Der Kaffee schmeckt bitter und wird nicht heiß.", False), ("Top!", False),
        ("The coffee tastes bitter and never gets hot.", True), ("Muy bueno", True), ("Very good coffee", True),
    ],
)  # fmt: skip
def test_german_is_told_from_others(text: str, other: bool) -> None:
    assert is_other_language(text, "de", CONFIDENCE) == other


def test_languages_have_iso_codes() -> None:
    assert {"en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "da", "no", "ja", "zh", "als"} <= known_languages()
    assert not {"german", "xx", "EN"} & known_languages()


@pytest.mark.parametrize("confidence", [0.0, 0.1, 0.5, 0.99])
def test_asking_for_the_likeliest_language_first_changes_no_verdict(confidence: float) -> None:
    texts = [
        "nice products",
        "Gute Qualität",
        "Love my Echo!",
        "MUY BUENA CALIDAD, LLEGARON RÁPIDO",
        "10/10",
        "[email]",
    ]
    for text in [*texts, " ".join(texts)]:
        for language in ("en", "de", "es"):
            low = language_probability(text, language) < confidence
            assert low or not is_other_language(text, language, confidence)
            assert not low or len(text.split()) < 5 or is_other_language(text, language, confidence)
