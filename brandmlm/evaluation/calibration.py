"""Calibration: whether a model's confidence matches its accuracy (Guo et al. 2017, "On Calibration of Modern Neural
Networks", section 2).

A token's confidence is the probability of the likeliest token. Tokens fall into bins of equal width by confidence; the
sums of each bin give the reliability diagram and the expected calibration error (ECE).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

BINS: Final = 15


def bin_sums(confidence: npt.NDArray[np.float64], correct: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Sums over the tokens of each bin: columns bin (from 0), tokens, confidence, correct; empty bins are included.

    Bin b holds confidences in (b / BINS, (b + 1) / BINS], as in the paper. Inputs: (tokens,).
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
    """Mean absolute difference of accuracy and confidence over the bins (`bin_sums`), weighted by their tokens."""
    return float((bins["correct"] - bins["confidence"]).abs().sum() / bins["tokens"].sum())
