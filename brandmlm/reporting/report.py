"""The report: what base, v1 and v2 predict, compared, before it becomes metrics, pages, pictures and plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.core.errors import UserError
from brandmlm.evaluation.behaviour import Answers, SuiteSummary, examine, summarise_suite
from brandmlm.evaluation.blocked_words import block_words
from brandmlm.evaluation.divergence import with_divergence
from brandmlm.evaluation.evaluation_tables import Evaluation
from brandmlm.evaluation.probes import MASSES, PROBE_MEASURES, count_top, summarise_probes
from brandmlm.evaluation.word_verdicts import WordVerdicts, with_verdicts
from brandmlm.reporting.checked_reading import Tree
from brandmlm.reporting.inputs import Inputs
from brandmlm.reporting.metrics import make_metrics
from brandmlm.reporting.rounding import with_rounded


@dataclass(frozen=True)
class RunReport:
    """Everything that is published; numbers are rounded, after the metrics were computed from exact ones."""

    inputs: Inputs
    top: int  # number of likeliest tokens that count
    predictions: pd.DataFrame  # model, probe, rank, token, probability, verdict, held_out
    probes: pd.DataFrame  # model, probe, kind, text, seed and the `PROBE_MEASURES`
    outcomes: pd.DataFrame  # of the behaviour suite: see `evaluation.behaviour`
    suite: SuiteSummary
    metrics: Tree  # details.json


def make_report(inputs: Inputs, lexicon: Lexicon, top: int) -> RunReport:
    """Compare the models; raises UserError where fewer than `top` words were kept of a behaviour case."""
    verdicts = WordVerdicts(lexicon)
    predictions = with_verdicts(_of_all(inputs.evaluations, "predictions"), verdicts)
    probes = _probe_results(inputs.evaluations, count_top(predictions, top))
    outcomes = examine(_answers(inputs.evaluations, lexicon, verdicts, top), lexicon, top)
    suite = summarise_suite(outcomes)
    metrics = make_metrics(inputs, summarise_probes(probes), suite)
    predictions, probes = with_rounded(predictions, "probability"), with_rounded(probes, *MASSES)
    return RunReport(_rounded_inputs(inputs), top, predictions, probes, outcomes, suite, metrics)


def _rounded_inputs(inputs: Inputs) -> Inputs:
    """The same inputs with rounded training curves and calibration bins, from which figures are drawn."""
    evaluations = {
        model: replace(each, bins=with_rounded(each.bins, "confidence")) for model, each in inputs.evaluations.items()
    }
    return replace(inputs, history=with_rounded(inputs.history, "loss", "perplexity"), evaluations=evaluations)


def _of_all(evaluations: Mapping[str, Evaluation], table: str) -> pd.DataFrame:
    """One of the tables, of all models, with a column `model`."""
    tables: list[pd.DataFrame] = [getattr(each, table).assign(model=model) for model, each in evaluations.items()]
    return pd.concat(tables, ignore_index=True)


def _probe_results(evaluations: Mapping[str, Evaluation], counts: pd.DataFrame) -> pd.DataFrame:
    """Masses and counts per model and probe, models and probes in their own order."""
    probes = _of_all(evaluations, "probes").rename(columns={"id": "probe"})
    results = probes.merge(counts, on=["model", "probe"], how="left", validate="1:1")
    return results[["model", "probe", "kind", "text", "seed", *PROBE_MEASURES]]


def _answers(evaluations: Mapping[str, Evaluation], lexicon: Lexicon, verdicts: WordVerdicts, top: int) -> Answers:
    """What all models, and base with the lists blocked, answered in the behaviour suite: the `top` likeliest words with
    their verdicts."""
    words = _of_all(evaluations, "words")
    kept = int(words["rank"].max()) if len(words) else top
    if kept < top:
        raise UserError(
            f"params.yaml: report.top is {top}, but only {kept} words are kept of each behaviour case; lower it"
        )
    cases = with_divergence(evaluations)
    blocked, left = block_words(cases[cases["model"] == "base"], words[words["model"] == "base"], lexicon)
    words = pd.concat([words[words["rank"] <= top], left[left["rank"] <= top]], ignore_index=True)
    return Answers(
        pd.concat([cases, blocked], ignore_index=True),
        with_verdicts(words, verdicts),
        _of_all(evaluations, "phrases"),
        evaluations["base"].slot_words,
    )
