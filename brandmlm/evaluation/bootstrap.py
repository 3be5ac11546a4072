"""Confidence intervals by the bootstrap: rows are drawn again with replacement, and the measure taken of each draw.

The percentile interval of Efron and Tibshirani (1993, "An Introduction to the Bootstrap", chapter 13). Rows are the
unit: the tokens of a row are no independent witnesses. Several models' sums over the same draws give paired intervals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COVERAGE: Final = 0.95

_AT_ONCE: Final = 4_000_000  # numbers held while drawing


def resampled_sums(values: Floats, resamples: int, seed: int) -> Floats:
    """The column sums of `values` over rows drawn with replacement: (rows, k) → (resamples, k).

    As many rows are drawn as there are. All columns of a resample are summed over the same draw. The draws depend on
    the number of rows, `resamples` and `seed` alone.
    """
    rows, columns = values.shape
    rng = np.random.default_rng(seed)
    sums = np.empty((resamples, columns))
    step = max(1, _AT_ONCE // rows)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        drawn = rng.integers(rows, size=(count, rows)) + np.arange(count)[:, None] * rows
        times = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        sums[start : start + count] = times @ values
    return sums


def percentile_interval(draws: Floats, coverage: float = COVERAGE) -> tuple[float, float]:
    """The bounds between which the middle `coverage` of the draws lies."""
    tail = (1 - coverage) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


LOW, HIGH = "_low", "_high"  # endings of the metrics that are the ends of another one's interval
