"""English is told from other languages, in short and in shouted texts too."""

from __future__ import annotations

import pytest

from brandmlm.config.params.reading import load_params
from brandmlm.text.language import english_probability


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
    assert english_probability(text) >= load_params().clean.english_confidence


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
def test_other_languages_are_not(text: str) -> None:
    assert english_probability(text) < load_params().clean.english_confidence
