"""Confidence intervals of perplexity, and of its change from one model to another, by the paired bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from brandmlm.evaluation.bootstrap import HIGH, LOW, percentile_interval, resampled_sums
from brandmlm.evaluation.test_sets import rows_by_set

PAIRS: Final = (("filtered", "full"), ("filtered", "base"), ("full", "base"))

RESAMPLES: Final = 2000

SEED: Final = 7

Intervals = dict[str, dict[str, dict[str, float]]]


def perplexity_intervals(rows_of: Mapping[str, pd.DataFrame]) -> tuple[Intervals, Intervals]:
    """Bootstrap intervals over the test rows; all models share the same resamples.

    Args:
        rows_of: by model, the scored rows: columns set, id, table, tokens, nll (nats). All models have the same rows.

    Returns:
        By model and set, the ends of perplexity's interval; and by pair ("filtered_against_full") and set, the change
        of perplexity in per cent with its interval.
    """
    rows = next(iter(rows_of.values()))[["set", "id", "table", "tokens"]]
    for model, table in rows_of.items():
        losses = table[["set", "id", "nll"]].rename(columns={"nll": model})
        rows = rows.merge(losses, on=["set", "id"], validate="1:1")
    single: Intervals = {model: {} for model in rows_of}
    paired: Intervals = {}
    column = {model: number for number, model in enumerate(rows_of)}
    for name, part in rows_by_set(rows.sort_values(["set", "id"])):
        values = part[["tokens", *rows_of]].to_numpy(dtype="float64")
        sums, exact = resampled_sums(values, RESAMPLES, SEED), values.sum(axis=0)
        means, mean = sums[:, 1:] / sums[:, :1], exact[1:] / exact[0]  # losses per token: of resamples, of all rows
        for model in rows_of:
            low, high = percentile_interval(np.exp(means[:, column[model]]))
            single[model][name] = {f"perplexity{LOW}": low, f"perplexity{HIGH}": high}
        for one, other in PAIRS:
            low, high = percentile_interval(100 * np.expm1(means[:, column[one]] - means[:, column[other]]))
            change = float(100 * np.expm1(mean[column[one]] - mean[column[other]]))
            paired.setdefault(f"{one}_against_{other}", {})[name] = {
                "perplexity_percent": change,
                f"perplexity_percent{LOW}": low,
                f"perplexity_percent{HIGH}": high,
            }
    return single, paired
