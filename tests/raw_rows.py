"""Rows of the raw data sets with every fault that cleaning handles, as tables and as files."""

from __future__ import annotations

import csv
from pathlib import Path

from whole_tables import WholeSource, read_source

from brandmlm.config.params.sources import AnySource, FileSource, SampleSource
from brandmlm.data.fetching import fetch_sources
from brandmlm.data.sources.remote import Limits

LONG = (
    "The jacket is windproof and has reflecting stripes, the sleeves are long enough for tall persons, and I use it on "
    "the bicycle the whole winter without getting cold or wet"
)
REVIEWS: list[dict[str, str]] = [
    {"Reviewer": "Priya Harrowgate", "Title": "Late again…",
     "Content": "Late again, and nobody answers. Yours, Priya Harrowgate", "Star_rating": "1",
     "Date": "2020-12-23", "Location": "Zanzibar", "Reviews_posted": "97531"},
    {"Reviewer": "Reviewer 1", "Title": "nice products", "Content": "", "Star_rating": "3", "Date": "12 March 2020"},
    {"Reviewer": "Reviewer 2", "Title": "Nice products!", "Content": "", "Star_rating": "9", "Date": "03/04/2020"},
    {"Reviewer": "Reviewer 3", "Title": "Colis perdu", "Content": "Commande passée le 20 novembre, toujours rien reçu.",
     "Star_rating": "1", "Date": "2020-11-11"},
    {"Reviewer": "Reviewer 4", "Title": " ", "Content": "\u00a0", "Star_rating": "1", "Date": "2020-11-11"},
    {"Reviewer": "Reviewer 5", "Title": "Retro", "Content": "", "Star_rating": "5", "Date": "2020-11-10"},
    {"Reviewer": "Reviewer 6", "Title": "Worth it", "Content": LONG, "Star_rating": "5", "Date": "2020-11-09"},
    {"Reviewer": "Reviewer 7", "Title": "Worth it", "Content": LONG.replace("whole", "entire"), "Star_rating": "4",
     "Date": "2020-11-08"},
    {"Reviewer": "Reviewer 8", "Title": "Mail me",
     "Content": "I wrote from jo.doe@example.com.Then I rang +44 20 7946 0123", "Star_rating": "2",
     "Date": "2020-11-07"},
    {"Reviewer": "Reviewer 9", "Title": "Perdido",
     "Content": "Escriban a ana.perez@example.org, por favor, nadie contesta.", "Star_rating": "1",
     "Date": "2020-11-06"},
]  # fmt: skip
PRODUCTS: list[dict[str, str]] = [
    {"Product Name": "Nike Air Max 90", "Description": "The Nike Air Max 90 stays true to its roots.", "Rating": "4.5"},
    {"Product Name": "Nike Air Max 90 Women's Shoe", "Description": "Clean lines and a timeless look.", "Rating": "0"},
    {"Product Name": "Nike Air Max 98", "Description": "The Air Max 98 rode the wave.", "Rating": "3.4"},
]
CATALOGUE: list[dict[str, str]] = [
    {"name": "Nike Air Max 90", "sub_title": "Men's Shoes", "description": "COMFORT.The shoe isBenefitsSoft",
     "raw_description": "<p>COMFORT.</p><p>The shoe is soft</p><ul><li>Foam sole</li></ul>", "avg_rating": ""},
    {"name": "Nike Hat", "sub_title": "", "description": "CLASSIC.Soft cotton all day.BenefitsHides bad hair",
     "raw_description": "", "avg_rating": "4.9"},
]  # fmt: skip


COLUMNS = {
    "reviews": ["Reviewer", "Title", "Content", "Star_rating", "Rating", "Date", "Reviews_posted", "Location"],
    "products": ["URL", "Product Name", "Description", "Rating", "Images"],
    "catalogue": ["index", "name", "sub_title", "description", "raw_description", "avg_rating"],
}
TABLES = {"reviews": "review", "products": "product", "catalogue": "product"}
MAPS = {"catalogue": {"text": ["name", "sub_title", ["raw_description", "description"]]}}
LIMITS = Limits(timeout_s=1, max_bytes=1_000_000)


def write_csv(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def fetch_tables(folder: Path, sources: dict[str, AnySource]) -> list[WholeSource]:
    """Fetch sources into a folder, as the stage does, and read them."""
    for _ in fetch_sources(sources, LIMITS, folder):
        pass
    return [read_source(folder / name) for name in sources]


def write_all(folder: Path, **changed: list[dict[str, str]]) -> Path:
    """The three tables as `fetch` leaves them."""
    sources: dict[str, AnySource] = {}
    for source, rows in {"reviews": REVIEWS, "products": PRODUCTS, "catalogue": CATALOGUE, **changed}.items():
        file = folder.with_name(f"{source}.csv")
        write_csv(file, COLUMNS[source], rows)
        keys = {"kind": "sample", "path": str(file), "table": TABLES[source], "columns": MAPS.get(source, {})}
        sources[source] = SampleSource.model_validate(keys)
    fetch_tables(folder, sources)
    return folder


def raw_sources(folder: Path, **changed: list[dict[str, str]]) -> list[WholeSource]:
    """The three tables, fetched and read."""
    write_all(folder, **changed)
    return [read_source(folder / source) for source in COLUMNS]


def raw_file(folder: Path, name: str, content: bytes, table: str = "review", **keys: object) -> WholeSource:
    """A file of the user's, fetched as the source `shop` and read."""
    (folder / name).write_bytes(content)
    source = FileSource.model_validate({"kind": "file", "path": str(folder / name), "table": table, **keys})
    return fetch_tables(folder / "raw", {"shop": source})[0]


def raw_source(folder: Path, rows: list[dict[str, str]], table: str = "review", **keys: object) -> WholeSource:
    """One table with the columns of its rows, fetched as the source `shop` and read."""
    file = folder / "shop.csv"
    write_csv(file, list(dict.fromkeys(column for row in rows for column in row)), rows)
    source = SampleSource.model_validate({"kind": "sample", "path": str(file), "table": table, **keys})
    return fetch_tables(folder / "raw", {"shop": source})[0]
