"""Bootstrap confidence intervals (percentile method; Efron and Tibshirani 1993, "An Introduction to the Bootstrap",
chapter 13).

Rows are resampled, not tokens: the tokens of a row are not independent. Summing several models' losses over the same
resamples gives paired intervals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COVERAGE: Final = 0.95

LOW, HIGH = "_low", "_high"  # a metric's interval has the metric's name with these endings

_MAX_DRAWN: Final = 4_000_000  # row indices in memory at a time


def resampled_sums(values: Floats, resamples: int, seed: int) -> Floats:
    """Column sums of `values` over rows drawn with replacement, as many as there are: (rows, k) → (resamples, k).

    All columns of a resample are summed over the same rows, which depend only on the number of rows, on `resamples` and
    on `seed`.
    """
    rows, columns = values.shape
    rng = np.random.default_rng(seed)
    sums = np.empty((resamples, columns))
    step = max(1, _MAX_DRAWN // rows)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        drawn = rng.integers(rows, size=(count, rows)) + np.arange(count)[:, None] * rows
        times = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        sums[start : start + count] = times @ values
    return sums


def percentile_interval(draws: Floats, coverage: float = COVERAGE) -> tuple[float, float]:
    """The interval that holds the middle `coverage` of the draws."""
    tail = (1 - coverage) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)
