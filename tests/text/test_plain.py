"""A text that the column's filter takes for plain is one that repair returns as it is."""

from __future__ import annotations

import csv
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.text.plain import are_plain
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import scrub_name

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT.parent / "shared" / "raw"

PIECES = st.sampled_from(
    [
        *("a", "I", "The", "shoes", "at", "gmail", "dot", "com", "big ", "ig ", "ig:", "user", "insta", "www", "Mask"),
        *(" ", "  ", ".", ",", "!", "...", "-", "_", ":", "::", "@", "&amp;", "<b>", "[", "(", ")", '"', '""', "'"),
        *("1", "12", "123", "x9", "9-", "0:", "\n", "é", "´", "…", "\u00a0", " at mail ", "(at)", "-dot-", "punkt"),
    ]
)


@given(st.lists(PIECES | st.text(alphabet=string.printable, max_size=3), max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_plain_texts_need_no_repair(text: str) -> None:
    if are_plain([text])[0]:
        assert repair(text) == text


def test_the_sample_and_the_real_rows_are_repaired_the_same() -> None:
    files = [ROOT / "sample/reviews.csv", *(RAW.glob("*.csv") if RAW.is_dir() else ())]
    cells = [cell for file in files for row in csv.DictReader(file.open(encoding="utf-8")) for cell in row.values()]
    texts = [cell for cell in cells if cell and len(cell) > 20]
    plain = are_plain(texts)
    assert all(repair(text) == text for text, is_plain in zip(texts, plain, strict=True) if is_plain)
    assert sum(plain) > len(texts) / 5


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Yours, RUNNER_88.", "runner_88", "Yours, [name]."),
        ("yours, \u212aim7", "kim7", "yours, [name]"),  # the sign of Kelvin is a K to a regular expression
        ("nobody else", "runner_88", "nobody else"),
    ],
)
def test_the_name_of_an_account_is_found_in_any_case(text: str, name: str, expected: str) -> None:
    assert scrub_name(text, name) == expected
