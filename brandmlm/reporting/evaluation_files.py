"""Read the evaluations of all models, and check that they can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from brandmlm.config.variants import VARIANTS
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.evaluation.evaluation_tables import (
    BLOCKED_MASS,
    CASE_NUMBERS,
    PLAIN_FILE,
    PROBES_FILE,
    SUMMARY_FILE,
    TABLE_FILES,
    Evaluation,
    Halves,
)
from brandmlm.evaluation.probes import MASSES
from brandmlm.reporting.checked_reading import read_columns, take, take_number

SET_NUMBERS: Final = ("perplexity", "accuracy", "ece", "rows", "tokens")

PSEUDO_PERPLEXITY: Final = "pseudo_perplexity"  # present where `evaluate.pseudo_perplexity` is set

PROBE_COLUMNS: Final = ("id", "kind", "text", "seed")

CASE_COLUMNS: Final = ("part", "capability", "text", "origin")

PAIR_COLUMNS: Final = ("phenomenon", "good", "bad")

ROW_COLUMNS: Final = ("set", "id", "source", "table", "tokens")


def read_evaluations(folder: Path) -> dict[str, Evaluation]:
    """The evaluation of each model, from its subfolder.

    Raises UserError where something is missing, or where the models were evaluated on different data.
    """
    evaluations = {model: read_evaluation(folder / model) for model in VARIANTS}
    _check_comparable(evaluations, folder)
    return evaluations


def read_evaluation(folder: Path) -> Evaluation:
    """The tables that `evaluate` wrote into a folder."""
    summary = folder / SUMMARY_FILE
    document = read_json(summary)
    sets = {
        name: {key: take_number(values, summary, key) for key in (*SET_NUMBERS, *({PSEUDO_PERPLEXITY} & values.keys()))}
        for name, values in take(document, summary, "sets").items()
    }
    listed = folder / PROBES_FILE
    probes = [
        {key: take(probe, listed, key) for key in PROBE_COLUMNS}
        | {key: take_number(probe, listed, key) for key in MASSES}
        for probe in read_json(listed)
    ]

    def table(name: str, *columns: str) -> pd.DataFrame:
        return read_columns(folder / TABLE_FILES[name], columns)

    predictions = table("predictions", "probe", "rank", "token", "probability")
    if set(predictions["probe"]) != {probe["id"] for probe in probes}:
        path = folder / TABLE_FILES["predictions"]
        raise UserError(f"{path}: holds other probes than {listed}; run `dvc repro` to write both again")
    return Evaluation(
        sets=sets,
        rows=table("rows", *ROW_COLUMNS, "nll"),
        bins=table("bins", "set", "bin", "tokens", "confidence", "correct"),
        probes=pd.DataFrame(probes, columns=[*PROBE_COLUMNS, *MASSES]),
        predictions=predictions.sort_values(["probe", "rank"], ignore_index=True),
        cases=table("cases", *CASE_COLUMNS, *CASE_NUMBERS, BLOCKED_MASS),
        words=table("words", "text", "rank", "token", "probability"),
        phrases=table("phrases", "part", "text", "phrase", "verdict", "tokens", "log_likelihood"),
        pairs=table("pairs", *PAIR_COLUMNS, "good_score", "bad_score"),
        slot_words=take(document, summary, "slot_words"),
        plain=_plain(folder / PLAIN_FILE),
    )


def _plain(path: Path) -> Halves:
    try:
        found: Halves = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not readable ({error}); run `dvc repro` to write it again") from None
    return found


def _check_comparable(evaluations: dict[str, Evaluation], folder: Path) -> None:
    """Raise UserError where two models were evaluated on different rows, masks, probes or cases."""
    first, *others = evaluations
    expected = _evaluated_on(evaluations[first])
    for model in others:
        for what, (file, table) in _evaluated_on(evaluations[model]).items():
            if not table.equals(expected[what][1]):
                raise UserError(
                    f"{folder / model / file}: evaluated on different {what} than {folder / first}; run `dvc repro`"
                )


def _evaluated_on(evaluation: Evaluation) -> dict[str, tuple[str, pd.DataFrame]]:
    """What must be equal for all models, and the file that it is in."""
    rows = evaluation.rows[list(ROW_COLUMNS)].sort_values(["set", "id"], ignore_index=True)
    return {
        "rows": (TABLE_FILES["rows"], rows),
        "probes": (PROBES_FILE, evaluation.probes[list(PROBE_COLUMNS)]),
        "cases": (TABLE_FILES["cases"], evaluation.cases[list(CASE_COLUMNS)]),
        "minimal pairs": (TABLE_FILES["pairs"], evaluation.pairs[list(PAIR_COLUMNS)]),
        "vocabularies": (PLAIN_FILE, pd.DataFrame([evaluation.plain.shape])),
    }
