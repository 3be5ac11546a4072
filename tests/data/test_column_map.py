"""Columns are found by the user's names or by their usual ones; a wrong name is answered with the nearest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import RAW

from brandmlm.core.errors import UserError
from brandmlm.data.column_map import resolve_columns
from brandmlm.data.column_proposal import propose_columns
from brandmlm.data.row_text import join_parts
from brandmlm.data.tables import open_table, read_table

CLOTHING = ("", "Clothing ID", "Age", "Title", "Review Text", "Rating", "Recommended IND")
NIKE = ("Reviewer", "Title", "Content", "Star_rating", "Rating", "Date", "Reviews_posted", "Location")


def refusal(*arguments: Any) -> str:
    with pytest.raises(UserError) as caught:
        resolve_columns(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


USUAL = [
    ("review", NIKE, "text = 'Title' + 'Content', rating = 'Star_rating', date = 'Date', author = 'Reviewer'"),
    ("review", CLOTHING, "text = 'Title' + 'Review Text', rating = 'Rating'"),
    ("review", ("rating", "date", "verified_reviews"), "text = 'verified_reviews', rating = 'rating', date = 'date'"),
    ("review", ("overall", "reviewText", "summary"), "text = 'summary' + 'reviewText', rating = 'overall'"),
    ("review", ("TITLE", "content", "star rating"), "text = 'TITLE' + 'content', rating = 'star rating'"),
    ("product", ("ProductName", "description", "date"), "text = 'ProductName' + 'description'"),
    ("product", ("name", "Sub-Title", "Description"), "text = 'name' + 'Sub-Title' + 'Description'"),
    ("product", ("Title", "Subtitle", "Product Description"), "text = 'Title' + 'Subtitle' + 'Product Description'"),
    ("text", ("id", "Content", "rating"), "text = 'Content', rating = 'rating'"),
    ("text", ("sentence",), "text = 'sentence'"),
]


@pytest.mark.parametrize(("table", "header", "columns"), USUAL)
def test_usual_names_need_no_map(table: str, header: tuple[str, ...], columns: str) -> None:
    found = resolve_columns(header, table)
    assert str(found) == columns and found.table == table


def test_a_map_names_what_is_unusual_and_the_rest_is_found() -> None:
    header = ("Kopf", "Was war", "Rating", "Wann", "Kunde", "Artikel", "Reviewer")
    columns = {"text": ["kopf", "was_war"], "date": "wann", "author": "KUNDE", "group": "Artikel"}
    found = resolve_columns(header, "review", columns)
    assert found.text == (("Kopf",), ("Was war",))
    assert (found.rating, found.date, found.author, found.group) == ("Rating", "Wann", "Kunde", "Artikel")
    assert found.names == ("Kopf", "Was war", "Rating", "Wann", "Kunde", "Artikel")
    assert resolve_columns(header, "review", {"text": "Kopf", "rating": None}).rating is None


def test_a_part_may_have_columns_to_choose_from() -> None:
    found = resolve_columns(("name", "html", "plain"), "product", {"text": ["name", ["html", "plain"]]})
    assert found.text == (("name",), ("html", "plain")) and found.names == ("name", "html", "plain")
    assert str(found) == "text = 'name' + 'html' or 'plain'"


def test_an_exact_name_goes_before_a_like_one() -> None:
    assert resolve_columns(("text", "Text"), "text", {"text": "Text"}).text == (("Text",),)
    message = refusal(("text", "Text"), "text", {"text": "TEXT"}, "a.csv", "sources.a")
    assert message == "sources.a.columns.text: 'TEXT' fits 'text' and 'Text' of a.csv; write one of them as it is"


def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    message = refusal(CLOTHING, "review", {"text": ["Title", "Reveiw Text"]}, "reviews.csv", "sources.reviews")
    assert message == (
        "sources.reviews.columns.text: reviews.csv has no column 'Reveiw Text'; like it: 'Review Text'; it has "
        "'Clothing ID', 'Age', 'Title', 'Review Text', 'Rating', 'Recommended IND'; correct it"
    )
    assert "like it: 'Review Text'" in refusal(CLOTHING, "review", {"text": "review"})
    assert "like it" not in refusal(CLOTHING, "review", {"rating": "Qwxz"})


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((("a", "b"), "review"), "none of its columns is known as the text of a review table; set columns.text to"),
        ((("a", ""), "review", {"text": ""}), "columns.text: '' is no name of a column"),
        ((("a",), "review", {"text": [None]}), "columns.text: None is no name"),
        ((("text", "a"), "review", {"rating": ["a"]}), "columns.rating: ['a'] is no name"),
        ((("text", "a", "a"), "review", {"rating": "a"}), "column 'a' occurs twice"),
        ((("Content", "Content"), "review"), "column 'Content' occurs twice"),
        ((("text",), "review", {"stars": "text"}), "columns.stars: no such role; the roles are text, rating"),
        ((("text",), "reviews"), "'reviews' is no kind of table; write review, product, text"),
    ],
)
def test_what_cannot_be_resolved(arguments: tuple[Any, ...], part: str) -> None:
    assert part in refusal(*arguments)


@pytest.mark.parametrize(
    ("table", "parts", "text"),
    [
        ("review", ["Good", "Light and good."], "Good. Light and good."),
        ("review", ["Light and good", "Light and good. Buy!"], "Light and good. Buy!"),
        ("review", ["", "Light"], "Light"),
        ("review", ["Light"], "Light"),
        ("review", ["Good", "Light", "Cheap"], "Good. Light. Cheap"),
        ("product", ["Nike Air", "The Nike Air is light."], "The Nike Air is light."),
        ("product", ["Nike Air", "Light."], "Nike Air. Light."),
        ("product", ["Nike Air", "Men's", "The Nike Air is light."], "Nike Air Men's. The Nike Air is light."),
        ("product", ["Nike Air", ""], "Nike Air"),
        ("text", ["One", "two"], "One. two"),
    ],
)  # fmt: skip
def test_parts_become_one_text(table: str, parts: list[str], text: str) -> None:
    assert join_parts(table, parts) == text


# --- proposals -------------------------------------------------------------------------------------------------------

OPINIONS = [
    "It is light and fits very well.",
    "The sole came off after one week.",
    "Fine for the price, I think.",
    "Too heavy to run in.",
]


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("_", " ").strip(): values for name, values in columns.items()}, dtype="str")


def test_names_come_first() -> None:
    table = frame(
        Titel=["a b", "c d", "e f", "g h"], Review_Text=OPINIONS, Rating=["5", "5", "5", "5"], Date=["1/2/2020"] * 4
    )
    found = propose_columns(table)
    assert str(found.columns) == "text = 'Review Text', rating = 'Rating', date = 'Date'"
    assert found.columns.table == "review"
    assert found.reasons == {"text": "by name", "rating": "by name", "date": "by name"}


def test_a_name_that_its_values_contradict_is_passed_over() -> None:
    table = frame(Content=OPINIONS, Rating=["Great", "Bad", "Good", "Bad"], Note=["5", "1", "4", "2"])
    assert propose_columns(table).columns.rating == "Note"


def test_values_tell_what_names_do_not() -> None:
    table = frame(
        Nr=["1", "2", "3", "4"],
        Adresse=["https://example.com/" + "x" * 90] * 4,
        Meinung=OPINIONS,
        Punkte=["5", "1", "4", "2"],
        Wann=["28-Jul-18", "29-Jul-18", "30-Jul-18", "1-Aug-18"],
        Kunde=["Ada Smith", "Bo Li", "Cem Öz", "Dora Maar"],
        Ort=["Rome", "Rome", "Rome", "Oslo"],
    )
    found = propose_columns(table)
    assert str(found.columns) == "text = 'Meinung', rating = 'Punkte', date = 'Wann', author = 'Kunde'"
    assert found.reasons["text"] == "the longest text" and found.reasons["date"] == "dates"
    named = propose_columns(table.assign(Alter=["3", "2", "5", "1"]).rename(columns={"Punkte": "Star points"}))
    assert named.columns.rating == "Star points"


def test_a_product_table_is_known_by_name_and_description() -> None:
    table = frame(name=["Air Max", "Pegasus", "Zoom", "Dunk"], description=OPINIONS, price=["40", "50", "60", "70"])
    found = propose_columns(table)
    assert found.columns.table == "product" and str(found.columns) == "text = 'name' + 'description'"


def test_text_alone_is_enough() -> None:
    found = propose_columns(frame(sentence=OPINIONS))
    assert found.columns.table == "text" and found.columns.text == (("sentence",),)
    assert propose_columns(frame(a=["1", "2"])).columns.text == (("a",),)
    assert propose_columns(pd.DataFrame()).columns.text == ()


@pytest.mark.skipif(not RAW.is_dir(), reason="the sources' own exports are not here")
@pytest.mark.parametrize(
    ("file", "table", "columns"),
    [
        ("raw-alexa/reviews.tsv", "review", "text = 'verified_reviews', rating = 'rating', date = 'date'"),
        ("raw-adidas/products.csv", "product", "text = 'name' + 'description', rating = 'average_rating'"),
        ("raw/nike_products.csv", "product", "text = 'Product Name' + 'Description', rating = 'Rating'"),
        ("cases/02/sep_semi.csv", "review", USUAL[0][2]),
        ("cases/03/products.csv", "product", "text = 'Product Name' + 'Description', rating = 'Rating'"),
        ("cases/04/j.jsonl", "review", "text = 'summary' + 'reviewText', rating = 'overall', author = 'reviewerName'"),
        ("cases/05/reviews.csv", "review", "text = 'Title' + 'Review Text', rating = 'Rating'"),
    ],
)  # fmt: skip
def test_real_tables_are_mapped(file: str, table: str, columns: str) -> None:
    path: Path = RAW.parent / file
    with open_table(path) as opened:
        assert str(resolve_columns(opened.columns, table)) == columns
    found = propose_columns(read_table(path))
    assert found.columns.table == table and str(found.columns) == columns
