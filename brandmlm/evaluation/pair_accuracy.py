"""Accuracy on minimal pairs. Imports no torch: `report` reads the scores that `minimal_pairs` made."""

from __future__ import annotations

import pandas as pd

from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.wilson import wilson_interval


def summarise_pairs(scored: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Number of pairs and share whose good word is likelier, with its interval: of `all` pairs, and by phenomenon."""
    right = (scored["good_score"] > scored["bad_score"]).astype(bool)
    groups = {"all": right} | {str(name): right[part.index] for name, part in scored.groupby("phenomenon")}
    summary: dict[str, dict[str, float]] = {}
    for name, hits in groups.items():
        if len(hits):
            low, high = wilson_interval(int(hits.sum()), len(hits))
            summary[name] = {
                "pairs": len(hits), "accuracy": float(hits.mean()), f"accuracy{LOW}": low, f"accuracy{HIGH}": high,
            }  # fmt: skip
    return summary
