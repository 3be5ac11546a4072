"""Batches: no chunk is lost, budgets are kept, padding is low."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.modeling.batching import (
    PACK_MULTIPLE,
    best_packs,
    by_budget,
    in_length_order,
    pad,
    plan_training,
    present,
)

lengths = st.lists(st.integers(1, 128), min_size=1, max_size=200).map(lambda values: np.array(values, dtype=np.int64))


@given(lengths=lengths, budget=st.integers(1, 2000), padded=st.booleans())
def test_budgets_are_kept_and_every_chunk_comes_once(lengths: np.ndarray, budget: int, padded: bool) -> None:
    batches = by_budget(np.arange(len(lengths)), lengths, budget, padded)
    assert np.concatenate(batches).tolist() == list(range(len(lengths)))
    for batch in batches:
        own = lengths[batch]
        cost = own.max() * len(own) if padded else own.sum()
        assert cost <= budget or len(batch) == 1


@given(lengths=lengths, budget=st.integers(100, 2000))
def test_evaluation_goes_through_all_chunks_longest_first(lengths: np.ndarray, budget: int) -> None:
    order = np.concatenate(list(in_length_order(lengths, budget)))
    assert sorted(order) == list(range(len(lengths)))
    assert (np.diff(lengths[order]) <= 0).all()


@given(lengths=lengths, tokens=st.integers(1, 20_000), seed=st.integers(0, 99))
def test_a_plan_spends_the_tokens_and_uses_all_chunks_equally(lengths: np.ndarray, tokens: int, seed: int) -> None:
    plan = plan_training(lengths, tokens, 256, seed)
    spent = np.array([lengths[batch].sum() for batch in plan])
    assert spent.sum() >= tokens
    assert spent[:-1].sum() < tokens
    seen = np.bincount(np.concatenate(plan), minlength=len(lengths))
    assert seen.max() - seen.min() <= 1
    again = plan_training(lengths, tokens, 256, seed)
    assert [batch.tolist() for batch in plan] == [batch.tolist() for batch in again]


def test_chunks_of_similar_length_share_a_batch() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 128, size=4000)
    plan = plan_training(lengths, int(lengths.sum()), 4096, seed=0)
    padding = 1 - lengths.sum() / sum(lengths[batch].max() * len(batch) for batch in plan)
    assert padding < 0.03


@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=9), min_size=1, max_size=6))
def test_padding_marks_exactly_the_tokens(rows: list[list[int]]) -> None:
    arrays = [np.array(row, dtype=np.int64) for row in rows]
    table, there = pad(arrays, -1), present(arrays)
    assert [table[i][there[i]].tolist() for i in range(len(rows))] == rows
    assert (table[~there] == -1).all()


@given(lengths=lengths)
def test_packs_have_every_text_once_and_room_for_it(lengths: np.ndarray) -> None:
    packs, width = best_packs(np.argsort(-lengths, kind="stable"), lengths)
    assert width % PACK_MULTIPLE == 0
    assert sorted(text for texts in packs for text in texts) == list(range(len(lengths)))
    assert all(0 < lengths[texts].sum() <= width for texts in packs)


def test_packs_hold_little_padding() -> None:
    rng = np.random.default_rng(0)
    # Sentences, long paragraphs, both, and texts of which one would leave half of a pack of 128 empty.
    for sizes in ([14] * 60, [128] * 6, [14] * 40 + [128] * 4, [72] * 10, rng.integers(8, 128, 40)):
        of = np.array(sizes, dtype=np.int64)
        packs, width = best_packs(np.argsort(-of, kind="stable"), of)
        assert 1 - of.sum() / (len(packs) * width) < 0.13
