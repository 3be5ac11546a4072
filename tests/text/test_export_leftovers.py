"""Leftovers of export tools: found by the column, removed from each text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.text.export_leftovers import ExportLeftovers, find_leftovers, remove_leftovers
from brandmlm.text.repair import repair


def _repaired(column: list[str]) -> list[str]:
    leftovers = find_leftovers(column)
    return [repair(remove_leftovers(text, leftovers)) for text in column]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        # escapes
        ([r"Brews fast.\nPours well", r"so\nquiet", r"a \"wow\" cup"],
         ["Brews fast. Pours well", "so quiet", 'a "wow" cup']),
        ([r"Hot\r\n\r\nand loud", r"it\'s fine"], ["Hot. and loud", "it's fine"]),
        ([r"It\u2019s great \ud83d\ude0d", r"caf\xe9\/bar"], ["It's great 😍", "café/bar"]),
        ([r"It\\nleaks\\n"], ["It leaks"]),
        # codes of spreadsheets
        (["Good_x000D_\nCup_x000D_", "tall_x0009_mug"], ["Good Cup", "tall mug"]),
        (["One&#13;&#10;Two&#xD;"], ["One Two"]),
        # players, translators, buttons
        (["The media could not be loaded. Leaks.", "[[VIDEOID:a1b2c3]] Fine"], ["Leaks.", "Fine"]),
        (["(Translated by Google) Good cup", "Video Player is loading. Bad cup"], ["Good cup", "Bad cup"]),
        (["Hot cup Read more", "Cold cup... Read more"], ["Hot cup", "Cold cup..."]),
        # apostrophes
        (["I don t like it, it s loud", "they re ok, the lid s crack"],
         ["I don't like it, it's loud", "they're ok, the lid's crack"]),
        (["i?m sure it doesn?t leak", "it?s 5?3?", "Why?Still loud"],
         ["i'm sure it doesn't leak", "it's 5'3\"", "Why? Still loud"]),
        (["it isnâ??t loud, inâ?? out", "a â??fineâ?? cup"], ["it isn't loud, in - out", 'a "fine" cup']),
    ],
)  # fmt: skip
def test_what_a_column_shows_is_removed(column: list[str], expected: list[str]) -> None:
    assert _repaired(column) == expected


@pytest.mark.parametrize(
    "column",
    [
        [r"saved in C:\new\table", "and/or"],
        ["I don't know", "it s one slip", "it's fine"],
        ["dont care", "size s or m", "sizes xs s m"],
        ["Read more about it", "I read more"],
        ["really?", "what? sure"],
    ],
)
def test_what_people_type_stays(column: list[str]) -> None:
    assert _repaired(column) == column
    assert not find_leftovers(column)


@given(st.text(alphabet="abs t\\nru0219?'â\"_x:/", max_size=30))
def test_a_column_without_leftovers_stays(text: str) -> None:
    assert remove_leftovers(text, ExportLeftovers()) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Itï¿½s ok", "It's ok"), ("don\ufffdt", "don't"), ("we\ufffdre", "we're"), ("don?t, 5?3", "don?t, 5?3")],
)
def test_a_lost_apostrophe_is_no_sentence_end_in_any_column(text: str, expected: str) -> None:
    assert repair(text) == expected
