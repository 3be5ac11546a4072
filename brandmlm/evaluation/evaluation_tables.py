"""The tables of one model's evaluation, and the files that hold them. Imports no torch: `report` reads these files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from brandmlm.core.files import write_json
from brandmlm.data.corpus import write_table

Halves = npt.NDArray[np.float16]

# Of every case: probability mass at its mask, and the share of pairs of a held-out wanted and a held-out unwanted word
# in which the wanted one is likelier.
CASE_NUMBERS: Final = (
    "wanted_mass", "unwanted_mass", "wanted_held_out_mass", "unwanted_held_out_mass", "held_out_preference",
)  # fmt: skip

BLOCKED_MASS: Final = "unwanted_used_mass"  # of the unwanted words that training uses (see `blocked_words`)

PLAIN: Final = "plain_english"  # the capability whose sentences are the plain ones


@dataclass(frozen=True)
class Evaluation:
    """The results of one model."""

    sets: dict[str, dict[str, float]]  # test set: rows, tokens, perplexity, accuracy, ece
    rows: pd.DataFrame  # set, id, source, table, tokens, nll, correct; pseudo_nll where it was computed
    bins: pd.DataFrame  # calibration: set, bin, tokens, confidence, correct
    probes: pd.DataFrame  # id, kind, text, seed, wanted_mass, unwanted_mass, in the order of the brand's file
    predictions: pd.DataFrame  # probe, rank, token, probability
    cases: pd.DataFrame  # part, capability, text, origin, the `CASE_NUMBERS`, `BLOCKED_MASS`, in the suite's order
    words: pd.DataFrame  # text (of a case), rank, token, probability
    phrases: pd.DataFrame  # part, text, phrase, verdict, tokens, log_likelihood
    pairs: pd.DataFrame  # minimal pairs: phenomenon, good, bad, good_score, bad_score
    slot_words: Sequence[str]  # that the suite's slots ask for
    plain: Halves  # log-probabilities at the mask of the plain sentences: float16 (sentences, vocabulary)


# File of each parquet table, by the field's name.
TABLE_FILES: Final = {
    "rows": "rows.parquet",
    "bins": "calibration.parquet",
    "predictions": "probes.parquet",
    "cases": "cases.parquet",
    "words": "words.parquet",
    "phrases": "phrases.parquet",
    "pairs": "pairs.parquet",
}

PLAIN_FILE: Final = "plain.npy"

SUMMARY_FILE: Final = "summary.json"

PROBES_FILE: Final = "probes.json"


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write an evaluation into a folder."""
    for name, file in TABLE_FILES.items():
        write_table(getattr(evaluation, name), folder / file)
    np.save(folder / PLAIN_FILE, evaluation.plain)
    write_json(folder / PROBES_FILE, evaluation.probes.to_dict("records"))
    write_json(folder / SUMMARY_FILE, {"sets": evaluation.sets, "slot_words": list(evaluation.slot_words)})
