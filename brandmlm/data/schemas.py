"""Map each source's columns to the rows of the corpus table."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from brandmlm.core.progress import progress_bar
from brandmlm.data.columns import read_date, read_stars
from brandmlm.data.corpus import row_id
from brandmlm.text.glued import unglue_blocks
from brandmlm.text.personal_data import scrub_name
from brandmlm.text.repair import repair
from brandmlm.text.sentences import join_sentences, join_title, words

# Words that tell a product's cut, not the product: "Nike Air Max 90 Women's Shoe" is the Nike Air Max 90.
_VARIANT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "men mens women womens kid kids boy boys girl girls unisex adult baby toddler little big older younger "
        "shoe shoes sneaker sneakers trainer trainers xxs xs s m l xl xxl 2xl 3xl small medium large size "
        "black white grey gray navy blue red green pink purple orange yellow brown beige cream gold silver",
    )
)


def product_key(name: str) -> str:
    """A product's name such that its variants have the same: lower case, no accents, no trailing words of audience,
    size or colour."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    parts = re.findall(r"[^\W_]+", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    while len(parts) > 2 and parts[-1] in _VARIANT_WORDS:
        parts.pop()
    return " ".join(parts)


def _product_group(name: str, text: str) -> str:
    key = product_key(name)
    return f"product:{key}" if key else f"text:{row_id(text)}"


Row = dict[str, Any]


def review(row: dict[str, str]) -> Row:
    title, body = (scrub_name(repair(row[column]), row["Reviewer"]) for column in ("Title", "Content"))
    text = join_title(title, body)
    return {
        "text": text,
        "group": f"text:{row_id(' '.join(words(text)))}",
        "rating": read_stars(row["Star_rating"]),
        "date": read_date(row["Date"]),
    }


def product(row: dict[str, str]) -> Row:
    """The description; the name before it where the description does not spell it out (as most do)."""
    name, description = repair(row["Product Name"]), repair(row["Description"])
    named = f" {' '.join(words(name))} " in f" {' '.join(words(description))} "
    text = description if named else join_sentences([name, description])
    return {"text": text, "group": _product_group(name, text), "rating": read_stars(row["Rating"]), "date": None}


def catalogue_item(row: dict[str, str]) -> Row:
    """Name and sub-title, which tell for whom the product is, then the page's text: from its HTML, which marks where
    blocks end; else from the plain column, where the ends are lost."""
    name = repair(row["name"])
    page = repair(row["raw_description"]) or repair(unglue_blocks(repair(row["description"])))
    text = join_sentences([f"{name} {repair(row['sub_title'])}", page])
    return {"text": text, "group": _product_group(name, text), "rating": read_stars(row["avg_rating"]), "date": None}


# Sources in the order in which the first of two equal texts survives; the columns each mapping reads.
TABLES: Final[dict[str, tuple[Callable[[dict[str, str]], Row], tuple[str, ...]]]] = {
    "reviews": (review, ("Reviewer", "Title", "Content", "Star_rating", "Date")),
    "products": (product, ("Product Name", "Description", "Rating")),
    "catalogue": (catalogue_item, ("name", "sub_title", "description", "raw_description", "avg_rating")),
}


def map_source(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """A raw table's rows as source, row (from 1), text, group, rating, date; as many as there were, in their order."""
    mapping, columns = TABLES[source]
    records = table[list(columns)].to_dict("records")
    rows = [
        {"source": source, "row": number, **mapping({str(key): str(value) for key, value in record.items()})}
        for number, record in enumerate(progress_bar(f"repairing {source}", records), start=1)
    ]
    return pd.DataFrame(rows, columns=["source", "row", "text", "group", "rating", "date"])
