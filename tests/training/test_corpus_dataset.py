"""The corpus as a memory-mapped dataset: the same rows, chunks and masks as in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import tiny_base
from datasets import ClassLabel, Dataset

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import make_corpus, write_table
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.training.corpus_dataset import (
    as_dataset,
    count_labelled_words,
    is_synthetic,
    read_features,
    read_rows,
    sample_rows,
)
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.tokenized import MASK_FOLDS, mask_rows, tokenize_rows


def corpus() -> pd.DataFrame:
    """More rows than one batch; some are cut into chunks, some have labels and target words."""
    rows = [
        (f"Shoe {number} is {word}. " * (1 + number % 9), label, word, source)
        for number in range(700)
        for label, word, source in (("wanted", "light", "synthetic"), (None, None, "reviews"))
    ]
    table = pd.DataFrame(rows, columns=["text", "label", "word", "source"]).drop_duplicates("text")
    return make_corpus(table.assign(group="g", rating=None))


def test_a_file_of_rows_has_declared_features_and_stays_on_disk(tmp_path: Path) -> None:
    table = corpus()
    write_table(table, tmp_path / "rows.parquet")
    rows = read_rows(tmp_path / "rows.parquet", tmp_path / "rows.arrow")
    assert rows.features["label"] == ClassLabel(names=["wanted", "unwanted", "neutral"])
    assert rows.features["source"] == ClassLabel(names=["reviews", "synthetic"])
    (file,) = rows.cache_files
    assert file["filename"] == str(tmp_path / "rows.arrow")
    features = read_features(tmp_path / "rows.parquet")
    again = Dataset.from_parquet(str(tmp_path / "rows.parquet"), features=features, cache_dir=str(tmp_path / "cache"))
    assert rows.features == again.features == features
    assert rows.to_list() == again.to_list()
    assert list(rows["text"]) == list(table["text"])
    assert is_synthetic(rows).tolist() == (table["source"] == "synthetic").tolist()
    expected = {
        label: table["word"][table["label"] == label].value_counts().to_dict() for label in ("wanted", "neutral")
    }
    for same in (rows, as_dataset(table)):
        counts = count_labelled_words(same)
        assert counts["wanted"] == expected["wanted"] and not counts["neutral"]


def test_chunks_and_validation_masks_are_those_made_in_memory(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    table = corpus()
    chunks = make_chunks(tokenizer, list(table["text"]), 32)
    masks = target_word_masks(tokenizer, chunks, [None if pd.isna(word) else word for word in table["word"]])
    found = tokenize_rows(tokenizer, as_dataset(table), 32, tmp_path / "chunks.arrow")
    assert len(found) == len(chunks) > len(table)
    assert found.lengths.tolist() == chunks.lengths.tolist()
    for number in np.random.default_rng(1).permutation(len(chunks)):
        assert found.ids[number].tolist() == chunks.ids[number].tolist()
        assert found.target_words[number].astype(bool).tolist() == masks[number].tolist()

    examples = fixed_mask_examples(tokenizer, list(table["id"]), list(table["text"]), MASK_FOLDS, 32, [0])
    expected = {(int(row), ids.tobytes(), labels.tobytes()) for ids, labels, row in zip(
        examples.ids, examples.labels, examples.row, strict=True)}  # fmt: skip
    seen = set()
    for rank in range(3):
        own = mask_rows(tokenizer, as_dataset(table), 32, tmp_path / "masked.arrow", DistributedContext(rank, 3))
        assert abs(len(own.ids) - len(examples.ids) / 3) < 1
        seen |= {(int(own.row[i]), own.ids[i].astype(np.int64).tobytes(), own.labels[i].astype(np.int64).tobytes())
                 for i in range(len(own.ids))}  # fmt: skip
    assert seen == expected


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pd.DataFrame({"sentence": ["a"]}), "no column 'text'"),
        (pd.DataFrame({"text": ["a"], "label": ["good"]}), "labels are wanted, unwanted, neutral or null"),
    ],
)
def test_a_table_that_is_no_corpus_is_refused(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(UserError, match=message):
        as_dataset(rows)


def test_a_file_that_is_no_corpus_is_one_line(tmp_path: Path) -> None:
    file, scratch = tmp_path / "rows.parquet", tmp_path / "rows.arrow"
    with pytest.raises(UserError, match="not found; run `dvc repro`"):
        read_rows(file, scratch)
    file.write_bytes(b"PAR1 damaged")
    with pytest.raises(UserError, match="not a readable parquet file"):
        read_rows(file, scratch)
    write_table(corpus().drop(columns="label"), file)
    with pytest.raises(UserError, match="column 'label' is missing"):
        read_rows(file, scratch)
    write_table(corpus().head(0), file)
    with pytest.raises(UserError, match="no rows"):
        read_rows(file, scratch)
    write_table(corpus().assign(label="good"), file)
    with pytest.raises(UserError, match="not a readable corpus"):
        read_rows(file, scratch)


def test_a_hash_picks_as_many_rows_of_each_kind_whatever_their_order(tmp_path: Path) -> None:
    table = corpus()
    write_table(table, tmp_path / "rows.parquet")
    rows = read_rows(tmp_path / "rows.parquet", tmp_path / "rows.arrow")
    few = sample_rows(rows, 100)
    picked = set(few["text"])
    assert list(few["text"]) == [text for text in table["text"] if text in picked]
    assert is_synthetic(few).sum() == (~is_synthetic(few)).sum() == 100
    shuffled = as_dataset(table.drop(columns="id").sample(frac=1, random_state=1))
    assert set(sample_rows(shuffled, 100)["text"]) == picked
    assert set(sample_rows(rows, 50)["text"]) < picked
    assert sample_rows(rows, len(table)) is rows


def test_a_kind_with_few_rows_keeps_them_all() -> None:
    table = corpus()
    real = table[table["source"] != "synthetic"].head(7)
    few = sample_rows(as_dataset(pd.concat([real, table[table["source"] == "synthetic"]])), 20)
    assert (~is_synthetic(few)).sum() == 7 and is_synthetic(few).sum() == 20
