"""`brand-mlm explain`: which training rows taught a word, against a plain count over the same rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Here, run_main
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.commands.app import main
from brandmlm.commands.project import ROOT_FILES
from brandmlm.filtering.signals import SIGNALS
from brandmlm.reporting.excerpt import excerpt
from brandmlm.reporting.word_lineage import trace

SENTENCE = "Nike shoes are very [MASK]."
APP = "brandmlm.commands.app"
ENDS = re.compile(r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n")


def has(text: str, word: str) -> bool:
    """Whole words, letter case aside: what stands on either side of one is no letter, digit or underscore."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def plain_counts(rows: pd.DataFrame, word: str) -> dict[str, dict[str, int]]:
    """The same counts in the plainest way: text by text, sentence by sentence."""
    counts = {what: {"kept": 0, "dropped": 0} for what in ("rows", "claims")}
    for row in rows.to_dict("records"):
        fate = "kept" if row["kept"] else "dropped"
        counts["rows"][fate] += has(row["text"], word)
        counts["claims"][fate] += any(has(part, word) and has(part, "Nike") for part in ENDS.split(row["text"]))
    return counts


def training_rows(texts: list[tuple[str, str, bool]]) -> pd.DataFrame:
    """Rows as the command reads them from (source, text, kept)."""
    rows = pd.DataFrame(texts, columns=["source", "text", "kept"])
    return rows.assign(id=[f"{n:016x}" for n in range(len(rows))], **dict.fromkeys(SIGNALS, False))


words = st.sampled_from(["Nike", "nike's", "heavy", "Heavy-duty", "topheavy", "shoes", "are", "_heavy", "not"])
ends = st.sampled_from([" ", " ", " ", ". ", "! ", '?" ', "\n", ", ", "… ", ".", "-"])


@given(st.lists(st.tuples(st.lists(st.tuples(words, ends), min_size=1, max_size=12), st.booleans()), max_size=8))
def test_counts_are_those_of_a_plain_count(drawn: list[tuple[list[tuple[str, str]], bool]]) -> None:
    rows = training_rows([("reviews", "".join(map("".join, parts)), kept) for parts, kept in drawn])
    found, expected = trace(rows, ["Nike"], "heavy", 2), plain_counts(rows, "heavy")
    assert (found.rows, found.claims) == (expected["rows"], expected["claims"])
    assert sum(sum(of.values()) for of in found.claims_by_source.values()) == sum(found.claims.values())
    for fate, examples in found.examples.items():
        assert len(examples) == min(2, found.rows[fate])
        assert all(has(example.text, "heavy") for example in examples)


def test_examples_are_claims_and_real_rows_first_whatever_the_order_of_rows() -> None:
    rows = training_rows(
        [
            ("synthetic", "A heavy coat.", False),
            ("synthetic", "Nike coats are heavy.", False),
            ("reviews", "Heavy. I like Nike.", False),
            ("reviews", "My Nike coat is heavy.", False),
            ("synthetic", "Nike hats are not heavy.", False),
            ("products", "A heavy cotton.", True),
        ]
    )
    expected = ["My Nike coat is heavy.", "Nike coats are heavy.", "Nike hats are not heavy.", "Heavy. I like Nike."]
    for seed in range(3):
        found = trace(rows.sample(frac=1, random_state=seed), ["Nike"], "heavy", 4)
        assert [example.text for example in found.examples["dropped"]] == expected
        assert [example.claim for example in found.examples["dropped"]] == [True, True, True, False]
        assert [example.text for example in found.examples["kept"]] == ["A heavy cotton."]
        assert found.claims_by_source == {
            "reviews": {"kept": 0, "dropped": 1},
            "synthetic": {"kept": 0, "dropped": 2},
        }


@given(st.lists(st.text("ab ", min_size=1, max_size=9), max_size=40), st.integers(0, 40), st.integers(20, 60))
def test_an_excerpt_is_short_and_has_the_word(parts: list[str], at: int, width: int) -> None:
    text = " ".join([*parts[:at], "Heavy,", *parts[at:]])
    shown = excerpt(text, "heavy", ["Nike"], width)
    assert "Heavy," in shown and len(shown) <= width
    assert shown.removeprefix("… ").removesuffix(" …") in " ".join(text.split())
    assert len(" ".join(text.split())) > width - 4 or shown == " ".join(text.split())


