"""The split: by group, independent of other rows, the same bytes every time."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import run_module
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from whole_tables import merge_corpora

from brandmlm.config.params.split import Split
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.data.corpus import make_corpus, read_corpus, write_table
from brandmlm.data.splitting import SPLITS, split_corpus, split_of

ROOT = Path(__file__).parents[2]
PARAMS = Split(salt="pepper", validation=0.1, test=0.2)

groups = st.lists(st.integers(0, 10_000).map("g{}".format), min_size=1, max_size=30, unique=True)


def corpus(groups: list[str], source: str = "reviews", each: int = 2, **further: Any) -> pd.DataFrame:
    rows = [(group, f"text {number} of {source} {group}") for group in groups for number in range(each)]
    table = pd.DataFrame(rows, columns=["group", "text"]).assign(source=source, label=None, rating=None, **further)
    return make_corpus(table)


REAL = corpus([f"r{number}" for number in range(200)], date="2024-05-06")
SYNTHETIC = corpus([f"f{number}" for number in range(200)], source="synthetic", word="light", about="brand")


def splits_by_id(table: pd.DataFrame) -> dict[str, str]:
    return {row: side for side, rows in split_corpus(table, PARAMS).items() for row in rows["id"]}


@settings(max_examples=25, deadline=None)
@given(groups, groups)
def test_a_row_keeps_its_side_when_rows_come_and_go(some: list[str], others: list[str]) -> None:
    base, _ = merge_corpora(REAL, SYNTHETIC)
    before = splits_by_id(
        merge_corpora(pd.concat([REAL, corpus([f"{g}x" for g in some])], ignore_index=True), SYNTHETIC)[0]
    )
    more = corpus([f"{g}x" for g in dict.fromkeys([*some, *others])])
    after = splits_by_id(merge_corpora(pd.concat([REAL, more], ignore_index=True), SYNTHETIC)[0])
    alone = splits_by_id(base)
    assert all(after[row] == side for row, side in before.items())
    assert all(before[row] == side for row, side in alone.items())


@settings(deadline=None)
@given(groups, st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0, 0.4))
def test_another_validation_share_does_not_change_the_test_split(
    names: list[str], test: float, validation: float, other: float
) -> None:
    def tests(share: float) -> list[str]:
        params = Split(salt="s", validation=share, test=test)
        return [name for name in names if split_of(name, params) == "test"]

    assert tests(validation) == tests(other)


def test_every_row_is_in_one_split_and_no_group_in_two() -> None:
    table, _ = merge_corpora(REAL, SYNTHETIC)
    tables = split_corpus(table, PARAMS)
    assert sorted(row for rows in tables.values() for row in rows["id"]) == list(table["id"])
    seen = [set(rows["group"]) for rows in tables.values()]
    assert sum(map(len, seen)) == len(set.union(*seen)) == table["group"].nunique()


def test_shares_are_met_over_many_groups() -> None:
    sides = [split_of(f"group {number}", PARAMS) for number in range(20_000)]
    assert sides.count("validation") / 20_000 == pytest.approx(0.1, abs=0.01)
    assert sides.count("test") / 20_000 == pytest.approx(0.2, abs=0.01)


def test_another_salt_gives_another_split() -> None:
    names = [f"group {number}" for number in range(500)]
    other = Split(salt="salt", validation=0.1, test=0.2)
    assert [split_of(name, PARAMS) for name in names] != [split_of(name, other) for name in names]


def test_the_real_text_is_kept_where_a_synthetic_one_is_equal() -> None:
    twin = SYNTHETIC.iloc[[0]]
    real = make_corpus(
        pd.concat([REAL.drop(columns="date"), twin[REAL.columns.drop("date")].assign(source="reviews", group="own")])
    )
    table, dropped = merge_corpora(real, SYNTHETIC)
    assert dropped == 1 and table["id"].is_unique and len(table) == len(real) + len(SYNTHETIC) - 1
    assert table.set_index("id").loc[twin["id"].iloc[0], "source"] == "reviews"


def test_columns_are_united_and_null_where_absent() -> None:
    table, dropped = merge_corpora(REAL, SYNTHETIC)
    assert list(table.columns) == ["id", "source", "group", "text", "label", "rating", "date", "word", "about"]
    assert dropped == 0
    real = table[table["source"] == "reviews"]
    assert (real["date"] == "2024-05-06").all() and real[["word", "about"]].isna().all(axis=None)
    assert table[table["source"] == "synthetic"]["date"].isna().all()
    assert str(table["rating"].dtype) == "Int64"


@pytest.mark.parametrize(
    ("shares", "groups", "parts"),
    [
        ({"validation": 0.1, "test": 0.0}, 200, ["split.test: a share of 0.0", "200 groups", "raise split.test"]),
        ({"validation": 0.0, "test": 0.2}, 200, ["split.validation: a share of 0.0", "raise split.validation"]),
        ({"validation": 0.1, "test": 0.2}, 2, ["none of 2 groups", "texts of other products", "split.salt"]),
        ({"validation": 0.5, "test": 0.5}, 200, ["split.validation and split.test: 0.5 and 0.5", "lower them"]),
    ],
)
def test_a_split_without_real_rows_says_what_to_raise(shares: dict[str, float], groups: int, parts: list[str]) -> None:
    table, _ = merge_corpora(corpus([f"r{number}" for number in range(groups)]), SYNTHETIC.iloc[:0])
    with pytest.raises(UserError) as caught:
        split_corpus(table, Split(salt="s", **shares))
    assert all(part in str(caught.value) for part in ["params.yaml: ", "without real rows", *parts])


def test_a_split_without_synthetic_rows_names_the_frames() -> None:
    """The real rows that are there do not make up for them."""
    table, _ = merge_corpora(REAL, corpus(["frame"], source="synthetic"))
    with pytest.raises(UserError, match=r"without synthetic rows: none of 1 groups .* frames in templates\.yaml"):
        split_corpus(table, PARAMS)


class Workplace:
    """A folder with params and inputs, in which the stage runs as in the pipeline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        write_table(REAL, folder / "clean/corpus.parquet")
        write_table(SYNTHETIC, folder / "synthetic/corpus.parquet")

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        with (self.folder / "params.yaml").open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(self.params, file)
        options = ("--corpus", "clean", "--synthetic", "synthetic", "--out", "split")
        return run_module(self.folder, "stages.split", *options, **environment)

    def outputs(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "split").iterdir())}


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_the_stage_writes_the_three_sides_and_their_counts(workplace: Workplace) -> None:
    done = workplace.run()
    assert done.returncode == 0, done.stderr
    counts = read_json(workplace.folder / "split/counts.json")
    for side in SPLITS:
        rows = read_corpus(workplace.folder / f"split/{side}.parquet")
        assert list(rows["id"]) == sorted(rows["id"])
        assert counts[side] == {source: int((rows["source"] == source).sum()) for source in ("reviews", "synthetic")}
        assert f"{counts[side]['synthetic']:,} (" in done.stdout
    assert counts["equal_to_real"] == {"synthetic": 0}


