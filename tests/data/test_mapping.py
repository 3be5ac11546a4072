"""Raw rows become rows of repaired text: titles, ratings, dates, and groups of product variants."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from raw_rows import CATALOGUE, PRODUCTS, REVIEWS, raw_source, raw_sources
from whole_tables import clean_sources

from brandmlm.config.params.clean import Clean
from brandmlm.data.brand_context import BrandContext
from brandmlm.data.mapping import MappedSource, map_source

PARAMS = Clean(min_words=2, near_duplicate=0.8, language_confidence=0.1, min_brand_share=0.05)

ACME = BrandContext(names=("Acme Coffee",), words=("Acme Coffee", "Jordan", "robust"))


def mapped(folder: Path, rows: list[dict[str, str]], table: str = "review", **keys: object) -> MappedSource:
    return map_source(raw_source(folder, rows, table, **keys), ACME)


def test_a_review_keeps_its_title_where_it_has_no_body(tmp_path: Path) -> None:
    rows = [{"Title": "Great store", "Content": "", "Star_rating": "5", "Date": "2020-05-05"}]
    found = mapped(tmp_path, rows).rows.iloc[0]
    assert (found["text"], found["rating"], found["date"]) == ("Great store", 5, "2020-05-05")
    assert (found["source"], found["row"], found["file"], found["line"]) == ("shop", 1, "shop.csv", 2)


def test_ratings_are_read_as_a_column_and_what_is_none_is_counted(tmp_path: Path) -> None:
    values = ["5", "4.0", "4.5", "4,4", "4/5", "3.0 out of 5 stars", "0", "", "9", "five", "nan"]
    found = mapped(tmp_path, [{"text": f"shoes {row}", "stars": value} for row, value in enumerate(values)])
    ratings = [None if pd.isna(rating) else rating for rating in found.rows["rating"]]
    assert ratings == [5, 4, 5, 4, 4, 3, None, None, None, None, None]
    assert found.unreadable_ratings == 2 and found.unreadable_dates is None
    (note,) = found.notes
    assert note.startswith("column 'stars': 2 of 8 ratings cannot be read") and "sources.shop.rating_scale" in note


@pytest.mark.parametrize(
    ("values", "dates"),
    [
        (["2020-12-29", "29 December 2020", "Dec 29, 2020"], ["2020-12-29"] * 3),
        (["29-12-2020", "07-12-2020"], ["2020-12-29", "2020-12-07"]),
        (["12/29/2020", "12/07/2020"], ["2020-12-29", "2020-12-07"]),
        (["28-Jul-18", "Reviewed in the United States on July 3, 2021", "1303862400"],
         ["2018-07-28", "2021-07-03", "2011-04-27"]),
        (["2020-02-30", "", "2020-01-01"], [None, None, "2020-01-01"]),
    ],
)  # fmt: skip
def test_dates_are_read_as_a_column(tmp_path: Path, values: list[str], dates: list[str | None]) -> None:
    found = mapped(tmp_path, [{"text": f"shoes {row}", "date": value} for row, value in enumerate(values)])
    assert [None if pd.isna(date) else date for date in found.rows["date"]] == dates
    assert found.unreadable_dates == ("2020-02-30" in values)


def test_a_column_that_is_lost_as_a_whole_is_a_warning_with_an_example(tmp_path: Path) -> None:
    rows = [{"text": "soft shoes", "date": "03/04/2020"}, {"text": "light shoes", "date": "04/03/2020"}]
    found = mapped(tmp_path, rows)
    (warning,) = found.warnings
    assert "column 'date': none of 2 dates can be read" in warning and "'03/04/2020'" in warning
    assert "sources.shop.date_format in params.yaml to dmy or mdy" in warning and not found.notes
    settled = mapped(tmp_path, rows, date_format="dmy")
    assert list(settled.rows["date"]) == ["2020-04-03", "2020-03-04"] and not settled.warnings


def test_leftovers_of_an_export_are_removed_where_the_column_shows_them(tmp_path: Path) -> None:
    texts = [
        "Soft shoes_x000D_\nThey don?t pinch",
        r"Light,\n And warm, it?s fine",
        "The media could not be loaded. Good",
    ]
    found = mapped(tmp_path, [{"text": text} for text in texts])
    assert list(found.rows["text"]) == ["Soft shoes They don't pinch", "Light, And warm, it's fine", "Good"]


def test_the_author_s_name_is_removed_and_a_mapped_group_is_a_product(tmp_path: Path) -> None:
    rows = [
        {"Body": "Yours, Ada Quill", "Who": "Ada Quill", "Item": "Kettle Pro Black"},
        {"Body": "It boils", "Who": "", "Item": "KETTLE PRO"},
        {"Body": "It boils fast", "Who": "", "Item": ""},
    ]
    columns = {"text": "Body", "author": "Who", "group": "Item"}
    found = mapped(tmp_path, rows, columns=columns).rows
    assert found["text"][0] == "Yours, [name]"
    assert found["group"][0] == found["group"][1] == "product:kettle pro"
    assert found["group"][2].startswith("text:")


def test_the_brand_s_words_are_nobody_s_name(tmp_path: Path) -> None:
    rows = [
        {"text": "My Jordan and Acme fit.", "author": "Jordan Acme"},
        {"text": "Bought by Jordan Quill at @acme_coffee, not @sam_b", "author": "Jordan Quill"},
    ]
    found = mapped(tmp_path, rows).rows["text"]
    assert list(found) == ["My Jordan and Acme fit.", "Bought by [name] at @acme_coffee, not [name]"]


def test_a_table_of_texts_joins_its_columns_as_sentences(tmp_path: Path) -> None:
    rows = [{"a": "Soft", "b": "and light", "c": "unused"}, {"a": "", "b": "Warm", "c": ""}]
    found = mapped(tmp_path, rows, "text", columns={"text": ["a", "b"]}).rows
    assert list(found["text"]) == ["Soft. and light", "Warm"]


def test_a_product_shares_its_group_over_sources_and_reviews_do_not(tmp_path: Path) -> None:
    corpus = clean_sources(raw_sources(tmp_path / "raw"), PARAMS)[0].corpus
    groups = corpus.set_index("text")["group"]
    air_max_90 = [text for text in groups.index if "Air Max 90" in text]
    assert len(air_max_90) == 3 and set(groups[air_max_90]) == {"product:nike air max 90"}
    reviews = corpus.loc[corpus["source"] == "reviews", "group"]
    assert reviews.is_unique and reviews.str.startswith("text:").all()


def test_a_row_s_group_does_not_depend_on_other_rows(tmp_path: Path) -> None:
    fewer = raw_sources(tmp_path / "raw", reviews=REVIEWS[5:], products=PRODUCTS[1:])
    whole = clean_sources(raw_sources(tmp_path / "whole"), PARAMS)[0].corpus.set_index("id")["group"]
    part = clean_sources(fewer, PARAMS)[0].corpus.set_index("id")["group"]
    assert len(part) and part.to_dict() == whole[part.index].to_dict()


def test_the_catalogue_s_html_is_preferred_and_its_plain_text_unglued(tmp_path: Path) -> None:
    columns = {"text": ["name", "sub_title", ["raw_description", "description"]]}
    html, plain = mapped(tmp_path, CATALOGUE, "product", columns=columns).rows["text"]
    assert html == "Nike Air Max 90 Men's Shoes. COMFORT. The shoe is soft. Foam sole"
    assert plain == "Nike Hat. CLASSIC. Soft cotton all day. Benefits. Hides bad hair"
