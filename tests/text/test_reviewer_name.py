"""The reviewer's own name is removed however it is spelt; the brand's and English's words stay."""

from __future__ import annotations

import pytest

from brandmlm.text.reviewer_name import brand_words, scrub_name

BRAND = brand_words(["Acme", "Air Max 90", "Air Jordan"])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Priya Harrowgate", "Yours, Priya  Harrowgate.", "Yours, [name]."),
        ("Priya Harrowgate", "PRIYA HARROWGATE or priya harrowgate", "[name] or [name]"),
        ("Priya Harrowgate", "Harrowgate, Priya was not told", "[name] was not told"),
        ("Priya Harrowgate", "I am Priya. priya's cup", "I am [name]. [name]'s cup"),
        ("Priya Harrowgate", "P. Harrowgate and Priya H. agree", "[name] and [name] agree"),
        ("Priya Harrowgate", "Mrs Harrowgate called", "Mrs [name] called"),
        ("Harrowgate, Priya", "Priya here", "[name] here"),
        ("José Núñez", "Jose Nunez or JOSÉ", "[name] or [name]"),
        ("Jürgen Weiß", "Juergen Weiss or Jurgen", "[name] or [name]"),
        ("Anna de la Cruz", "Anna Cruz at the corner de la calle", "[name] at the corner de la calle"),
        ("Sinéad O'Connor", "SINEAD OCONNOR or Sinéad O’Connor", "[name] or [name]"),
        ("Priya H", "Priya again", "[name] again"),
        ("Иван Петров", "иван and ПЕТРОВ Иван", "[name] and [name]"),
        ("john_doe87", "it is john_doe87 here", "it is [name] here"),
        ("Jordan Smith", "Regards, Jordan Smith", "Regards, [name]"),
        ("Grace Hill", "I told Grace. Thanks, Grace", "I told [name]. Thanks, [name]"),
        ("John", "I am John. Regards, John", "I am [name]. Regards, [name]"),
    ],
)
def test_the_reviewer_s_name_is_removed(name: str, text: str, expected: str) -> None:
    assert scrub_name(text, name, BRAND) == expected
    assert scrub_name(expected, name, BRAND) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jordan Smith", "My Air Jordan 1, and Jordan 4"),
        ("Max Power", "Air Max 90, max comfort"),
        ("Max", "I love my Air Max"),
        ("Acme", "an Acme fan"),
        ("Will Young", "Will it last? I will see, my young son will"),
        ("Mark Brown", "a mark on the brown shoe, Brown or Black"),
        ("May Summer", "in May or summer"),
        ("Amazon Customer", "as an Amazon Customer I"),
        ("A Google user", "a google user"),
        ("Reviewer 0", "Reviewer 0"),
        ("John", "a john is no person"),
        ("Big Walt", "sturdy under a big man"),
        ("The Sneaker Guy", "The sneaker fits the guy"),
        ("Card Number", "my [card] and [number]"),
        ("", "unchanged"),
        ("...", "unchanged..."),
    ],
)
def test_words_stay(name: str, text: str) -> None:
    assert scrub_name(text, name, BRAND) == text
