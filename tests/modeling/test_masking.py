"""Fixed masks cover every token once; random masks follow BERT's 80/10/10."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import tiny_base
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from brandmlm.data.corpus import row_id
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.masking import IGNORED, fixed_mask_folds, random_masks


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    return load_checkpoint(tiny_base(tmp_path_factory.mktemp("tiny")))[1]


words = st.text(alphabet="abcdefg €’[]MASK.,é", min_size=0, max_size=60)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(words, min_size=1, max_size=6, unique=True), folds=st.integers(1, 9), room=st.integers(8, 24))
def test_every_eligible_token_is_masked_exactly_once(
    tokenizer: PreTrainedTokenizerBase, texts: list[str], folds: int, room: int
) -> None:
    examples = fixed_mask_examples(tokenizer, [row_id(text) for text in texts], texts, folds, room)
    special = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.mask_token_id}
    for index, text in enumerate(texts):
        masked: list[int] = []
        for ids, labels, row in zip(examples.ids, examples.labels, examples.row, strict=True):
            if row == index:
                chosen = labels != IGNORED
                assert (ids[chosen] == tokenizer.mask_token_id).all()
                assert len(ids) <= room
                masked += labels[chosen].tolist()
        tokens = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        expected = [token for token in tokens if token != tokenizer.unk_token_id]
        assert sorted(masked) == sorted(expected)
        assert not special & set(masked)


@given(ids=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5, unique=True), folds=st.integers(1, 12))
def test_a_token_s_fold_depends_on_its_row_and_position_only(ids: list[int], folds: int) -> None:
    for number in ids:
        row = f"{number:016x}"
        whole = fixed_mask_folds(row, 50, folds)
        assert ((whole >= 0) & (whole < folds)).all()
        assert (fixed_mask_folds(row, 20, folds) == whole[:20]).all()


def test_folds_have_the_same_number_of_tokens() -> None:
    counts = sum(np.bincount(fixed_mask_folds(row_id(str(row)), 100, 7), minlength=7) for row in range(500))
    assert np.abs(counts / 50_000 - 1 / 7).max() < 0.01


def splitmix64(state: int) -> int:
    """SplitMix64's output for a state, in Python's whole numbers."""
    bits = 2**64 - 1
    z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & bits
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & bits
    return z ^ (z >> 31)


@given(number=st.integers(0, 2**64 - 1), folds=st.integers(1, 12))
def test_folds_are_those_of_the_published_generator(number: int, folds: int) -> None:
    expected = [splitmix64((number + n * 0x9E3779B97F4A7C15) % 2**64) % folds for n in range(1, 21)]
    assert fixed_mask_folds(f"{number:016x}", 20, folds).tolist() == expected


def test_training_masks_are_80_10_10() -> None:
    rng = np.random.default_rng(1)
    ids = rng.integers(1000, 30_000, size=(2000, 100))
    eligible = rng.random(ids.shape) < 0.9
    vocabulary = np.arange(999, 30_522)
    corrupted, labels = random_masks(ids, eligible, 0.15, 103, vocabulary, rng)
    chosen = labels != IGNORED
    assert not chosen[~eligible].any()
    assert (corrupted[~chosen] == ids[~chosen]).all()
    assert (labels[chosen] == ids[chosen]).all()
    assert abs(chosen[eligible].mean() - 0.15) < 0.01
    assert abs((corrupted[chosen] == 103).mean() - 0.8) < 0.01
    assert abs((corrupted[chosen] == ids[chosen]).mean() - 0.1) < 0.01
    replaced = chosen & (corrupted != 103) & (corrupted != ids)
    assert abs(replaced[chosen].mean() - 0.1) < 0.01
    assert np.isin(corrupted[replaced], vocabulary).all()


@given(seed=st.integers(0, 1000), rate=st.floats(0.01, 0.5))
def test_a_row_with_an_eligible_token_has_a_masked_one(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    ids = rng.integers(5, 50, size=(8, 6))
    eligible = rng.random(ids.shape) < 0.5
    _, labels = random_masks(ids, eligible, rate, 4, np.arange(5, 50), rng)
    assert ((labels != IGNORED).any(axis=1) == eligible.any(axis=1)).all()
