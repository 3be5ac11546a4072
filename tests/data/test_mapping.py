"""Raw rows become rows of repaired text: titles, ratings, dates, and groups of product variants."""

from __future__ import annotations

import pytest
from raw_rows import CATALOGUE, PRODUCTS, REVIEWS, frames, full

from brandmlm.config.params.clean import Clean
from brandmlm.data.cells import parse_date
from brandmlm.data.cleaning import clean_sources
from brandmlm.data.mapping import catalogue_item, product, review
from brandmlm.data.product_names import product_key

PARAMS = Clean(min_words=2, near_duplicate=0.8, english_confidence=0.1)


def test_a_review_keeps_its_title_where_it_has_no_body() -> None:
    row = review(full("reviews", {"Title": "Great store", "Star_rating": "5", "Date": "2020-05-05"}))
    assert (row["text"], row["rating"], row["date"]) == ("Great store", 5, "2020-05-05")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", 5),
        ("1", 1),
        ("4.0", 4),
        ("0", None),
        ("6", None),
        ("", None),
        ("five", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_stars(value: str, expected: int | None) -> None:
    assert review(full("reviews", {"Title": "So so", "Star_rating": value}))["rating"] == expected


@pytest.mark.parametrize(("value", "expected"), [("0", None), ("4.5", 5), ("4.4", 4), ("1", 1), ("", None)])
def test_average_stars_are_rounded_and_none_is_null(value: str, expected: int | None) -> None:
    assert product(full("products", {"Product Name": "Hat", "Rating": value}))["rating"] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-12-29", "2020-12-29"), (" 2020-12-29 ", "2020-12-29"), ("2020-12-29T15:27:56", "2020-12-29"),
        ("29 December 2020", "2020-12-29"), ("Dec 29, 2020", "2020-12-29"), ("2020/12/29", "2020-12-29"),
        ("03/04/2020", None), ("2020-02-30", None), ("yesterday", None), ("", None),
    ],
)  # fmt: skip
def test_dates(value: str, expected: str | None) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Nike Air Max 90", "NIKE AIR MAX 90 "),
        ("Nike Air Max 90", "Nike Air Max 90 Women's Shoe"),
        ("Nike Air Max 90", "Nike Air Max 90 (Black/White)"),
        ("Club América Home", "Club America Home"),
        ("Nike Air Force 1 '07", "Nike Air Force 1 ’07"),
    ],
)
def test_variants_of_a_product_share_a_key(name: str, other: str) -> None:
    assert product_key(name) == product_key(other)


def test_different_products_have_different_keys_and_none_is_emptied() -> None:
    names = ["Nike Air Max 90", "Nike Air Max 95", "Nike Air Max 90 Premium", "Nike", "Kids Shoes", "Women's Black"]
    assert len({product_key(name) for name in names}) == len(names) and all(map(product_key, names))


def test_a_product_shares_its_group_over_sources_and_reviews_do_not() -> None:
    corpus = clean_sources(frames(), PARAMS).corpus
    groups = corpus.set_index("text")["group"]
    air_max_90 = [text for text in groups.index if "Air Max 90" in text]
    assert len(air_max_90) == 3 and set(groups[air_max_90]) == {"product:nike air max 90"}
    reviews = corpus.loc[corpus["source"] == "reviews", "group"]
    assert reviews.is_unique and reviews.str.startswith("text:").all()


def test_a_row_s_group_does_not_depend_on_other_rows() -> None:
    whole = clean_sources(frames(), PARAMS).corpus.set_index("id")["group"]
    part = clean_sources(frames(reviews=REVIEWS[5:], products=PRODUCTS[1:]), PARAMS).corpus.set_index("id")["group"]
    assert len(part) and part.to_dict() == whole[part.index].to_dict()


def test_the_catalogue_s_html_is_preferred_and_its_plain_text_unglued() -> None:
    html, plain = (catalogue_item(full("catalogue", row))["text"] for row in CATALOGUE)
    assert html == "Nike Air Max 90 Men's Shoes. COMFORT. The shoe is soft. Foam sole"
    assert plain == "Nike Hat. CLASSIC. Soft cotton all day. Benefits. Hides bad hair"
