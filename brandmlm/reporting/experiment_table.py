"""Experiments as a table that fits a terminal: a few metrics, and the params that differ."""

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

MISSING: Final = "–"

# Params that have a column each; more share one, a line each.
MAX_COLUMNS: Final = 3

# Sections with a column of their own, in which an entry is named by the first of these keys that it has.
_NAMED: Final = {"base": ("repository", "name", "path", "package"), "sources": ("dataset", "repository", "path")}

_LONGEST: Final = 24  # characters of a name; its end tells most

Row = Mapping[str, Any]
Rows = Sequence[Row]  # as `dvc.api.exp_show` returns them


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


def _section_path(name: str) -> str | None:
    """The path of the base or source that a param belongs to, such as `seed.sources.reviews`; None for others."""
    keys = name.split(".")
    for place, key in enumerate(keys[:2]):
        if key in _NAMED:
            return ".".join(keys[: place + (2 if key == "sources" else 1)])
    return None


def _entry_text(row: Row, path: str) -> str | None:
    """A base or source in a few words: its kind, and the end of its name."""
    section = "sources" if ".sources." in f".{path}" else "base"
    kind = row.get(f"{path}.kind")
    if kind is None:
        return None
    name = next((str(row[key]) for key in (f"{path}.{each}" for each in _NAMED[section]) if row.get(key)), "")
    short = f"…{name[-_LONGEST:]}" if len(name) > _LONGEST else name
    return f"{kind} {short}".strip()


def _heading(name: str) -> str:
    """The last two keys of a param's name: enough to recognise it."""
    return ".".join(name.split(".")[-2:])


def _param_text(value: Any) -> str:
    return MISSING if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _param_columns(rows: Rows, params: Sequence[str]) -> dict[str, list[str]]:
    """The cells of the columns of params, by heading. Bases and sources that differ share a column each, without their
    digests."""
    differing = [name for name in params if len({str(row.get(name)) for row in rows}) > 1]
    paths = list(dict.fromkeys(path for name in differing if (path := _section_path(name))))
    columns = {}
    for section in _NAMED:
        shown = [path for path in paths if path.split(".")[-1 if section == "base" else -2] == section]
        cells = [
            "\n".join(
                text if section == "base" else f"{path.split('.')[-1]}: {text}"
                for path in shown
                if (text := _entry_text(row, path))
            )
            for row in rows
        ]
        if shown:
            columns[section] = [cell or MISSING for cell in cells]
    others = [name for name in varying(rows, params) if _section_path(name) is None]
    if len(others) <= MAX_COLUMNS:
        return columns | {_heading(name): [_param_text(row.get(name)) for row in rows] for name in others}
    lines = [[f"{_heading(name)}={_param_text(row.get(name))}" for name in others] for row in rows]
    return columns | {"params": ["\n".join(each) for each in lines]}


def experiment_table(rows: Rows, params: Sequence[str]) -> Table:
    """A table with a row per experiment; `params`: the names in a row that are params and not metrics."""
    columns, measured = _param_columns(rows, params), varying(rows, list(METRICS))
    table = Table(caption=CAPTION if measured else None, caption_justify="left", box=box.SIMPLE)
    table.add_column("experiment", overflow="fold", min_width=10)
    show_state = any(row.get("State") not in (None, "Success") for row in rows)
    if show_state:
        table.add_column("state")
    for name in measured:
        table.add_column(METRICS[name], justify="right")
    for heading in columns:
        table.add_column(heading, justify="left", overflow="fold", min_width=8)
    for place, row in enumerate(rows):
        label = row.get("Experiment") or row["rev"]
        cells = [str(label) if row["typ"] == "baseline" else f"  {label}"]
        cells += [str(row.get("State") or "").lower()] if show_state else []
        cells += [MISSING if row.get(name) is None else number(row[name]) for name in measured]
        cells += [cells_of[place] for cells_of in columns.values()]
        table.add_row(*(Text(cell) for cell in cells))
    return table
