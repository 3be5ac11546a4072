"""The pictures of the report."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from tqdm import tqdm

from brandmlm.reporting.figures.evaluation import differences_figure, reliability_figure
from brandmlm.reporting.figures.pipeline import drift_figure, dropped_figure, signals_figure, training_figure
from brandmlm.reporting.figures.probes import masses_figure, moves_figure, substitutions_figure, tokens_figure
from brandmlm.reporting.figures.style import save
from brandmlm.reporting.inputs import Inputs, Tree

SUBSTITUTIONS: Final = 10  # best and as many worst


def write_pictures(
    out: Path, inputs: Inputs, predictions: pd.DataFrame, results: pd.DataFrame, dropped: pd.DataFrame,
    signals: dict[str, int], top: int, differences: Tree,
) -> None:  # fmt: skip
    """Draw the pictures; a progress bar on standard error where that takes more than two seconds."""
    out.mkdir(parents=True, exist_ok=True)
    seeds = results[(results["model"] == "base") & results["seed"]]
    filtered = inputs.filtered
    evaluations = inputs.evaluations
    bins = pd.concat([each.bins.assign(model=model) for model, each in evaluations.items()], ignore_index=True)
    errors = {model: {name: of["ece"] for name, of in each.sets.items()} for model, each in evaluations.items()}
    read = {name: int(of["read"]) for name, of in inputs.clean.items()}
    alarms = [alarm["date"] for alarm in inputs.drift["alarms"]]
    pictures = {
        "reliability": partial(reliability_figure, bins, errors),
        "differences": partial(differences_figure, differences),
        "before_after": partial(tokens_figure, predictions, seeds[seeds["kind"] == "claim"], top),
        "loss": partial(training_figure, inputs.history, "loss"),
        "perplexity": partial(training_figure, inputs.history, "perplexity"),
        "masses": partial(masses_figure, results),
        "dropped_rows": partial(dropped_figure, dropped, read),
        "signals": partial(signals_figure, signals, int(filtered["rows"]), int(filtered["kept"])),
        "drift": partial(drift_figure, inputs.months, alarms),
        **{
            f"substitutions_{row.probe}": partial(
                substitutions_figure, predictions, str(row.probe), str(row.text), SUBSTITUTIONS
            )
            for row in seeds.itertuples()
        },
        **{
            f"moves_{row.probe}": partial(moves_figure, predictions, str(row.probe), str(row.text), top)
            for row in seeds[seeds["kind"] == "claim"].itertuples()
        },
    }
    files = [out / f"{name}.png" for name in pictures]
    with ProcessPoolExecutor(min(len(pictures), os.cpu_count() or 1)) as pool:
        drawn = pool.map(draw, pictures.values(), files)
        list(tqdm(drawn, total=len(files), desc="pictures", unit="picture", delay=2, leave=False))


def draw(figure: Callable[[], Figure], file: Path) -> None:
    save(figure(), file)
