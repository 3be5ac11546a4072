"""The tree of `details.json`: every number that the report publishes."""

from __future__ import annotations

import math

from brandmlm.evaluation.pair_accuracy import summarise_pairs
from brandmlm.evaluation.perplexity_intervals import perplexity_intervals
from brandmlm.reporting.checked_reading import Tree
from brandmlm.reporting.inputs import Inputs
from brandmlm.reporting.rounding import rounded, rounded_percentages


def make_metrics(inputs: Inputs, probe_summary: Tree, suite_summary: Tree) -> Tree:
    """All metrics: first what tells the models apart, then training, row counts and drift."""
    alarms, warnings = inputs.drift["alarms"], inputs.drift.get("warnings", [])
    bounds, differences = perplexity_intervals({model: each.rows for model, each in inputs.evaluations.items()})
    metrics = {
        "evaluation": {
            model: {name: {**values, **bounds[model].get(name, {})} for name, values in evaluation.sets.items()}
            for model, evaluation in inputs.evaluations.items()
        },
        "differences": rounded_percentages(differences),
        "probes": probe_summary,
        "behaviour": suite_summary,
        "minimal_pairs": {model: summarise_pairs(each.pairs) for model, each in inputs.evaluations.items()},
        "training": {
            model: {**document, "validation_perplexity": math.exp(document["validation_loss"])}
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


def numbers_only(tree: Tree) -> Tree:
    """A copy of a nested mapping without the values that are no numbers."""
    kept: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            kept[key] = numbers_only(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kept[key] = value
    return kept
