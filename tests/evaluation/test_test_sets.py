"""The rows that every model is scored on: bounded by params, picked by a hash."""

from __future__ import annotations

import pandas as pd

from brandmlm.config.params.evaluate import Evaluate
from brandmlm.data.corpus import make_corpus
from brandmlm.evaluation.test_sets import select_test_rows

TEST = make_corpus(
    pd.DataFrame({"text": [f"text {number}" for number in range(90)]}).assign(
        source=["reviews", "products", "synthetic"] * 30, group="g", label=None, rating=None
    )
)
GENERAL = pd.DataFrame({"id": ["a", "b"], "source": "general", "text": ["One.", "Two."]})

ENGLISH = {"general": GENERAL, "mixed": GENERAL.head(1)}


def selected(real_rows: int, synthetic_rows: int) -> pd.DataFrame:
    params = Evaluate(
        mask_folds=2,
        max_length=32,
        real_rows=real_rows,
        synthetic_rows=synthetic_rows,
        depth=9,
        pseudo_perplexity=False,
    )
    return select_test_rows(
        TEST.sample(frac=1, random_state=real_rows), ENGLISH, {"reviews": "review", "products": "product"}, params
    )


def test_real_and_synthetic_rows_are_bounded_and_general_ones_are_not() -> None:
    assert selected(20, 7)["set"].value_counts().to_dict() == {"real": 20, "synthetic": 7, "general": 2, "mixed": 1}
    assert selected(1000, 300)["set"].value_counts().to_dict() == {
        "real": 60,
        "synthetic": 30,
        "general": 2,
        "mixed": 1,
    }


def test_a_smaller_sample_is_part_of_a_larger_one() -> None:
    small, large = set(selected(10, 5)["id"]), set(selected(30, 9)["id"])
    assert small < large
