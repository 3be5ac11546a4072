"""Experiments as a table that fits a terminal: a few metrics, and the params that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from brandmlm.reporting.decisive import MEANINGS, SHARES
from brandmlm.reporting.formatting import exact_percent, number

# Metrics with a column, of those that DVC shows: the table fits 80 columns.
METRICS: Final = ("claims", "rivals", "denials", "real", "mixed")

MISSING: Final = "–"

# Params with a column each: at most so many, with cells at most so wide. Otherwise all are listed below the metrics, so
# that the table of the metrics does not grow with what differs.
MAX_COLUMNS: Final = 2

MAX_WIDTH: Final = 20  # characters

MAX_HEADING: Final = 13  # characters of a line

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


def _differing_params(rows: Rows, params: Sequence[str]) -> dict[str, list[str]]:
    """What differs, by heading: a cell per row. Bases and sources take a heading each, without their digests."""
    differing = [name for name in params if len({str(row.get(name)) for row in rows}) > 1]
    paths = list(dict.fromkeys(path for name in differing if (path := _section_path(name))))
    found = {}
    for path in paths:
        cells = [_entry_text(row, path) or MISSING for row in rows]
        found[".".join(path.split(".")[1:])] = cells  # without the profile
    others = [name for name in varying(rows, params) if _section_path(name) is None]
    return found | {_heading(name): [_param_text(row.get(name)) for row in rows] for name in others}


def _caption(measured: Sequence[str]) -> str | None:
    """What the shown metrics are, a line each."""
    return "\n".join(("of v2:", *(f"{name}: {MEANINGS[name]}" for name in measured))) if measured else None


def _name(row: Row) -> str:
    label = str(row.get("Experiment") or row["rev"])
    return label if row["typ"] == "baseline" else f"  {label}"


def _metric_text(name: str, value: Any) -> str:
    if value is None:
        return MISSING
    return exact_percent(value) if name in SHARES else number(value)


def _param_list(rows: Rows, found: Mapping[str, Sequence[str]]) -> Table:
    """Per experiment a line for every param that differs."""
    table = Table(box=box.SIMPLE)
    table.add_column("experiment", overflow="fold", min_width=10)
    table.add_column("params that differ", overflow="fold")
    for place, row in enumerate(rows):
        lines = [f"{name} = {cells[place]}" for name, cells in found.items() if cells[place] != MISSING]
        table.add_row(Text(_name(row)), Text("\n".join(lines) or MISSING))
    return table


def experiment_table(rows: Rows, params: Sequence[str]) -> RenderableType:
    """A table with a row per experiment; `params`: the names in a row that are params and not metrics."""
    found, measured = _differing_params(rows, params), varying(rows, METRICS)
    cells_of = list(found.values())
    widest = max((len(cell) for cells in cells_of for cell in cells), default=0)
    beside = len(found) <= MAX_COLUMNS and widest <= MAX_WIDTH
    table = Table(caption=_caption(measured), caption_justify="left", box=box.SIMPLE)
    table.add_column("experiment", overflow="fold", min_width=10)
    show_state = any(row.get("State") not in (None, "Success") for row in rows)
    if show_state:
        table.add_column("state")
    for name in measured:
        table.add_column(name, justify="right", no_wrap=True)
    for heading in found if beside else ():
        shown = heading if len(heading) <= MAX_HEADING else heading.replace(".", ".\n")
        table.add_column(shown, justify="left", overflow="fold", min_width=8)
    for place, row in enumerate(rows):
        cells = [_name(row)]
        cells += [str(row.get("State") or "").lower()] if show_state else []
        cells += [_metric_text(name, row.get(name)) for name in measured]
        cells += [each[place] for each in cells_of] if beside else []
        table.add_row(*(Text(cell) for cell in cells))
    return table if beside else Group(table, _param_list(rows, found))
