"""Read the files of earlier stages; what is missing or not finite is an error that names file and key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import read_table

Tree = dict[str, Any]


def take(document: Any, path: Path, *keys: str) -> Any:
    """The value under nested keys; raises UserError where one is missing."""
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            raise UserError(f"{path}: key {'.'.join(keys)!r} is missing; run `dvc repro` to write the file again")
        document = document[key]
    return document


def take_number(document: Any, path: Path, *keys: str) -> float:
    """The finite number under nested keys; raises UserError where there is none."""
    value = take(document, path, *keys)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(
            f"{path}: {'.'.join(keys)} is {value!r}, not a finite number; if training diverged, lower "
            "train.learning_rate; else run `dvc repro` to write the file again"
        )
    return value


def read_columns(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The given columns of a parquet table; raises UserError where one is missing."""
    table = read_table(path)
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise UserError(f"{path}: column {missing[0]!r} is missing; run `dvc repro` to write the file again")
    return table[list(columns)]