def test_the_same_bytes_under_another_hash_seed(workplace: Workplace) -> None:
    workplace.run(PYTHONHASHSEED="1")
    first = workplace.outputs()
    workplace.run(PYTHONHASHSEED="2")
    assert workplace.outputs() == first and len(first) == 4


def test_a_source_that_a_side_lacks_is_said(workplace: Workplace) -> None:
    write_table(corpus(["only"], source="catalogue"), workplace.folder / "synthetic/corpus.parquet")
    done = workplace.run()
    assert done.returncode == 0, done.stderr
    assert next(line for line in done.stdout.splitlines() if "catalogue" in line).count("NO ROWS in") == 1


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"validation": 0.5, "test": 0.5}, ["split.validation", "split.test"]),
        ({"test": 0.0}, ["split.test"]),
        ({"validation": -0.1}, ["split.validation"]),
    ],
)
def test_wrong_shares_end_in_one_line_and_leave_older_outputs(
    workplace: Workplace, change: dict[str, float], parts: list[str]
) -> None:
    (workplace.folder / "split").mkdir()
    (workplace.folder / "split/train.parquet").write_bytes(b"of an earlier run")
    before = workplace.outputs()
    workplace.params["split"] |= change
    done = workplace.run()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert all(part in done.stderr for part in ["params.yaml", *parts])
    assert workplace.outputs() == before


def test_an_empty_corpus_ends_in_one_line_that_names_the_file(workplace: Workplace) -> None:
    write_table(REAL.iloc[:0], workplace.folder / "clean/corpus.parquet")
    done = workplace.run()
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert str(Path("clean/corpus.parquet")) in done.stderr
