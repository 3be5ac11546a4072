"""The measures of what a model should leave alone: intervals, rivals, blocked lists, divergence and minimal pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.core.errors import UserError
from brandmlm.evaluation.blocked_words import block_words
from brandmlm.evaluation.divergence import kl_from_base
from brandmlm.evaluation.minimal_pairs import read_pairs
from brandmlm.evaluation.pair_accuracy import summarise_pairs
from brandmlm.evaluation.rivals import ask_of_rival
from brandmlm.evaluation.wilson import wilson_interval

LEXICON = Lexicon.model_validate(
    {
        "brand": ["Acme", "Acme Works"],
        "other_brands": ["Umbra", "Globex", "Initech Two"],
        "products": [{"singular": "shoe", "plural": "shoes"}],
        "wanted": {"used": ["light"], "held_out": ["airy"]},
        "unwanted": {"used": ["heavy"], "held_out": ["bulky"]},
        "neutral": {"used": ["red"], "held_out": ["blue"]},
    }
)


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    # Newcombe 1998, table I, method 3, and the case where all pass.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_wilson_s(hits: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(hits, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 3000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_a_share_lies_in_its_interval_which_is_symmetric(case: tuple[int, int]) -> None:
    hits, count = case
    low, high = wilson_interval(hits, count)
    assert 0 <= low <= hits / count <= high <= 1
    assert wilson_interval(count - hits, count) == pytest.approx((1 - high, 1 - low))


def test_a_rival_takes_the_brand_s_place_and_its_article() -> None:
    texts = [f"An Acme shoe, number {n}: Acme's best, Acme Works says. [MASK]." for n in range(40)]
    asked = [ask_of_rival(text, LEXICON) for text in texts]
    assert asked == [ask_of_rival(text, LEXICON) for text in texts]
    for n, text in enumerate(asked):
        [name] = [name for name in LEXICON.other_brands if name in text]
        article = "A" if name == "Globex" else "An"
        assert text == f"{article} {name} shoe, number {n}: {name}'s best, {name} says. [MASK]."
    assert len({text.split()[1] for text in asked}) == 3
    assert ask_of_rival("Acmes are [MASK].", LEXICON) == "Acmes are [MASK]."


def test_blocked_words_leave_their_probability_to_the_others() -> None:
    cases = pd.DataFrame(
        {
            "model": "base", "part": "test", "capability": ["claim", "phrase"], "text": "t", "origin": None,
            "wanted_mass": 0.3, "unwanted_mass": 0.4, "wanted_held_out_mass": 0.1, "unwanted_held_out_mass": 0.2,
            "held_out_preference": 0.7, "unwanted_used_mass": 0.2, "kl": float("nan"),
        }
    )  # fmt: skip
    tokens = ["Heavy", "light", "bulky", "door"]
    words = pd.DataFrame({"model": "base", "text": "t", "rank": range(1, 5), "token": tokens, "probability": 0.2})
    blocked, left = block_words(cases, words, LEXICON)
    [row] = blocked.to_dict("records")
    assert row["model"] == "blocked" and row["held_out_preference"] == 0.7
    expected = {"wanted_mass": 0.375, "unwanted_mass": 0.25, "unwanted_held_out_mass": 0.25}
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert left[["rank", "token"]].to_numpy().tolist() == [[1, "light"], [2, "bulky"], [3, "door"]]
    assert left["probability"].to_numpy() == pytest.approx(0.25)


@given(st.integers(0, 1000))
def test_divergence_is_that_of_exact_probabilities(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, q = (rng.dirichlet(np.ones(400) * 0.3, 3) + 1e-9 for _ in range(2))
    exact = (p * np.log(p / q)).sum(1)
    halves = [np.log(each).astype(np.float16) for each in (p, q)]
    assert kl_from_base(*halves) == pytest.approx(exact, abs=0.01)
    assert kl_from_base(halves[0], halves[0]) == pytest.approx(0)


@pytest.mark.parametrize(
    "line",
    [
        "agreement\tA door is open.\tA door are open.\tis",
        "agreement\tA door is open.\tA door are open.\tis\twere",
        "agreement\tA door is open.\tA door is open.\tis\tis",
        "",
    ],
)
def test_a_line_that_is_no_minimal_pair_is_named(tmp_path: Path, line: str) -> None:
    file, right = tmp_path / "pairs.tsv", "agreement\tIt is as it is.\tIt is as it are.\tis\tare\n"
    file.write_text(right + line + "\n" if line else "")
    with pytest.raises(UserError, match="line 2 is no minimal pair" if line else "no pair in it") as caught:
        read_pairs(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    file.write_text(right)
    assert len(read_pairs(file)) == 1


def test_pairs_are_counted_in_all_and_by_phenomenon() -> None:
    scored = pd.DataFrame({"phenomenon": ["a", "a", "b"], "good_score": [-1.0, -3.0, -1.0], "bad_score": [-2.0] * 3})
    found = summarise_pairs(scored)
    assert {name: (of["pairs"], of["accuracy"]) for name, of in found.items()} == {
        "all": (3, pytest.approx(2 / 3)), "a": (2, 0.5), "b": (1, 1.0),
    }  # fmt: skip
    assert found["all"]["accuracy_low"] < 2 / 3 < found["all"]["accuracy_high"]
