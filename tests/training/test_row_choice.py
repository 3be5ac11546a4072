"""The rows that a training reads: as many as its tokens need, the same from a file and from a table in any order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.data.corpus import make_corpus
from brandmlm.training.corpus_dataset import as_dataset, enough_rows, is_synthetic, read_rows, sample_rows
from brandmlm.training.recipe import RECIPE
from brandmlm.training.row_choice import choose_rows, choose_sample


def corpus(rows: int, synthetic: int = 3) -> pd.DataFrame:
    """So many rows, every `synthetic`-th of which is synthetic, of one to nine words."""
    texts = [" ".join([f"shoe{number}", *["light"] * (number % 9)]) for number in range(rows)]
    sources = ["reviews" if number % synthetic else "synthetic" for number in range(rows)]
    return make_corpus(pd.DataFrame({"text": texts, "source": sources, "group": "g", "label": None, "rating": None}))


def write(table: pd.DataFrame, path: Path, group_rows: int) -> Path:
    table.to_parquet(path, index=False, row_group_size=group_rows)
    return path


def words(table: pd.DataFrame) -> int:
    return int(table["text"].str.count(" ").sum()) + len(table)


@settings(max_examples=25)
@given(
    rows=st.integers(1, 300),
    tokens=st.integers(1, 2000),
    seed=st.integers(0, 99),
    repeats=st.integers(1, 3),
    group_rows=st.integers(1, 400),
)
def test_the_choice_depends_on_the_rows_alone(
    tmp_path_factory: pytest.TempPathFactory, rows: int, tokens: int, seed: int, repeats: int, group_rows: int
) -> None:
    recipe = RECIPE.model_copy(update={"tokens": tokens, "seed": seed, "real_repeats": repeats})
    table = corpus(rows)
    path = write(table, tmp_path_factory.mktemp("rows") / "rows.parquet", group_rows)
    numbers = choose_rows(path, recipe)
    shuffled = as_dataset(table.drop(columns="id").sample(frac=1, random_state=seed))
    few = enough_rows(shuffled, recipe)
    chosen = table if numbers is None else table.iloc[numbers]
    assert set(few["text"]) == set(chosen["text"])
    assert (few is shuffled) == (numbers is None)
    if numbers is not None:
        assert tokens <= words(chosen) < tokens + 2 * 9  # the last row, real or synthetic
        assert len(set(numbers.tolist())) == len(numbers) and numbers.tolist() == sorted(numbers)


def test_a_budget_of_more_than_all_rows_reads_them_all(tmp_path: Path) -> None:
    table = corpus(200)
    path = write(table, tmp_path / "rows.parquet", 50)
    for tokens in (words(table) + 1, 10 * words(table)):
        recipe = RECIPE.model_copy(update={"tokens": tokens})
        assert choose_rows(path, recipe) is None
        rows = as_dataset(table)
        assert enough_rows(rows, recipe) is rows


def test_real_rows_are_as_many_more_as_they_would_be_repeated(tmp_path: Path) -> None:
    table = corpus(9000, synthetic=2)
    path = write(table, tmp_path / "rows.parquet", 1000)
    share = {}
    for repeats in (1, 2, 4):
        numbers = choose_rows(path, RECIPE.model_copy(update={"tokens": 10_000, "real_repeats": repeats}))
        assert numbers is not None
        share[repeats] = (table["source"].iloc[numbers] != "synthetic").mean()
    assert [share[repeats] for repeats in (1, 2, 4)] == pytest.approx([1 / 2, 2 / 3, 4 / 5], abs=0.03)


def test_models_share_rows_and_seeds_do_not(tmp_path: Path) -> None:
    table = corpus(6000)
    full, filtered = (
        write(rows, tmp_path / f"{name}.parquet", 500)
        for name, rows in (("full", table), ("filtered", table.sample(frac=0.8, random_state=1).sort_index()))
    )
    recipe = RECIPE.model_copy(update={"tokens": 3000})
    taken: list[set[str]] = []
    for path, seed in ((full, 5), (filtered, 5), (full, 6)):
        numbers = choose_rows(path, recipe.model_copy(update={"seed": seed}))
        assert numbers is not None
        taken.append(set(pd.read_parquet(path)["text"].iloc[numbers]))
    left = taken[0] & set(pd.read_parquet(filtered)["text"])
    assert left <= taken[1] and len(left) > 0.7 * len(taken[0])
    assert len(taken[0] & taken[2]) < 0.2 * len(taken[0])


def test_what_is_read_does_not_grow_with_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    plain = pq.ParquetFile.iter_batches

    def counted(file: pq.ParquetFile, *args: Any, **kwargs: Any) -> Any:
        for batch in plain(file, *args, **kwargs):
            if "text" in batch.schema.names:
                read.append(len(batch))
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    recipe = RECIPE.model_copy(update={"tokens": 5000})
    for rows in (5_000, 40_000):
        path = write(corpus(rows), tmp_path / f"{rows}.parquet", 2000)
        read.clear()
        numbers = choose_rows(path, recipe)
        assert numbers is not None
        dataset = read_rows(path, tmp_path / f"{rows}.arrow", numbers)
        assert list(dataset["text"]) == list(pd.read_parquet(path)["text"].iloc[numbers])
        assert sum(read) < 9000  # at most three row groups of the choice, and two of the copy


def test_a_sample_of_a_file_is_that_of_its_table(tmp_path: Path) -> None:
    table = corpus(3000, synthetic=7)
    path = write(table, tmp_path / "rows.parquet", 700)
    for most in (1, 50, 600, 5000):
        expected = sample_rows(as_dataset(table), most)
        assert list(table["text"].iloc[choose_sample(path, most)]) == list(expected["text"])
        assert is_synthetic(expected).sum() == min(most, np.ceil(3000 / 7))
