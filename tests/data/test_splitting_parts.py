"""Splitting part by part gives what splitting in memory gives, to the byte."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from whole_tables import merge_corpora

from brandmlm.config.params.split import Split
from brandmlm.core.errors import UserError
from brandmlm.data import splitting_parts, table_parts
from brandmlm.data.corpus import make_corpus, read_table, write_table
from brandmlm.data.splitting import SPLITS, split_corpus

PARAMS = Split(salt="pepper", validation=0.1, test=0.2)


def corpus(rows: int, source: str, **further: object) -> pd.DataFrame:
    texts = [f"text {number} of {'both' if number % 7 == 0 else source}" for number in range(rows)]
    groups = [f"{source} {number // 3}" for number in range(rows)]
    table = pd.DataFrame({"text": texts, "group": groups, "source": source, "label": None, "rating": None})
    return make_corpus(table.assign(**further))


@pytest.mark.parametrize("part_rows", [7, 100, 50_000])
def test_parts_of_any_size_give_the_same_bytes(part_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, synthetic = corpus(400, "reviews", date="2024-05-06"), corpus(150, "synthetic", word="light")
    write_table(real, tmp_path / "real.parquet")
    write_table(synthetic, tmp_path / "synthetic.parquet")
    monkeypatch.setattr(splitting_parts, "read_parts", lambda path, **_: table_parts.read_parts(path, rows=part_rows))
    counts = splitting_parts.split_files(tmp_path / "real.parquet", tmp_path / "synthetic.parquet", PARAMS, tmp_path)
    merged, equal = merge_corpora(real, synthetic)
    expected = split_corpus(merged, PARAMS)
    for name in SPLITS:
        write_table(expected[name], tmp_path / "expected.parquet")
        assert (tmp_path / f"{name}.parquet").read_bytes() == (tmp_path / "expected.parquet").read_bytes()
        rows = expected[name]
        assert counts.rows[name] == rows["source"].value_counts().to_dict()
        assert counts.groups(name, "reviews") == rows.loc[rows["source"] == "reviews", "group"].nunique()
    assert counts.equal_to_real == equal == 22


def test_a_split_without_rows_is_an_error(tmp_path: Path) -> None:
    write_table(corpus(3, "reviews"), tmp_path / "real.parquet")
    write_table(corpus(300, "synthetic"), tmp_path / "synthetic.parquet")
    with pytest.raises(UserError, match="without real rows: none of 1 groups is there"):
        splitting_parts.split_files(tmp_path / "real.parquet", tmp_path / "synthetic.parquet", PARAMS, tmp_path)


def test_an_unsorted_corpus_is_refused(tmp_path: Path) -> None:
    table = corpus(30, "reviews")
    write_table(table.iloc[::-1], tmp_path / "real.parquet")
    write_table(corpus(300, "synthetic"), tmp_path / "synthetic.parquet")
    with pytest.raises(ValueError, match="not sorted by id"):
        splitting_parts.split_files(tmp_path / "real.parquet", tmp_path / "synthetic.parquet", PARAMS, tmp_path)


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 25])
def test_a_written_table_does_not_depend_on_its_batches(rows: int, tmp_path: Path) -> None:
    table = corpus(30, "reviews").iloc[:rows]
    for name, size in (("one", 100), ("many", 3)):
        with table_parts.TableWriter(tmp_path / name, part_rows=10) as writer:
            for first in range(0, max(rows, 1), size):
                writer.append(table.iloc[first : first + size])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "many").read_bytes()
    pd.testing.assert_frame_equal(read_table(tmp_path / "one"), table.reset_index(drop=True))


def test_the_pages_of_a_row_group_do_not_depend_on_batches(tmp_path: Path) -> None:
    table = corpus(20_000, "reviews")
    table = table.assign(text=table["text"] * 9)  # more than a dictionary takes, so that pages end it somewhere
    write_table(table, tmp_path / "whole")
    for size in (777, 7_000):
        with table_parts.TableWriter(tmp_path / "parts") as writer:
            for first in range(0, len(table), size):
                writer.append(table.iloc[first : first + size])
        assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()
