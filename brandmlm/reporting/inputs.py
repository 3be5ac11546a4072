"""What the report reads: counts, drift, training histories and evaluations of the earlier stages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS
from brandmlm.core.files import read_json
from brandmlm.evaluation.evaluation_tables import Evaluation
from brandmlm.reporting.checked_reading import Tree, read_columns, take, take_number
from brandmlm.reporting.evaluation_files import read_evaluations

TRAINING_NUMBERS: Final = ("rows", "steps", "tokens", "epochs", "best_step", "best_checkpoint_loss", "validation_loss")


@dataclass(frozen=True)
class InputFolders:
    """Output folders of the earlier stages."""

    clean: Path
    synthetic: Path
    split: Path
    filtered: Path
    models: Path  # with a folder per trained model
    evaluations: Path  # with a folder per model


@dataclass(frozen=True)
class Inputs:
    clean: Tree  # counts.json of each stage
    synthetic: Tree
    split: Tree
    filtered: Tree
    drift: Tree
    months: pd.DataFrame  # month, reviews, bad, bad_share, alarm
    training: dict[str, Tree]  # by trained model, the `TRAINING_NUMBERS`
    history: pd.DataFrame  # model, step, tokens, split, loss, perplexity
    evaluations: dict[str, Evaluation]  # by model

    @property
    def dropped(self) -> pd.DataFrame:
        """Rows that `clean` dropped: columns source, reason, rows."""
        rows = [(source, *item) for source, counts in self.clean.items() for item in counts["dropped"].items()]
        return pd.DataFrame(rows, columns=["source", "reason", "rows"])

    @property
    def signals(self) -> dict[str, int]:
        """Training rows in which each signal of the filter holds."""
        return {name: int(counts["passed"]) for name, counts in self.filtered["signals"].items()}


def read_inputs(folders: InputFolders) -> Inputs:
    """Read what the earlier stages wrote; raises UserError where something is missing or damaged."""
    training, histories = {}, []
    for model in TRAINED_VARIANTS:
        record, history = folders.models / model / "training.json", folders.models / model / "history.parquet"
        document = read_json(record)
        training[model] = {key: take_number(document, record, key) for key in TRAINING_NUMBERS}
        histories.append(read_columns(history, ("step", "tokens", "split", "loss", "perplexity")).assign(model=model))
    drift = folders.filtered / "drift"
    return Inputs(
        clean=_clean_counts(folders.clean / "counts.json"),
        synthetic=read_json(folders.synthetic / "counts.json"),
        split=read_json(folders.split / "counts.json"),
        filtered=_filter_counts(folders.filtered / "counts.json"),
        drift=_drift(drift.with_suffix(".json")),
        months=read_columns(drift.with_suffix(".parquet"), ("month", "reviews", "bad", "bad_share", "alarm")),
        training=training,
        history=pd.concat(histories, ignore_index=True),
        evaluations=read_evaluations(folders.evaluations),
    )


def _clean_counts(path: Path) -> Tree:
    counts: Tree = read_json(path)
    for source in counts:
        take_number(counts, path, source, "read")
        take(counts, path, source, "dropped")
    return counts


def _filter_counts(path: Path) -> Tree:
    counts: Tree = read_json(path)
    for key in ("rows", "kept"):
        take_number(counts, path, key)
    for name in take(counts, path, "signals"):
        take_number(counts, path, "signals", name, "passed")
    return counts


def _drift(path: Path) -> Tree:
    found: Tree = read_json(path)
    for alarm in take(found, path, "alarms"):
        take(alarm, path, "date")
    return found
