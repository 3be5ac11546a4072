"""Experiments as a table that fits a terminal: the params that differ, and a few metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.table import Table
from rich.text import Text

from brandmlm.reporting.formatting import number

# The column of each metric: perplexities, then words among the likeliest of a claim.
METRICS: Final = {
    "evaluation.full.real.perplexity": "v1 real",
    "evaluation.filtered.real.perplexity": "v2 real",
    "evaluation.filtered.general.perplexity": "v2 general",
    "probes.full.claim.unwanted_in_top": "v1 unwanted",
    "probes.filtered.claim.wanted_in_top": "v2 wanted",
    "probes.filtered.claim.unwanted_in_top": "v2 unwanted",
}

CAPTION: Final = "real, general: perplexity on that text; wanted, unwanted: words among the likeliest of a claim"

Rows = Sequence[Mapping[str, Any]]  # as `dvc.api.exp_show` returns them


def full_names(document: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The names of a nested mapping's values, with their keys joined by dots."""
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield from full_names(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def varying(rows: Rows, names: Sequence[str]) -> list[str]:
    """The names whose values differ among the rows that have one."""
    return [name for name in names if len({str(row[name]) for row in rows if row.get(name) is not None}) > 1]


def _heading(name: str) -> str:
    """The last two keys of a param's name: enough to recognise it."""
    return ".".join(name.split(".")[-2:])


def _param_text(value: Any) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def experiment_table(rows: Rows, params: Sequence[str]) -> Table:
    """A table with a row per experiment; `params`: the names in a row that are params and not metrics."""
    varied, measured = varying(rows, params), varying(rows, list(METRICS))
    table = Table(caption=CAPTION if measured else None, caption_justify="left", box=box.SIMPLE)
    table.add_column("experiment", overflow="fold")
    show_state = any(row.get("State") not in (None, "Success") for row in rows)
    if show_state:
        table.add_column("state")
    for name in varied:
        table.add_column(_heading(name), justify="right", overflow="fold")
    for name in measured:
        table.add_column(METRICS[name], justify="right")
    for row in rows:
        label = row.get("Experiment") or row["rev"]
        cells = [str(label) if row["typ"] == "baseline" else f"  {label}"]
        cells += [str(row.get("State") or "").lower()] if show_state else []
        cells += [_param_text(row.get(name)) for name in varied]
        cells += ["–" if row.get(name) is None else number(row[name]) for name in measured]
        table.add_row(*(Text(cell) for cell in cells))
    return table
