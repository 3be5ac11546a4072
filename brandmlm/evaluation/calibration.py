"""Calibration: whether a model is right as often as it is sure (Guo et al. 2017, "On Calibration of Modern Neural
Networks", section 2).

A token's confidence is the probability of the likeliest word. Tokens are sorted into bins of equal width by it; per
bin the sums are kept, from which the reliability diagram and the expected calibration error (ECE) follow.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

BINS: Final = 15


def bin_sums(confidence: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Columns bin (from 0, all of them), tokens, confidence and correct (sums over the bin's tokens).

    Bin b holds the confidences above b / BINS up to (b + 1) / BINS, as in the paper.
    """
    place = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return pd.DataFrame(
        {
            "bin": np.arange(BINS),
            "tokens": np.bincount(place, minlength=BINS),
            "confidence": np.bincount(place, weights=confidence, minlength=BINS),
            "correct": np.bincount(place, weights=correct.astype(np.float64), minlength=BINS).astype(np.int64),
        }
    )


def expected_calibration_error(bins: pd.DataFrame) -> float:
    """The mean distance between accuracy and confidence of the bins, weighted by their tokens; `bins`: `bin_sums`."""
    return float((bins["correct"] - bins["confidence"]).abs().sum() / bins["tokens"].sum())
