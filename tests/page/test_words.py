"""Edits of the lexicon: what they touch, what is refused, and what a saved one leaves as it was."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT, command
from hypothesis import given, settings
from hypothesis import strategies as st
from served import Served

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.reading import load_params
from brandmlm.core.yaml_edit import move_item
from brandmlm.filtering.signals import signal_words
from brandmlm.filtering.uptrain_operators import evaluate_signals
from brandmlm.page.brand_words import LISTS

BRANDS = sorted((ROOT / "brands").glob("*/lexicon.yaml"))
PLACES = [tuple(name.split(".")) for name in LISTS]
TEXT = (ROOT / "brands" / "nike" / "lexicon.yaml").read_text(encoding="utf-8")
LEXICON = load_lexicon(ROOT / "brands" / "nike" / "lexicon.yaml")
WORDS = [*LEXICON.wanted.all, *LEXICON.unwanted.all, *LEXICON.neutral.all]


@settings(max_examples=25)  # each parses the file
@given(
    st.sampled_from(WORDS) | st.from_regex(r"[a-z0-9'-]{1,12}( [a-z]{1,5})?", fullmatch=True),
    st.sampled_from([*PLACES, None]),
    st.booleans(),
)
def test_an_edit_moves_one_line_and_leaves_all_others(word: str, target: tuple[str, ...] | None, windows: bool) -> None:
    text = TEXT.replace("\n", "\r\n") if windows else TEXT
    edited = move_item(text, word, PLACES, target)
    assert edited is not None
    before, after = text.splitlines(keepends=True), edited.splitlines(keepends=True)
    mine = re.compile(rf"\s*- '?{re.escape(word.replace(chr(39), chr(39) * 2))}'?\s*|\s*- \"?{re.escape(word)}\"?\s*")
    assert [line for line in before if not mine.fullmatch(line)] == [line for line in after if not mine.fullmatch(line)]
    assert sum(bool(mine.fullmatch(line)) for line in after) == (target is not None)


@pytest.mark.parametrize("path", BRANDS, ids=lambda path: path.parent.name)
def test_every_brand_s_file_can_be_edited(path: Path, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = load_lexicon(path)
    for target in PLACES:
        edited = move_item(text, known.wanted.used[0], PLACES, target)
        assert edited is not None
        (tmp_path / "lexicon.yaml").write_text(edited, encoding="utf-8")
        written = load_lexicon(tmp_path / "lexicon.yaml")
        assert getattr(getattr(written, target[0]), target[1])[-1] == known.wanted.used[0]


def test_a_note_goes_with_its_word() -> None:
    text = "a:\n  - x  # why\n  - y\nb:\n  - z  # last\n  # a comment\n"
    assert move_item(text, "x", [("a",), ("b",)], ("b",)) == (
        "a:\n  - y\nb:\n  - z  # last\n  - x  # why\n  # a comment\n"
    )
    assert move_item("a: [x, y]\nb: [z]\n", "x", [("a",), ("b",)], ("b",)) is None


def preview(served: Served, word: str, target: str) -> dict[str, Any]:
    status, content, _ = served.ask("/api/preview", {"word": word, "target": target})
    assert status == 200, content
    return dict(content)


def test_an_edit_touches_the_rows_that_the_filter_would_decide_otherwise(served: Served, lexicon: Path) -> None:
    """Against the filter itself, over all rows, with the edited lexicon."""
    before = lexicon.read_bytes()
    touched = preview(served, "comfortable", "unwanted.used")["rows"]
    assert lexicon.read_bytes() == before, "a preview writes nothing"
    rows = pd.read_parquet("data/split/train.parquet")
    kept = set(pd.read_parquet("data/filtered/train.parquet")["id"])
    edited = move_item(before.decode(), "comfortable", PLACES, ("unwanted", "used"))
    assert edited is not None
    lexicon.write_text(edited, encoding="utf-8")
    after = load_lexicon(lexicon)
    signals = evaluate_signals(rows, signal_words(after), load_params().filter, after.valences)
    now = set(signals["id"][signals["kept"]])
    assert touched["now_dropped"]["rows"] == len(kept - now) > 0
    assert touched["now_kept"]["rows"] == len(now - kept)


def test_an_edit_touches_probes_and_checks_where_a_model_says_the_word(served: Served) -> None:
    words = pd.read_parquet("data/eval/filtered/words.parquet")
    top = words[words["rank"] <= load_params().report.top]
    # Words of the templates cannot be moved into the lexicon.
    taken = set(re.findall(r"\w+", Path("brands/nike/templates.yaml").read_text(encoding="utf-8").lower()))
    said = (token for token in top["token"].value_counts().index if token.isalpha() and token not in WORDS)
    word = next(token for token in said if token not in taken)
    told = preview(served, word, "neutral.held_out")
    assert told["from"] is None and told["verdicts"][1] == "neutral"
    assert told["cases"]["cases"] >= top[top["token"] == word]["text"].nunique() > 0
    said = pd.concat(pd.read_parquet(f"data/eval/{model}/probes.parquet") for model in ("base", "full", "filtered"))
    said = said[(said["rank"] <= load_params().report.top) & (said["token"] == word)]
    assert len(told["probes"]) == said["probe"].nunique()


def test_a_saved_edit_is_one_line_in_the_file(served: Served, lexicon: Path) -> None:
    digest = served.ask("/api/lexicon")[1]["digest"]
    status, content, _ = served.ask("/api/save", {"word": "heavy", "target": "neutral.used", "digest": digest})
    assert status == 200 and content["digest"] != digest and content["retrain"] == "make repro"
    changed = command(served.project, "git", "diff", "--unified=0").stdout
    assert re.findall(r"^[+-] .*$", changed, re.MULTILINE) == ["-    - heavy", "+    - heavy"]
    assert command(served.project, "git", "status", "--short").stdout == " M brands/nike/lexicon.yaml\n"
    assert "heavy" in load_lexicon(lexicon).neutral.used
    # At once: the models' words are judged by the new list.
    assert served.ask("/api/why", {"sentence": "Nike is [MASK].", "word": "heavy"})[1]["verdict"] == "neutral"


def test_a_change_on_disk_is_not_overwritten(served: Served, lexicon: Path) -> None:
    digest = served.ask("/api/lexicon")[1]["digest"]
    theirs = lexicon.read_bytes() + b"# by another hand\n"
    lexicon.write_bytes(theirs)
    status, content, _ = served.ask("/api/save", {"word": "heavy", "target": "neutral.used", "digest": digest})
    assert status == 409 and "has changed on disk" in content["error"] and lexicon.read_bytes() == theirs


@pytest.mark.parametrize(
    ("word", "target", "said"),
    [
        ("", "wanted.used", "is no word for the lexicon"),
        ("a|b", "wanted.used", "is no word for the lexicon"),
        ("[MASK]", "wanted.used", "is no word for the lexicon"),
        ("x" * 61, "wanted.used", "is no word for the lexicon"),
        ("Nike", "unwanted.used", "name of a brand or a product"),
        ("SHOES", "unwanted.used", "name of a brand or a product"),
        ("Heavy", "unwanted.used", "is in unwanted, training already"),
        ("the", "wanted.used", "templates.yaml"),
        ("bouncy", "none", "is not in the lexicon"),
        ("bouncy", "brand", "There is no list 'brand'"),
        ("bouncy", "../x", "There is no list"),
    ],
)
def test_what_a_lexicon_may_not_have_is_refused(
    served: Served, lexicon: Path, word: str, target: str, said: str
) -> None:
    before = lexicon.read_bytes()
    digest = served.ask("/api/lexicon")[1]["digest"]
    for path, body in (("preview", {}), ("save", {"digest": digest})):
        status, content, _ = served.ask(f"/api/{path}", {"word": word, "target": target, **body})
        assert status == 400 and said in content["error"]
    assert lexicon.read_bytes() == before


def test_a_lexicon_that_somebody_breaks_meanwhile_is_told(served: Served, lexicon: Path) -> None:
    good = lexicon.read_bytes()
    lexicon.write_bytes(good.replace(b"neutral:", b"neutrall:"))
    status, content, _ = served.ask("/api/lexicon")
    assert status == 400 and content["error"].startswith("brands/nike/lexicon.yaml: ")
    lexicon.write_bytes(good)
    assert served.ask("/api/lexicon")[0] == 200
