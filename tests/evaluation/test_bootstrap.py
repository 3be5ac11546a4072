"""Bootstrap intervals and calibration against plain computations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.evaluation.bootstrap import percentile_interval, resampled_sums
from brandmlm.evaluation.calibration import BINS, bin_sums, expected_calibration_error
from brandmlm.evaluation.test_sets import rows_by_set


def test_the_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    values = np.random.default_rng(1).normal(10, 2, (400, 1))
    low, high = percentile_interval(resampled_sums(values, 4000, 3)[:, 0] / 400)
    error = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - error, values.mean() + error), abs=0.03)


@given(st.integers(1, 30), st.integers(1, 20), st.integers(0, 9))
def test_columns_share_the_draw_and_a_resample_has_as_many_rows(rows: int, resamples: int, seed: int) -> None:
    values = np.column_stack([np.ones(rows), np.arange(rows), 2.0 * np.arange(rows)])
    sums = resampled_sums(values, resamples, seed)
    assert sums.shape == (resamples, 3)
    np.testing.assert_array_equal(sums[:, 0], rows)
    np.testing.assert_array_equal(sums[:, 2], 2 * sums[:, 1])
    np.testing.assert_array_equal(sums, resampled_sums(values, resamples, seed))


@given(st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=60))
def test_the_calibration_error_agrees_with_its_definition(tokens: list[tuple[float, bool]]) -> None:
    bins = bin_sums(np.array([sure for sure, _ in tokens]), np.array([right for _, right in tokens]))
    assert list(bins["bin"]) == list(range(BINS)) and bins["tokens"].sum() == len(tokens)
    expected = 0.0
    for low in range(BINS):
        inside = [(sure, right) for sure, right in tokens if low < sure * BINS <= low + 1]
        if inside:
            gap = np.mean([right for _, right in inside]) - np.mean([sure for sure, _ in inside])
            expected += len(inside) / len(tokens) * abs(gap)
    assert expected_calibration_error(bins) == pytest.approx(expected, abs=1e-9)


def test_real_rows_stand_in_their_part_too_and_empty_sets_are_left_out() -> None:
    tables = pd.array(["review", "product", None], dtype="string")
    rows = pd.DataFrame({"set": ["real", "real", "general"], "table": tables})
    assert {name: list(part.index) for name, part in rows_by_set(rows)} == {
        "real": [0, 1], "real_reviews": [0], "real_products": [1], "general": [2],
    }  # fmt: skip
