"""The tables of one model's evaluation, and the files that hold them. Imports no torch: `report` reads these files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.core.files import write_json
from brandmlm.data.corpus import write_table


@dataclass(frozen=True)
class Evaluation:
    """The results of one model."""

    sets: dict[str, dict[str, float]]  # test set: rows, tokens, perplexity, accuracy, ece
    rows: pd.DataFrame  # set, id, source, table, tokens, nll, correct; pseudo_nll where it was computed
    bins: pd.DataFrame  # calibration: set, bin, tokens, confidence, correct
    probes: pd.DataFrame  # id, kind, text, seed, wanted_mass, unwanted_mass, in the order of the brand's file
    predictions: pd.DataFrame  # probe, rank, token, probability
    cases: pd.DataFrame  # part, capability, text, origin, wanted_mass, unwanted_mass, in the suite's order
    words: pd.DataFrame  # text (of a case), rank, token, probability
    phrases: pd.DataFrame  # part, text, phrase, verdict, tokens, log_likelihood


# File of each parquet table, by the field's name.
TABLE_FILES: Final = {
    "rows": "rows.parquet",
    "bins": "calibration.parquet",
    "predictions": "probes.parquet",
    "cases": "cases.parquet",
    "words": "words.parquet",
    "phrases": "phrases.parquet",
}

SUMMARY_FILE: Final = "summary.json"

PROBES_FILE: Final = "probes.json"


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write an evaluation into a folder."""
    for name, file in TABLE_FILES.items():
        write_table(getattr(evaluation, name), folder / file)
    write_json(folder / PROBES_FILE, evaluation.probes.to_dict("records"))
    write_json(folder / SUMMARY_FILE, {"sets": evaluation.sets})
