"""Propose a column map for an unknown table: by the columns' names, then by what is in them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from brandmlm.data.column_map import ColumnMap
from brandmlm.data.column_names import (
    AUTHORS,
    BODIES,
    DATES,
    DESCRIPTIONS,
    PRODUCT_NAMES,
    RATINGS,
    SUBTITLES,
    TITLES,
    first_of,
    plain_name,
)
from brandmlm.data.values.dates import is_empty, read_date
from brandmlm.data.values.ratings import read_rating

PROPOSAL_ROWS: Final = 2_000  # from the table's start; more do not change the picture

# Shares of a column's values that have to be of a kind.
_MOST: Final = 0.8
_NEARLY_ALL: Final = 0.95

_PROSE_WORDS: Final = 4.0  # words a cell, on average

_WEB = re.compile(r"(?:https?://|www\.)\S+|[\[{].*[\]}]", re.S)
_PERSON = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}")


@dataclass(frozen=True)
class Proposal:
    """A map for a person to confirm."""

    columns: ColumnMap
    reasons: dict[str, str]  # role -> why


def _values(column: pd.Series[str]) -> list[str]:
    return [value.strip() for value in column.dropna() if not is_empty(value)]


def _share(values: list[str], is_one: Callable[[str], object]) -> float:
    return sum(bool(is_one(value)) for value in values) / len(values) if values else 0.0


def _mean_words(values: list[str]) -> float:
    return sum(len(value.split()) for value in values) / len(values) if values else 0.0


def _is_prose(values: list[str]) -> bool:
    """Whether a column holds sentences: words with blanks between, mostly different ones, no addresses or lists."""
    return _is_text(values) and _mean_words(values) >= _PROSE_WORDS and len(set(values)) >= 0.3 * len(values)


def _is_words(values: list[str]) -> bool:
    """Whether a column holds letters."""
    return _share(values, lambda value: re.search(r"[^\W\d_]", value)) >= _MOST


def _is_web(values: list[str]) -> bool:
    """Whether a column holds addresses, or nested objects and lists as JSON."""
    return _share(values, _WEB.fullmatch) >= 0.2


def _is_text(values: list[str]) -> bool:
    """Whether a column holds words, be they few."""
    return _mean_words(values) >= 2 and not _is_web(values)


def _is_stars(value: str) -> bool:
    rating = read_rating(value)
    return rating is not None and rating.number <= (rating.scale or 5)


def _is_star_column(values: list[str]) -> bool:
    return _share(values, _is_stars) >= _MOST


def _is_varied_star_column(values: list[str]) -> bool:
    """The same beyond doubt: not a flag, a row's number, or a number that is mostly larger."""
    ordered = all(one < other for one, other in itertools.pairwise(values))
    return _share(values, _is_stars) >= _NEARLY_ALL and len(set(values)) >= 3 and not ordered


def _is_date_column(values: list[str]) -> bool:
    return _share(values, read_date) >= _MOST


def _is_plain_date_column(values: list[str]) -> bool:
    """The same without Unix time, which other numbers look like."""
    return _is_date_column(values) and not any(value.isdigit() for value in values)


def _is_person_column(values: list[str]) -> bool:
    """Whether a column holds people's names: one to four words, no digits, first letters large, mostly different."""
    named = _share(values, lambda value: _PERSON.fullmatch(value) and value[0].isupper())
    return named >= _MOST and len(set(values)) >= 0.5 * len(values) and _mean_words(values) < _PROSE_WORDS


class _Table:
    """A table's columns by name: those whose name is unique, with their values."""

    def __init__(self, table: pd.DataFrame) -> None:
        names = [str(name) for name in table.columns]
        self.header = [name for name in names if name and names.count(name) == 1]
        self.values = {name: _values(table[name].head(PROPOSAL_ROWS)) for name in self.header}

    def fitting(self, fits: Callable[[list[str]], bool]) -> list[str]:
        """The columns whose values fit."""
        return [name for name in self.header if fits(self.values[name])]


def _find_text(table: _Table) -> tuple[str, tuple[str, ...], str]:
    """The kind of table, the columns of its text, and why."""
    named, texts, prose = table.fitting(_is_words), table.fitting(_is_text), table.fitting(_is_prose)
    body = first_of(BODIES, [name for name in texts if plain_name(name) not in DESCRIPTIONS])
    description = first_of(DESCRIPTIONS, prose)
    name = first_of(PRODUCT_NAMES, named, [description or ""])
    if description and name and not body:
        parts = (name, first_of(SUBTITLES, named), description)
        return "product", tuple(part for part in parts if part), "by name"
    why = "by name" if body or description else "the longest text"
    cells = [name for name in table.header if not _is_web(table.values[name])]
    longest = max(prose or cells, key=lambda name: _mean_words(table.values[name]), default=None)
    chosen = body or description or longest
    title = first_of(TITLES, named, [chosen or ""])
    return "review", tuple(part for part in (title, chosen) if part), why


class _Rule(NamedTuple):
    """How the column of a role is known."""

    names: tuple[str, ...]
    fits: Callable[[list[str]], bool]
    fits_alone: Callable[[list[str]], bool]  # where the name says nothing
    hint: str  # in the names of columns that are preferred
    what: str


_RULES: Final = {
    "rating": _Rule(RATINGS, _is_star_column, _is_varied_star_column, "rat|star|score|overall", "numbers up to 5"),
    "date": _Rule(DATES, _is_date_column, _is_plain_date_column, "date|time|when", "dates"),
    "author": _Rule(AUTHORS, _is_words, _is_person_column, "name|user|author|review|customer", "people's names"),
}


def _find(table: _Table, rule: _Rule, taken: list[str]) -> tuple[str | None, str]:
    """The column of a role that is not taken, and why."""
    named = first_of(rule.names, table.fitting(rule.fits), taken)
    if named:
        return named, "by name"
    found = [name for name in table.fitting(rule.fits_alone) if name not in taken]
    return next((name for name in found if re.search(rule.hint, plain_name(name))), next(iter(found), None)), rule.what


def propose_columns(table: pd.DataFrame) -> Proposal:
    """A map for a table of strings, and why each column was taken. The text is empty where the table has no column."""
    known = _Table(table)
    kind, text, why = _find_text(known)
    taken, reasons = list(text), {"text": why}
    single: dict[str, str | None] = {}
    for role in ("rating",) if kind == "product" else _RULES:
        single[role], reason = _find(known, _RULES[role], taken)
        if found := single[role]:
            taken.append(found)
            reasons[role] = reason
    if len(text) == 1 and not any(single.values()):
        kind = "text"
    return Proposal(ColumnMap(kind, tuple((part,) for part in text), **single), reasons)
