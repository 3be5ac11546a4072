"""Print the experiments of the current commit as a table that fits a terminal.

It is what `dvc exp show` knows, cut down to the params that differ and the few metrics that tell experiments apart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import dvc.api
from dvc.exceptions import DvcException
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from ruamel.yaml import YAML

from brandmlm.commands.revisions import need_repository
from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError
from brandmlm.reporting.formatting import number

# Metric: its column. Perplexities first, then words among the likeliest of a claim.
METRICS: Final = {
    "evaluation.full.real.perplexity": "v1 real",
    "evaluation.filtered.real.perplexity": "v2 real",
    "evaluation.filtered.general.perplexity": "v2 general",
    "probes.full.claim.unwanted_in_top": "v1 unwanted",
    "probes.filtered.claim.wanted_in_top": "v2 wanted",
    "probes.filtered.claim.unwanted_in_top": "v2 unwanted",
}

CAPTION: Final = "real, general: perplexity on that text; wanted, unwanted: words among the likeliest of a claim"


def leaves(document: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The full names of a nested mapping's values, keys joined by dots."""
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def differing(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    """The names whose values are not the same in all rows that have one."""
    return [name for name in names if len({str(row[name]) for row in rows if row.get(name) is not None}) > 1]


def short(name: str) -> str:
    """The last two keys of a param's name: what tells it apart in a heading."""
    return ".".join(name.split(".")[-2:])


def table(rows: Sequence[Mapping[str, Any]], params: Sequence[str]) -> Table:
    """Rows of `dvc.api.exp_show` as a table; `params`: the names that are params and not metrics."""
    varied, measured = differing(rows, params), differing(rows, list(METRICS))
    shown = Table(caption=CAPTION if measured else None, caption_justify="left", box=box.SIMPLE)
    shown.add_column("experiment", overflow="fold")
    states = any(row.get("State") not in (None, "Success") for row in rows)
    if states:
        shown.add_column("state")
    for name in varied:
        shown.add_column(short(name), justify="right", overflow="fold")
    for name in measured:
        shown.add_column(METRICS[name], justify="right")
    for row in rows:
        label = row.get("Experiment") or row["rev"]
        cells = [str(label) if row["typ"] == "baseline" else f"  {label}"]
        cells += [str(row.get("State") or "").lower()] if states else []
        cells += [
            "–" if row.get(name) is None else f"{row[name]:g}" if isinstance(row[name], float) else str(row[name])
            for name in varied
        ]
        cells += ["–" if row.get(name) is None else number(row[name]) for name in measured]
        shown.add_row(*(Text(cell) for cell in cells))
    return shown


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m brandmlm.commands.experiments", description=__doc__.splitlines()[0]
    ).parse_args()
    need_repository("experiments")
    load_params()  # a mistake in the file is named before DVC trips over it
    params = list(leaves(YAML(typ="safe", pure=True).load(Path("params.yaml").read_text(encoding="utf-8"))))
    try:
        rows = dvc.api.exp_show()
    except DvcException as error:
        raise UserError(f"the experiments cannot be read: {error}") from None
    Console().print(table(rows, params))


if __name__ == "__main__":
    run(main, interrupted="nothing was changed")
