"""Map the rows of raw tables to rows of repaired text, without personal data.

Columns are read as columns: the order of dates, the scale of ratings and what an export left in the texts are told by
all values together. The author's name is read to remove it from the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from brandmlm.core.progress import progress_bar
from brandmlm.data.brand_context import NO_BRAND, BrandContext
from brandmlm.data.corpus import row_id
from brandmlm.data.grouping import product_group
from brandmlm.data.product_names import product_key
from brandmlm.data.raw_source import RawSource
from brandmlm.data.row_text import join_parts
from brandmlm.data.values.dates import DateColumn, read_dates
from brandmlm.data.values.ratings import RatingColumn, read_ratings
from brandmlm.text.export_leftovers import find_leftovers, remove_leftovers
from brandmlm.text.glued import unglue_blocks
from brandmlm.text.plain import are_plain
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import scrub_name
from brandmlm.text.sentences import words

# `row` counts the readable rows from 1; `file` and `line` say where a row begins.
ROW_COLUMNS: Final = ("source", "row", "file", "line", "text", "group", "rating", "date")


@dataclass(frozen=True)
class MappedSource:
    """The rows of a source, and what its columns did not say."""

    rows: pd.DataFrame  # with `ROW_COLUMNS`
    unreadable_dates: int | None  # values that are null now; None: no such column
    unreadable_ratings: int | None
    notes: list[str]  # about columns, for the user
    warnings: list[str]  # about columns of which nothing was read


def _text_group(text: str) -> str:
    """The group of a text by itself: texts with the same words share it."""
    return f"text:{row_id(' '.join(words(text)))}"


def _named_group(name: str, text: str) -> str:
    """The group of a product's rows, by its name."""
    key = product_key(name)
    return product_group(key) if key else f"text:{row_id(text)}"


def _cells(table: pd.DataFrame, column: str | None, default: str = "") -> list[str]:
    """A column as strings; `default` for missing values, and for all rows if the column is missing."""
    if column not in table.columns:
        return [default] * len(table)
    return [default if pd.isna(value) else str(value) for value in table[column]]


def _series(table: pd.DataFrame, column: str) -> pd.Series[str]:
    """A column as strings, null where a value is missing."""
    return table[column].astype("string").astype("str")


class _TextColumn:
    """Repairs the cells of one column of text."""

    def __init__(self, cells: Sequence[str], brand: BrandContext, *, blocks_lost: bool = False) -> None:
        """`blocks_lost`: whether these are the texts of pages without their markup, where blocks end."""
        leftovers = find_leftovers(cells)
        self._cells = [remove_leftovers(text, leftovers) for text in cells] if leftovers else cells
        self._plain = are_plain(self._cells)
        self._handles = brand.handles
        self._blocks_lost = blocks_lost

    def __getitem__(self, row: int) -> str:
        text = self._cells[row]
        if not self._plain[row]:
            text = repair(text, self._handles)
        return repair(unglue_blocks(text), self._handles) if self._blocks_lost else text


def _text_parts(raw: RawSource, brand: BrandContext) -> list[list[_TextColumn]]:
    """The columns of the text, by part. In a product table, choices after the first are the text without its markup."""
    return [
        [
            _TextColumn(_cells(raw.rows, column), brand, blocks_lost=raw.table == "product" and choice > 0)
            for choice, column in enumerate(columns)
        ]
        for columns in raw.text_columns
    ]


def _first_filled(choices: Sequence[_TextColumn], row: int) -> str:
    return next((text for column in choices if (text := column[row])), "")


def _read_texts(raw: RawSource, brand: BrandContext) -> tuple[list[str], list[str]]:
    """The text and the group of every row."""
    columns, authors, named = _text_parts(raw, brand), _cells(raw.rows, "author"), _cells(raw.rows, "group")
    texts, groups = [], []
    for row in progress_bar(f"repairing {raw.name}", range(len(raw.rows))):
        parts = [_first_filled(choices, row) for choices in columns]
        name = repair(named[row], brand.handles) or (parts[0] if raw.table == "product" and len(parts) > 1 else "")
        text = join_parts(raw.table, [scrub_name(part, authors[row], brand.never_names) for part in parts])
        texts.append(text)
        groups.append(_named_group(name, text) if name or raw.table == "product" else _text_group(text))
    return texts, groups


def _read_values(raw: RawSource) -> tuple[RatingColumn | None, DateColumn | None]:
    ratings = dates = None
    if "rating" in raw.rows.columns:
        ratings = read_ratings(_series(raw.rows, "rating"), raw.origin.get("rating_scale"))
    if "date" in raw.rows.columns:
        setting = f"sources.{raw.name}.date_format in params.yaml"
        dates = read_dates(_series(raw.rows, "date"), raw.origin.get("date_format"), setting)
    return ratings, dates


def _remarks(raw: RawSource, ratings: RatingColumn | None, dates: DateColumn | None) -> tuple[list[str], list[str]]:
    """Notes about columns that were not read as they are, and warnings about those that were lost as a whole."""
    found: list[tuple[str | None, bool]] = []
    setting = f"sources.{raw.name}.{{}} in params.yaml"
    if ratings:
        lost = ratings.unreadable > 0 and not ratings.stars.notna().any()
        found.append((ratings.note(raw.columns["rating"], setting.format("rating_scale")), lost))
    if dates:
        lost = dates.unreadable > 0 and not dates.dates.notna().any()
        found.append((dates.warning(raw.columns["date"], setting.format("date_format")), lost))
    return [said for said, lost in found if said and not lost], [said for said, lost in found if said and lost]


def _table(source: str, columns: dict[str, Any]) -> pd.DataFrame:
    rows = pd.DataFrame({"source": source, **columns}, columns=list(ROW_COLUMNS))
    return rows.astype({"rating": "Int64", "date": "string", "file": "string", "line": "Int64"})


def map_source(raw: RawSource, brand: BrandContext = NO_BRAND) -> MappedSource:
    """Map a raw source to rows: as many, in their order. The brand's words are no reviewer's name."""
    ratings, dates = _read_values(raw)
    texts, groups = _read_texts(raw, brand)
    missing = [None] * len(texts)
    rows = _table(
        raw.name,
        {
            "row": range(1, len(texts) + 1),
            "file": raw.rows["file"].to_numpy(),
            "line": raw.rows["line"].to_numpy(),
            "text": texts,
            "group": groups,
            "rating": ratings.stars.array if ratings else missing,
            "date": dates.dates.array if dates else missing,
        },
    )
    notes, warnings = _remarks(raw, ratings, dates)
    return MappedSource(
        rows, dates.unreadable if dates else None, ratings.unreadable if ratings else None, notes, warnings
    )


def map_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Map a table with the column `text`, and optionally `rating`, `date`, `group`, `author` and `source`, to rows with
    `ROW_COLUMNS`: as many, in their order; `row` counts from 1."""
    column = _TextColumn(_cells(table, "text"), NO_BRAND)
    authors, groups = _cells(table, "author"), _cells(table, "group")
    texts = [scrub_name(column[row], authors[row]) for row in progress_bar("repairing", range(len(table)))]
    missing = [None] * len(table)
    rows = _table(
        "table",
        {
            "row": range(1, len(table) + 1),
            "file": missing,
            "line": missing,
            "text": texts,
            "group": [group or _text_group(text) for group, text in zip(groups, texts, strict=True)],
            "rating": read_ratings(_series(table, "rating")).stars.array if "rating" in table.columns else missing,
            "date": read_dates(_series(table, "date")).dates.array if "date" in table.columns else missing,
        },
    )
    return rows.assign(source=_cells(table, "source", "table"))
