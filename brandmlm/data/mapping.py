"""Map the rows of raw tables to rows of repaired text, without personal data.

Columns are read as columns: the order of dates, the scale of ratings and what an export left in the texts are told by
all values together. The author's name is read to remove it from the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from brandmlm.core.progress import progress_bar
from brandmlm.data.brand_context import NO_BRAND, BrandContext
from brandmlm.data.corpus import row_id
from brandmlm.data.grouping import product_group
from brandmlm.data.product_names import product_key
from brandmlm.data.raw_source import RawSource
from brandmlm.data.row_text import join_parts
from brandmlm.data.values.dates import DateOrder, DateSummary, DateSurvey, apply_order, read_dates
from brandmlm.data.values.ratings import RatingSummary, RatingSurvey, apply_scale, read_ratings
from brandmlm.text.export_leftovers import ExportLeftovers, LeftoverSurvey, find_leftovers, remove_leftovers
from brandmlm.text.glued import unglue_blocks
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import scrub_name
from brandmlm.text.sentences import words

_MANY: Final = 2_000  # texts; from here on it pays to look which need no repair

# `row` counts the readable rows from 1; `file` and `line` say where a row begins.
ROW_COLUMNS: Final = ("source", "row", "file", "line", "text", "group", "rating", "date")


@dataclass(frozen=True)
class MappedColumns:
    """What the columns of a source did not say."""

    unreadable_dates: int | None  # values that are null now; None: no such column
    unreadable_ratings: int | None
    notes: list[str]  # about columns, for the user
    warnings: list[str]  # about columns of which nothing was read


@dataclass(frozen=True)
class MappedSource(MappedColumns):
    """The rows of a source, and what its columns did not say."""

    rows: pd.DataFrame  # with `ROW_COLUMNS`


@dataclass(frozen=True)
class MappedPart:
    """The rows of a part of a source, and what is to be said of its columns."""

    rows: pd.DataFrame  # with `ROW_COLUMNS`
    ratings: RatingSummary | None
    dates: DateSummary | None


@dataclass
class ColumnSurvey:
    """What the columns of a source show; fed by parts."""

    ratings: RatingSurvey | None = None  # None: no such column
    dates: DateSurvey | None = None
    leftovers: dict[str, LeftoverSurvey] = field(default_factory=dict)  # by column of text

    def merge(self, other: ColumnSurvey) -> None:
        """Add what the same columns of another part show."""
        if self.ratings and other.ratings:
            self.ratings.merge(other.ratings)
        if self.dates and other.dates:
            self.dates.merge(other.dates)
        for column, survey in self.leftovers.items():
            survey.merge(other.leftovers[column])


@dataclass(frozen=True)
class SettledColumns:
    """What only the whole columns of a source tell."""

    scale: float | None  # of the ratings
    order: DateOrder | None  # of the dates; None: no such column
    leftovers: dict[str, ExportLeftovers]  # by column of text


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
    """Repairs the cells of one column of text, or of a part of it."""

    def __init__(
        self, cells: Sequence[str], leftovers: ExportLeftovers, brand: BrandContext, *, blocks_lost: bool = False
    ) -> None:
        """
        Args:
            cells: The texts.
            leftovers: What the whole column shows.
            brand: Its handles stay.
            blocks_lost: Whether these are the texts of pages without their markup, where blocks end.
        """
        self._cells = [remove_leftovers(text, leftovers) for text in cells] if leftovers else cells
        self._plain = self._find_plain() if len(cells) >= _MANY else [False] * len(cells)
        self._handles = brand.handles
        self._blocks_lost = blocks_lost

    def _find_plain(self) -> list[bool]:
        from brandmlm.text.plain import are_plain  # imports polars, 0.1 s

        return are_plain(self._cells)

    def __getitem__(self, row: int) -> str:
        text = self._cells[row]
        if not self._plain[row]:
            text = repair(text, self._handles)
        return repair(unglue_blocks(text), self._handles) if self._blocks_lost else text


def _text_parts(raw: RawSource, settled: SettledColumns, brand: BrandContext) -> list[list[_TextColumn]]:
    """The columns of the text, by part. In a product table, choices after the first are the text without its markup."""
    return [
        [
            _TextColumn(
                _cells(raw.rows, column),
                settled.leftovers[column],
                brand,
                blocks_lost=raw.table == "product" and choice > 0,
            )
            for choice, column in enumerate(columns)
        ]
        for columns in raw.text_columns
    ]


def _first_filled(choices: Sequence[_TextColumn], row: int) -> str:
    return next((text for column in choices if (text := column[row])), "")


def _read_texts(
    raw: RawSource, settled: SettledColumns, brand: BrandContext, *, shown: bool
) -> tuple[list[str], list[str]]:
    """The text and the group of every row; `shown`: whether a progress bar is."""
    columns, authors, named = _text_parts(raw, settled, brand), _cells(raw.rows, "author"), _cells(raw.rows, "group")
    texts, groups = [], []
    rows = range(len(raw.rows))
    for row in progress_bar(f"repairing {raw.name}", rows) if shown else rows:
        parts = [_first_filled(choices, row) for choices in columns]
        name = repair(named[row], brand.handles) or (parts[0] if raw.table == "product" and len(parts) > 1 else "")
        text = join_parts(raw.table, [scrub_name(part, authors[row], brand.never_names) for part in parts])
        texts.append(text)
        groups.append(_named_group(name, text) if name or raw.table == "product" else _text_group(text))
    return texts, groups


def _remarks(raw: RawSource, ratings: RatingSummary | None, dates: DateSummary | None) -> tuple[list[str], list[str]]:
    """Notes about columns that were not read as they are, and warnings about those that were lost as a whole."""
    found: list[tuple[str | None, bool]] = []
    setting = f"sources.{raw.name}.{{}} in params.yaml"
    if ratings:
        lost = ratings.unreadable > 0 and not ratings.read
        found.append((ratings.note(raw.columns["rating"], setting.format("rating_scale")), lost))
    if dates:
        lost = dates.unreadable > 0 and not dates.read
        found.append((dates.warning(raw.columns["date"], setting.format("date_format")), lost))
    return [said for said, lost in found if said and not lost], [said for said, lost in found if said and lost]


def _table(source: str, columns: dict[str, Any]) -> pd.DataFrame:
    rows = pd.DataFrame({"source": source, **columns}, columns=list(ROW_COLUMNS))
    return rows.astype({"rating": "Int64", "date": "string", "file": "string", "line": "Int64"})


def survey_columns(raw: RawSource) -> ColumnSurvey:
    """Look at the columns of a source, or of a part of it."""
    survey = ColumnSurvey()
    if "rating" in raw.rows.columns:
        survey.ratings = RatingSurvey()
        survey.ratings.add(_series(raw.rows, "rating").dropna())
    if "date" in raw.rows.columns:
        survey.dates = DateSurvey()
        survey.dates.add(_series(raw.rows, "date").dropna().unique())
    for column in (name for part in raw.text_columns for name in part):
        survey.leftovers[column] = LeftoverSurvey()
        survey.leftovers[column].add(_cells(raw.rows, column))
    return survey


def settle_columns(survey: ColumnSurvey, name: str, origin: Mapping[str, Any]) -> SettledColumns:
    """Settle what only whole columns tell.

    Args:
        survey: Of all parts of the source.
        name: The source's, for messages.
        origin: Its origin.json, which has what the user says about the columns.

    Raises:
        UserError: The user's `date_format` is none.
    """
    setting = f"sources.{name}.date_format in params.yaml"
    return SettledColumns(
        scale=survey.ratings.settle(origin.get("rating_scale")) if survey.ratings else None,
        order=survey.dates.settle(origin.get("date_format"), setting) if survey.dates else None,
        leftovers={column: each.settle() for column, each in survey.leftovers.items()},
    )


def map_part(
    raw: RawSource, settled: SettledColumns, brand: BrandContext, first_row: int = 1, *, shown: bool = False
) -> MappedPart:
    """Map a source, or a part of it, to rows: as many, in their order.

    Args:
        raw: The rows.
        settled: What the whole columns tell.
        brand: Its words are no reviewer's name.
        first_row: The number of the first row in its source.
        shown: Whether a progress bar is.
    """
    ratings = apply_scale(_series(raw.rows, "rating"), settled.scale) if "rating" in raw.rows.columns else None
    dates = apply_order(_series(raw.rows, "date"), settled.order) if settled.order else None
    texts, groups = _read_texts(raw, settled, brand, shown=shown)
    missing = [None] * len(texts)
    rows = _table(
        raw.name,
        {
            "row": range(first_row, first_row + len(texts)),
            "file": raw.rows["file"].to_numpy(),
            "line": raw.rows["line"].to_numpy(),
            "text": texts,
            "group": groups,
            "rating": ratings.stars.array if ratings else missing,
            "date": dates.dates.array if dates else missing,
        },
    )
    return MappedPart(rows, ratings, dates)


def describe_mapped(raw: RawSource, ratings: RatingSummary | None, dates: DateSummary | None) -> MappedColumns:
    """What the columns of a source did not say."""
    notes, warnings = _remarks(raw, ratings, dates)
    return MappedColumns(dates.unreadable if dates else None, ratings.unreadable if ratings else None, notes, warnings)


def map_source(raw: RawSource, brand: BrandContext = NO_BRAND) -> MappedSource:
    """Map a raw source to rows: as many, in their order. The brand's words are no reviewer's name."""
    settled = settle_columns(survey_columns(raw), raw.name, raw.origin)
    mapped = map_part(raw, settled, brand, shown=True)
    columns = describe_mapped(raw, mapped.ratings, mapped.dates)
    return MappedSource(
        columns.unreadable_dates, columns.unreadable_ratings, columns.notes, columns.warnings, mapped.rows
    )


def map_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Map a table with the column `text`, and optionally `rating`, `date`, `group`, `author` and `source`, to rows with
    `ROW_COLUMNS`: as many, in their order; `row` counts from 1."""
    cells = _cells(table, "text")
    column = _TextColumn(cells, find_leftovers(cells), NO_BRAND)
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
