"""Draw the pictures of the report: what its pages and pull requests show, and what DVC has no figure for."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from brandmlm.core.lifetime import end_with_parent
from brandmlm.core.progress import progress_counter
from brandmlm.reporting.figures.calibration import reliability_figure
from brandmlm.reporting.figures.differences import differences_figure
from brandmlm.reporting.figures.hero import hero_figure
from brandmlm.reporting.figures.masses import masses_figure
from brandmlm.reporting.figures.moves import moves_figure
from brandmlm.reporting.figures.perplexity import perplexity_figure
from brandmlm.reporting.figures.style import empty_figure, save
from brandmlm.reporting.figures.substitutions import substitutions_figure
from brandmlm.reporting.figures.tokens import tokens_figure
from brandmlm.reporting.figures.training import loss_figure
from brandmlm.reporting.pages import SUBSTITUTIONS
from brandmlm.reporting.report import RunReport

Figures = dict[str, Callable[[], Figure]]


def write_pictures(report: RunReport, out: Path) -> None:
    """Draw all figures as PNG files into a folder, in several processes."""
    out.mkdir(parents=True, exist_ok=True)
    figures = {**_evaluation_figures(report), **_probe_figures(report)}
    files = [out / f"{name}.png" for name in figures]
    with ProcessPoolExecutor(min(len(figures), os.cpu_count() or 1), initializer=end_with_parent) as pool:
        drawn = pool.map(_draw, figures.values(), files)
        with progress_counter("drawing", len(files), "picture") as bar:
            for _ in drawn:
                bar.update()


def _draw(figure: Callable[[], Figure], file: Path) -> None:
    save(figure(), file)


def _evaluation_figures(report: RunReport) -> Figures:
    evaluations = report.inputs.evaluations
    bins = pd.concat([each.bins.assign(model=model) for model, each in evaluations.items()], ignore_index=True)
    errors = {
        model: {name: of["ece"] for name, of in sets.items()} for model, sets in report.metrics["evaluation"].items()
    }
    history = report.inputs.history
    return {
        "perplexity": partial(perplexity_figure, report.metrics["evaluation"], report.metrics["differences"]),
        "loss": partial(loss_figure, history),
        "reliability": partial(reliability_figure, bins, errors),
        "differences": partial(differences_figure, report.metrics["differences"]),
    }


def _probe_figures(report: RunReport) -> Figures:
    """Figures of all probes, and of the original experiment's claims; closer ones of its first claim."""
    claims = report.probes[(report.probes["model"] == "base") & (report.probes["kind"] == "claim")]
    seeds = claims[claims["seed"]]
    figures: Figures = {
        "hero": partial(hero_figure, report.predictions, report.probes),
        "before_after": partial(tokens_figure, report.predictions, seeds, report.top),
        "masses": partial(masses_figure, report.probes),
    }
    figures |= dict.fromkeys(("moves", "substitutions"), partial(empty_figure, "no claim to show"))
    first = (seeds if len(seeds) else claims).head(1)
    for probe, text in zip(first["probe"], first["text"], strict=True):
        part = report.predictions[report.predictions["probe"] == probe]
        figures["moves"] = partial(moves_figure, part, text, report.top)
        figures["substitutions"] = partial(substitutions_figure, part, text, SUBSTITUTIONS)
    return figures