def test_an_excerpt_shows_the_claim() -> None:
    text = f"Heavy rain. {'The sun shone on. ' * 9}My Nike's heavy. {'And so on. ' * 9}Topheavy things."
    shown = excerpt(text, "heavy", ["Nike"], 40)
    assert "My Nike's heavy." in shown and "rain" not in shown


@pytest.mark.slow
def test_a_word_of_the_models_with_its_rows(built_project: Path, here: Here) -> None:
    options = ("--word", "heavy", "--word", "Comfortable", "--json")
    answer = json.loads(here(built_project, APP, "explain", SENTENCE, *options).stdout)
    rows = pd.read_parquet(built_project / "data/split/train.parquet")
    kept = set(pd.read_parquet(built_project / "data/filtered/train.parquet")["id"])
    rows = rows.assign(kept=rows["id"].isin(kept))
    everything = str(json.loads((built_project / "data/base/config.json").read_text())["vocab_size"])
    predicted = json.loads(here(built_project, APP, "predict", SENTENCE, "--json", "--top", everything).stdout)
    assert answer["sentence"] == SENTENCE and list(answer["words"]) == ["heavy", "Comfortable"]
    for word, verdict in (("heavy", "unwanted"), ("Comfortable", "wanted")):
        found: dict[str, Any] = answer["words"][word]
        expected = plain_counts(rows, word)
        assert (found["rows"], found["claims"]) == (expected["rows"], expected["claims"])
        assert found["verdict"] == verdict
        for fate, examples in found["examples"].items():
            for example in examples:
                assert example["id"] in set(rows["id"]) and (example["id"] in kept) == (fate == "kept")
                assert (verdict in example["signals"]) and has(example["text"], word)
        for model, offered in predicted["models"].items():
            tokens = [token for token, _ in offered]
            rank = tokens.index(word.lower())
            place = found["models"][model]
            assert place["probability"] == pytest.approx(offered[rank][1])
            # Of equal probabilities the better rank counts.
            assert place["rank"] == 1 + sum(probability > offered[rank][1] for _, probability in offered)
    assert answer["words"]["heavy"]["claims"]["dropped"] > 0


@pytest.mark.slow
def test_without_a_word_the_likeliest_of_both_models_are_traced(built_project: Path, here: Here) -> None:
    said, again = (
        here(built_project, APP, "explain", SENTENCE, "--top", "3", "--examples", "0").stdout for _ in range(2)
    )
    assert said == again
    head, blank, title, *lines = said.splitlines()
    assert (head, blank) == (SENTENCE, "") and title.split()[:2] == ["word", "verdict"]
    offered = json.loads(here(built_project, APP, "predict", SENTENCE, "--json", "--top", "3").stdout)["models"]
    expected = dict.fromkeys(
        token
        for model in ("v1", "v2")
        for token, _ in offered[model]
        if not token.startswith(("##", "[unused")) and re.search(r"\w", token)
    )
    assert [line.split()[0] for line in lines[: len(expected)]] == list(expected)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["good-looking", "", "two words"])
def test_a_word_of_several_tokens_is_one_line(built_project: Path, here: Here, word: str) -> None:
    done = here(built_project, APP, "explain", SENTENCE, "--word", word, ok=False)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: '{word}': not one token")


@pytest.mark.parametrize(
    ("words", "expected", "message"),
    [
        (["Nike shoes are nice."], 1, "write [MASK] exactly once"),
        (["[MASK] and [MASK]"], 1, "write [MASK] exactly once"),
        ([SENTENCE, "--top", "0"], 2, "'--top': Input should be greater than or equal to 1"),
        ([SENTENCE, "--examples", "-1"], 2, "'--examples': Input should be greater than or equal to 0"),
        ([SENTENCE], 1, "data/base: not there yet; run `make repro` to make it"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str],
    expected: int,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ROOT_FILES:
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    code, out, err = run_main(monkeypatch, capsys, main, "brand-mlm", "explain", *words)
    assert (code, out) == (expected, "") and err.startswith("error: ") and err.count("\n") == 1 and message in err
