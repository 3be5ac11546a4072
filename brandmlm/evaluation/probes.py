"""Metrics of the probe sentences: counts and probability mass of wanted and unwanted words."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import pandas as pd

from brandmlm.config.variants import VARIANTS

COUNTS: Final = ("wanted_in_top", "unwanted_in_top", "wanted_held_out_in_top", "unwanted_held_out_in_top")

MASSES: Final = ("wanted_mass", "unwanted_mass")

PROBE_MEASURES: Final = (*COUNTS, *MASSES)


class ClaimMeasure(NamedTuple):
    """A headline metric of the claims."""

    title: str  # with `{top}` for the number of likeliest tokens that count
    better: Literal["lower", "higher"]
    is_share: bool = False  # of 1, shown in per cent


CLAIM_MEASURES: Final = {
    "wanted_in_top": ClaimMeasure("wanted words in the top {top} of a claim", "higher"),
    "unwanted_in_top": ClaimMeasure("unwanted words in the top {top} of a claim", "lower"),
    "without_unwanted": ClaimMeasure("claims without an unwanted word in the top {top}", "higher", True),
    "wanted_mass": ClaimMeasure("probability of wanted words in a claim", "higher", True),
    "unwanted_mass": ClaimMeasure("probability of unwanted words in a claim", "lower", True),
}


def count_top(predictions: pd.DataFrame, top: int) -> pd.DataFrame:
    """Count verdicts among the `top` likeliest tokens: columns model, probe and the `COUNTS`.

    `predictions`: columns model, probe, rank, verdict, held_out (see `word_verdicts.with_verdicts`).
    """
    head = predictions[["model", "probe"]].copy()
    inside = predictions["rank"] <= top
    for verdict in ("wanted", "unwanted"):
        hit = inside & (predictions["verdict"] == verdict)
        head[f"{verdict}_in_top"] = hit.astype(int)
        head[f"{verdict}_held_out_in_top"] = (hit & predictions["held_out"]).astype(int)
    return head.groupby(["model", "probe"], sort=False, as_index=False)[list(COUNTS)].sum()


def summarise_probes(results: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """By model and kind of probe: number of probes, means of the `PROBE_MEASURES`, and the share of probes without an
    unwanted word in the top."""
    summary: dict[str, dict[str, dict[str, float]]] = {}
    for (model, kind), part in results.groupby(["model", "kind"], sort=True):
        summary.setdefault(str(model), {})[str(kind)] = {
            "probes": len(part),
            **{name: float(part[name].mean()) for name in PROBE_MEASURES},
            "without_unwanted": float((part["unwanted_in_top"] == 0).mean()),
        }
    return {model: summary[model] for model in VARIANTS if model in summary}
