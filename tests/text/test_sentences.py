"""Titles and bodies joined into sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.text.repair import repair
from brandmlm.text.sentences import join_sentences, join_title, words

PLAIN = st.text(alphabet="abcxyzABCITSHE .,!?:;)(\"'-%\n", max_size=60)


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("nice products", "", "nice products"),
        ("", "Only a body", "Only a body"),
        ("Easy website", "Easy website, fast shipping", "Easy website, fast shipping"),
        ("Nike is the best", "nike is the best.", "nike is the best."),
        ("Ordered some shoes the 16th SAME day I...", "Ordered some shoes the 16th SAME day I ordered from",
         "Ordered some shoes the 16th SAME day I ordered from"),
        ("Fantastic experience with the Run...", "Fantastic experience with the Running Shoes",
         "Fantastic experience with the Running Shoes"),
        ("bad service but nice to speakl ...", "bad service but nice to speakl with karen",
         "bad service but nice to speakl with karen"),
        ("Hey Merry Christmas Nike!!", "Hey Merry Christmas Nike!! Delivery scheduled",
         "Hey Merry Christmas Nike!! Delivery scheduled"),
        ("Worst experience ever", "Paying top money", "Worst experience ever. Paying top money"),
        ("Online sucks!", "Order my", "Online sucks! Order my"),
        ("Nice", "Nicely made shoes", "Nice. Nicely made shoes"),
        ("Great shoes, but expensive", "Great shoes", "Great shoes, but expensive"),
        ("Nike town London, The worst management ever", "The worst management ever! Did not refund",
         "Nike town London, The worst management ever! Did not refund"),
        ("Love it 😍", "So soft", "Love it 😍 So soft"),
        ("!!!", "So soft", "!!! So soft"),
        ("Love", "!!!", "Love. !!!"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_title_and_body_do_not_repeat_each_other(title: str, body: str, expected: str) -> None:
    assert join_title(title, body) == expected


@given(PLAIN.map(repair), PLAIN.map(repair))
@settings(max_examples=300, deadline=None)
def test_joined_text_has_the_words_of_title_and_body(title: str, body: str) -> None:
    joined = set(words(join_title(title, body)))
    assert set(words(body)) <= joined
    cut = words(title)[-1:] if title.endswith("...") else []
    assert set(words(title)) - set(cut) <= joined


def test_sentences_are_closed_once() -> None:
    assert join_sentences(["Air Max 90", " ", "The classic.", 'Says "yes"', "(so.)", "End"]) == (
        'Air Max 90. The classic. Says "yes". (so.) End'
    )
