"""Tracing a word by the index gives what looking at all rows gives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from brandmlm.core.errors import UserError
from brandmlm.data import table_parts
from brandmlm.data.corpus import make_corpus, write_table
from brandmlm.filtering.signals import SIGNALS
from brandmlm.reporting import lineage_index
from brandmlm.reporting.lineage_index import IndexedRows, TrainingRows, open_training_rows

import pandas as pd  # isort: skip

BRAND = ["Nike", "Just Do"]
WORDS = ["Nike", "nike's", "heavy", "Heavy-duty", "topheavy", "shoes", "just do", "do", "Öl", "_heavy", "ﬁt", "t-shirt"]
ENDS = [" ", " ", " ", ". ", "! ", '?" ', "\n", ", ", "… ", ".", "-", " & "]


def write_tables(folder: Path, rows: int, seed: int = 1) -> tuple[Path, Path, Path]:
    dice = random.Random(seed)
    texts = {
        "".join(dice.choice(WORDS) + dice.choice(ENDS) for _ in range(dice.randrange(1, 9))) + str(number)
        for number in range(rows)
    }
    table = pd.DataFrame({"text": sorted(texts), "label": None, "rating": None, "group": "g"})
    corpus = make_corpus(table.assign(source=[dice.choice(["reviews", "products", "synthetic"]) for _ in texts]))
    kept = pd.Series([dice.random() < 0.6 for _ in texts])
    signals = pd.DataFrame({"id": corpus["id"], **{name: [dice.random() < 0.5 for _ in texts] for name in SIGNALS[:3]}})
    paths = folder / "train.parquet", folder / "kept.parquet", folder / "signals.parquet"
    for path, each in zip(paths, (corpus, corpus[kept], signals), strict=True):
        write_table(each, path)
    return paths


@pytest.mark.parametrize("part_rows", [40, 50_000])
def test_the_index_finds_what_all_rows_show(part_rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = write_tables(tmp_path, 300)
    read = table_parts.read_parts
    monkeypatch.setattr(lineage_index, "read_parts", lambda path, columns: read(path, columns, rows=part_rows))
    plain = open_training_rows(*tables, BRAND, tmp_path / ".lineage")
    index = open_training_rows(*tables, BRAND, tmp_path / ".lineage", many=1)
    assert isinstance(plain, TrainingRows) and isinstance(index, IndexedRows)
    assert (len(index), index.kept) == (len(plain), plain.kept) and 100 < plain.kept < 250
    phrases = ["heavy duty", "HEAVY", "shoes heavy", "t shirt", "absent", "absent heavy", "s", "!", "heavy!", "(Öl)"]
    dice = random.Random(2)
    phrases += ["".join(dice.choice(WORDS) + dice.choice(ENDS) for _ in range(dice.randrange(2, 5))) for _ in range(60)]
    phrases += ["nike nike", "Just Do", "do heavy", "nike just do", "do. Nike", "heavy. Heavy"]
    for word in (*WORDS, *phrases):
        for examples in (0, 3):
            assert index.trace(word, examples) == plain.trace(word, examples), word
    assert sum(index.trace("heavy", 1).claims.values()) > 5


def test_the_index_is_built_once_and_again_for_other_tables(tmp_path: Path) -> None:
    tables, folder = write_tables(tmp_path, 60), tmp_path / ".lineage"
    open_training_rows(*tables, BRAND, folder, many=1)
    before = (folder / "words.arrow").stat().st_ino
    open_training_rows(*tables, BRAND, folder, many=1)
    assert (folder / "words.arrow").stat().st_ino == before
    tables = write_tables(tmp_path, 60, seed=2)
    rows = open_training_rows(*tables, ["Other"], folder, many=1)
    changed = (folder / "words.arrow").stat().st_ino
    assert changed != before and sorted(path.name for path in folder.iterdir()) == [
        "built.json", "rows.arrow", "words.arrow",
    ]  # fmt: skip
    plain = open_training_rows(*tables, ["Other"], folder)
    assert rows.trace("heavy", 2) == plain.trace("heavy", 2)


def test_tables_of_different_rows_are_refused(tmp_path: Path) -> None:
    training, kept, signals = write_tables(tmp_path, 60)
    write_table(pd.read_parquet(signals).iloc[1:], signals)
    with pytest.raises(UserError, match="its rows are not those of"):
        open_training_rows(training, kept, signals, BRAND, tmp_path / ".lineage", many=1)
    assert not (tmp_path / ".lineage").exists()
