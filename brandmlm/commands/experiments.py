"""`brand-mlm experiments`: the experiments of the current commit as a table that fits a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console

from brandmlm.commands.git import need_repository
from brandmlm.commands.project import enter_project
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm experiments"


def experiments() -> None:
    """Show the experiments of the current commit in a table.

    Its columns are the params that differ and the most telling metrics.
    """
    enter_project()
    need_repository("experiments")

    import dvc.api
    from dvc.exceptions import DvcException

    from brandmlm.config.params.reading import load_params
    from brandmlm.config.params.sections import read_document
    from brandmlm.reporting.experiment_table import experiment_table, full_names

    load_params()  # reports a mistake in the file before DVC fails on it
    params = list(full_names(read_document(Path("params.yaml"))))
    try:
        rows = dvc.api.exp_show()
    except DvcException as error:
        raise UserError(f"the experiments cannot be read: {error}") from None
    Console().print(experiment_table(rows, params))
