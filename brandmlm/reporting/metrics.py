"""All that `metrics.json` holds."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from brandmlm.evaluation.bootstrap import percentile_interval, resampled_sums
from brandmlm.evaluation.test_sets import rows_by_set
from brandmlm.reporting.inputs import Evaluation, Inputs, Tree

PAIRS: Final = (("filtered", "full"), ("filtered", "base"), ("full", "base"))

RESAMPLES: Final = 2000  # of the bootstrap

SEED: Final = 7

DIGITS: Final = 6  # significant; more would be noise in the diffs


def numbers_only(tree: Tree) -> Tree:
    """A copy of nested counts with the numbers only."""
    kept: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            kept[key] = numbers_only(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kept[key] = value
    return kept


def rounded(value: Any) -> Any:
    """The same nested value, its floats cut to a few significant digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def perplexity_intervals(evaluations: dict[str, Evaluation], resamples: int, seed: int) -> tuple[Tree, Tree]:
    """Bootstrap intervals of perplexity by model and set, and of the change from one model to another by pair and set
    (per cent), over the same draws of rows for all models."""
    rows = next(iter(evaluations.values())).rows[["set", "id", "source", "tokens"]]
    for model, evaluation in evaluations.items():
        losses = evaluation.rows[["set", "id", "nll"]].rename(columns={"nll": model})
        rows = rows.merge(losses, on=["set", "id"], validate="1:1")
    single: Tree = {model: {} for model in evaluations}
    paired: Tree = {}
    for name, part in rows_by_set(rows.sort_values(["set", "id"])):
        values = part[["tokens", *evaluations]].to_numpy(dtype="float64")
        draws, exact = resampled_sums(values, resamples, seed), values.sum(axis=0)
        rates, rate = draws[:, 1:] / draws[:, :1], exact[1:] / exact[0]
        place = {model: number for number, model in enumerate(evaluations)}
        for model, column in place.items():
            low, high = percentile_interval(np.exp(rates[:, column]))
            single[model][name] = {"perplexity_low": low, "perplexity_high": high}
        for one, other in PAIRS:
            low, high = percentile_interval(100 * np.expm1(rates[:, place[one]] - rates[:, place[other]]))
            change = float(100 * np.expm1(rate[place[one]] - rate[place[other]]))
            paired.setdefault(f"{one}_against_{other}", {})[name] = {
                "perplexity_percent": change, "perplexity_percent_low": low, "perplexity_percent_high": high,
            }  # fmt: skip
    return single, paired


def make_metrics(inputs: Inputs, probe_summary: Tree, suite_summary: Tree) -> Tree:
    """All that `metrics.json` holds: what tells the models apart first, then how they came about."""
    alarms, warnings = inputs.drift["alarms"], inputs.drift.get("warnings", [])
    bounds, differences = perplexity_intervals(inputs.evaluations, RESAMPLES, SEED)
    metrics = {
        "evaluation": {
            model: {
                name: {**numbers_only, **bounds[model].get(name, {})} for name, numbers_only in evaluation.sets.items()
            }
            for model, evaluation in inputs.evaluations.items()
        },
        "differences": differences,
        "probes": probe_summary,
        "behaviour": suite_summary,
        "training": {
            model: {**document, "best_validation_perplexity": math.exp(document["best_validation_loss"])}
            for model, document in inputs.training.items()
        },
        "rows": {
            "clean": numbers_only(inputs.clean),
            "synthetic": numbers_only(inputs.synthetic),
            "split": numbers_only(inputs.split),
            "filtered": numbers_only(inputs.filtered),
        },
        "drift": {**numbers_only(inputs.drift), "alarms": len(alarms), "warnings": len(warnings)},
    }
    return dict(rounded(metrics))
