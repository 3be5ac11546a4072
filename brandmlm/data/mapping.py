"""Map the rows of raw tables to rows of repaired text, without personal data.

Only the columns named here are read; the author's name is read to remove it from the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from brandmlm.core.progress import progress_bar
from brandmlm.data.cells import parse_date, parse_stars
from brandmlm.data.corpus import row_id
from brandmlm.data.product_names import product_key
from brandmlm.text.glued import unglue_blocks
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import scrub_name
from brandmlm.text.sentences import join_sentences, join_title, words

ROW_COLUMNS: Final = ("source", "row", "text", "group", "rating", "date")

Row = dict[str, Any]  # text, group, rating, date


def _text_group(text: str) -> str:
    """The group of a text by itself: texts with the same words share it."""
    return f"text:{row_id(' '.join(words(text)))}"


def _product_group(name: str, text: str) -> str:
    key = product_key(name)
    return f"product:{key}" if key else f"text:{row_id(text)}"


def review(row: dict[str, str]) -> Row:
    """Title and content, without the reviewer's name."""
    title, body = (scrub_name(repair(row[column]), row["Reviewer"]) for column in ("Title", "Content"))
    text = join_title(title, body)
    return {
        "text": text,
        "group": _text_group(text),
        "rating": parse_stars(row["Star_rating"]),
        "date": parse_date(row["Date"]),
    }


def product(row: dict[str, str]) -> Row:
    """The description, preceded by the name unless the description contains it, as most do."""
    name, description = repair(row["Product Name"]), repair(row["Description"])
    named = f" {' '.join(words(name))} " in f" {' '.join(words(description))} "
    text = description if named else join_sentences([name, description])
    return {"text": text, "group": _product_group(name, text), "rating": parse_stars(row["Rating"]), "date": None}


def catalogue_item(row: dict[str, str]) -> Row:
    """Name and sub-title, which says for whom the product is, then the text of the page: from its HTML, which marks the
    ends of blocks, or else from the plain column, where they are lost."""
    name = repair(row["name"])
    page = repair(row["raw_description"]) or repair(unglue_blocks(repair(row["description"])))
    text = join_sentences([f"{name} {repair(row['sub_title'])}", page])
    return {"text": text, "group": _product_group(name, text), "rating": parse_stars(row["avg_rating"]), "date": None}


# Each source's mapping and the columns that it reads. Of two equal texts, the one of the earlier source is kept.
MAPPINGS: Final[dict[str, tuple[Callable[[dict[str, str]], Row], tuple[str, ...]]]] = {
    "reviews": (review, ("Reviewer", "Title", "Content", "Star_rating", "Date")),
    "products": (product, ("Product Name", "Description", "Rating")),
    "catalogue": (catalogue_item, ("name", "sub_title", "description", "raw_description", "avg_rating")),
}


def map_source(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Map a raw table to rows with `ROW_COLUMNS`: as many, in their order; `row` counts from 1."""
    mapping, columns = MAPPINGS[source]
    records = table[list(columns)].to_dict("records")
    rows = [
        {"source": source, "row": number, **mapping({str(key): str(value) for key, value in record.items()})}
        for number, record in enumerate(progress_bar(f"repairing {source}", records), start=1)
    ]
    return pd.DataFrame(rows, columns=list(ROW_COLUMNS))


def _cells(table: pd.DataFrame, column: str, default: str = "") -> list[str]:
    """A column as strings; `default` for missing values, and for all rows if the column is missing."""
    if column not in table.columns:
        return [default] * len(table)
    return [default if pd.isna(value) else str(value) for value in table[column]]


def map_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Map a table with the column `text`, and optionally `rating`, `date`, `group`, `author` and `source`, to rows with
    `ROW_COLUMNS`: as many, in their order; `row` counts from 1."""
    names = ("text", "author", "group", "rating", "date")
    cells = zip(_cells(table, "source", "table"), *(_cells(table, name) for name in names), strict=True)
    rows = []
    for number, (source, raw, author, group, rating, date) in enumerate(
        progress_bar("repairing", list(cells)), start=1
    ):
        text = scrub_name(repair(raw), author)
        values = (source, number, text, group or _text_group(text), parse_stars(rating), parse_date(date))
        rows.append(dict(zip(ROW_COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(ROW_COLUMNS))
