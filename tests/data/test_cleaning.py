"""The clean stage: mapping, duplicates, language, accounting; whole runs through its command."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.config.params.clean import Clean
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.data.cells import parse_date
from brandmlm.data.cleaning import (
    DROPPED_COLUMNS,
    REASONS,
    clean,
    clean_sources,
    count_rows,
    describe_counts,
    mark_dropped,
)
from brandmlm.data.mapping import MAPPINGS, catalogue_item, product, review
from brandmlm.data.near_duplicates import MISSED, bands, jaccard, near_duplicates, shingles
from brandmlm.data.product_names import product_key
from brandmlm.data.schemas import SCHEMAS
from brandmlm.text.language import english_probability
from brandmlm.text.sentences import words

ROOT = Path(__file__).resolve().parents[2]
RAW = Path(__file__).resolve().parents[2].parent / "shared" / "raw"
RAW_FILES = {
    "reviews": "nike_customer_reviews_kaggle.csv",
    "products": "nike_products.csv",
    "catalogue": "products_kaggle.csv",
}
PARAMS = Clean(min_words=2, near_duplicate=0.8, english_confidence=0.1)

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
PERSONAL = ("Harrowgate", "Zanzibar", "97531", "jo.doe", "ana.perez", "7946", "@", "Reviewer")


def write_source(folder: Path, source: str, rows: list[dict[str, str]]) -> None:
    (folder / source).mkdir(parents=True, exist_ok=True)
    with (folder / source / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, SCHEMAS[source], restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_all(folder: Path) -> Path:
    for source, rows in (("reviews", REVIEWS), ("products", PRODUCTS), ("catalogue", CATALOGUE)):
        write_source(folder, source, rows)
    return folder


def run_stage(raw: Path, out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    sources = [word for source in MAPPINGS for word in (f"--{source}", str(raw / source))]
    return subprocess.run(
        [sys.executable, "-m", "stages.clean", *sources, "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **variables},
    )  # fmt: skip


def full(source: str, row: dict[str, str]) -> dict[str, str]:
    return {column: row.get(column, "") for column in SCHEMAS[source]}


def frames(**changed: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    rows = {"reviews": REVIEWS, "products": PRODUCTS, "catalogue": CATALOGUE, **changed}
    return {
        source: pd.DataFrame([full(source, row) for row in rows[source]], columns=list(SCHEMAS[source]), dtype="str")
        for source in MAPPINGS
    }


def test_a_whole_run(tmp_path: Path) -> None:
    done = run_stage(write_all(tmp_path / "raw"), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "15 rows in, 9 kept, 6 dropped" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "corpus.parquet", "counts.json", "dropped.parquet",
    ]  # fmt: skip

    corpus = pd.read_parquet(tmp_path / "out" / "corpus.parquet")
    assert list(corpus.columns) == ["id", "source", "group", "text", "label", "rating", "date"]
    assert corpus["id"].is_monotonic_increasing and corpus["label"].isna().all()
    by_text = corpus.set_index("text")
    assert set(by_text.index) == {
        "Late again, and nobody answers. Yours, [name]",
        "nice products",
        f"Worth it. {LONG}",
        "Mail me. I wrote from [email]. Then I rang [phone]",
        "The Nike Air Max 90 stays true to its roots.",
        "Nike Air Max 90 Women's Shoe. Clean lines and a timeless look.",
        "Nike Air Max 98. The Air Max 98 rode the wave.",
        "Nike Air Max 90 Men's Shoes. COMFORT. The shoe is soft. Foam sole",
        "Nike Hat. CLASSIC. Soft cotton all day. Benefits. Hides bad hair",
    }
    assert by_text.loc["nice products", "date"] == "2020-03-12"

    dropped = pd.read_parquet(tmp_path / "out" / "dropped.parquet")
    assert list(dropped.columns) == list(DROPPED_COLUMNS)
    assert dict(zip(dropped["row"], dropped["reason"], strict=True)) == {
        3: "exact_duplicate", 4: "not_english", 5: "empty", 6: "too_short", 8: "near_duplicate", 10: "not_english",
    }  # fmt: skip
    assert set(dropped["duplicate_of"].dropna()) == {
        by_text.loc["nice products", "id"], by_text.loc[f"Worth it. {LONG}", "id"],
    }  # fmt: skip

    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert counts["reviews"] == {
        "read": 10,
        "kept": 4,
        "dropped": {"empty": 1, "too_short": 1, "not_english": 2, "exact_duplicate": 1, "near_duplicate": 1},
        "unreadable_dates": 1,
    }
    assert list(counts["catalogue"]["dropped"]) == list(REASONS)


def test_personal_data_are_in_no_output(tmp_path: Path) -> None:
    done = run_stage(write_all(tmp_path / "raw"), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    tables = [pd.read_parquet(tmp_path / "out" / name) for name in ("corpus.parquet", "dropped.parquet")]
    assert not {"Reviewer", "Location", "Reviews_posted"} & {column for table in tables for column in table.columns}
    strings = " ".join(str(value) for table in tables for value in table.to_numpy().ravel())
    written = strings + (tmp_path / "out" / "counts.json").read_text() + done.stdout + done.stderr
    for secret in PERSONAL:
        assert secret not in written, secret


def test_the_same_rows_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    raw = write_all(tmp_path / "raw")
    for name, seed in (("one", "1"), ("two", "22")):
        assert run_stage(raw, tmp_path / name, PYTHONHASHSEED=seed).returncode == 0
    for name in ("corpus.parquet", "dropped.parquet", "counts.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_row_left_is_said_in_one_line_and_leaves_the_older_output(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    for source, row in (
        ("reviews", {"Title": "Colis perdu", "Content": "Commande passée le 20 novembre, toujours rien reçu."}),
        ("products", {"Product Name": "", "Description": " "}),
        ("catalogue", {"name": "Nike"}),
    ):
        write_source(raw, source, [row])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "corpus.parquet").write_text("older")
    done = run_stage(raw, tmp_path / "out")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert "no row is left" in line and "reviews: 1 read, 0 kept, dropped: not_english 1" in line
    assert "products: 1 read, 0 kept, dropped: empty 1" in line
    assert "catalogue: 1 read, 0 kept, dropped: too_short 1" in line
    assert (tmp_path / "out" / "corpus.parquet").read_text() == "older"


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda raw: (raw / "products" / "rows.csv").unlink(), "products/rows.csv"),
        (lambda raw: (raw / "catalogue" / "rows.csv").write_text("index,name\n1,Hat\n"), "raw_description"),
        (lambda raw: (raw / "reviews" / "rows.csv").write_text(""), "reviews/rows.csv"),
    ],
)
def test_a_broken_source_is_named(tmp_path: Path, break_it: Any, told: str) -> None:
    raw = write_all(tmp_path / "raw")
    break_it(raw)
    done = run_stage(raw, tmp_path / "out")
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_earlier_sources_win_and_duplicates_are_found_across_sources() -> None:
    twin = {
        "Title": "",
        "Content": "The Nike Air Max 90, stays true to its ROOTS",
        "Star_rating": "5",
        "Date": "2020-01-01",
    }
    result = clean_sources(frames(reviews=[twin]), PARAMS)
    corpus, dropped = result.corpus, result.dropped
    assert result.counts["products"]["dropped"]["exact_duplicate"] == 1
    assert set(corpus.loc[corpus["text"].str.contains("true to its", case=False), "source"]) == {"reviews"}
    row = dropped[dropped["reason"] == "exact_duplicate"].iloc[0]
    assert row["source"] == "products" and row["duplicate_of"] in set(corpus["id"])


def test_accounting_is_checked() -> None:
    judged = pd.DataFrame({"source": ["reviews"], "reason": pd.array([None], dtype="string")})
    assert count_rows(judged, {"reviews": 1})["reviews"]["kept"] == 1
    with pytest.raises(ValueError, match="2 rows read, but 1 kept"):
        count_rows(judged, {"reviews": 2})
    with pytest.raises(ValueError, match="1 rows read, but 0 kept and 0 dropped"):
        count_rows(judged.assign(reason="some other reason"), {"reviews": 1})


@given(
    st.lists(
        st.sampled_from([*(row.get("Title", "") for row in REVIEWS), LONG, "good shoes", "!", "[email]"]), max_size=12
    )
)
@settings(max_examples=40, deadline=None)
def test_every_row_is_kept_or_dropped_once_and_no_text_is_kept_twice(titles: list[str]) -> None:
    rows = [{"Title": title, "Date": "2020-01-01", "Star_rating": "3"} for title in ["a plain English title", *titles]]
    result = clean_sources(frames(reviews=rows), PARAMS)
    corpus, dropped = result.corpus, result.dropped
    assert len(corpus) + len(dropped) == len(rows) + len(PRODUCTS) + len(CATALOGUE)
    assert corpus["id"].is_unique and corpus["text"].str.casefold().is_unique
    assert set(dropped["duplicate_of"].dropna()) <= set(corpus["id"])
    for source, of in result.counts.items():
        assert of["read"] == of["kept"] + sum(of["dropped"].values())
        assert of["kept"] == (corpus["source"] == source).sum()
        assert sum(of["dropped"].values()) == (dropped["source"] == source).sum()


# --- a plain table ----------------------------------------------------------------------------------------------------


def test_a_plain_table_becomes_a_corpus() -> None:
    table = pd.DataFrame(
        {
            "text": [
                "<p>The shoes&nbsp;fit.</p>",
                "the shoes fit",
                None,
                "Write to a@b.com. Yours, Ada Quill",
                "Très bien, je recommande vivement",
            ],
            "rating": [5, 4.4, 1, None, 3],
            "date": [pd.Timestamp("2024-05-06 07:08"), "29 December 2020", None, "03/04/2020", "2024-01-01"],
            "group": ["a", "b", "c", None, "e"],
            "author": ["Ada Quill"] * 5,
            "salary": [1] * 5,
        },
        index=[9, 8, 7, 6, 5],
    )  # fmt: skip
    result = clean(table)
    assert list(result.corpus.columns) == ["id", "source", "group", "text", "label", "rating", "date"]
    rows = result.corpus.set_index("text")
    assert set(rows.index) == {"The shoes fit.", "Write to [email]. Yours, [name]"}
    fit, mail = rows.loc["The shoes fit."], rows.loc["Write to [email]. Yours, [name]"]
    assert (fit["source"], fit["group"], fit["rating"], fit["date"]) == ("table", "a", 5, "2024-05-06")
    assert mail["group"].startswith("text:") and pd.isna(mail["rating"]) and pd.isna(mail["date"])
    assert list(zip(result.dropped["row"], result.dropped["reason"], strict=True)) == [
        (2, "exact_duplicate"), (3, "empty"), (5, "not_english"),
    ]  # fmt: skip
    assert result.dropped["duplicate_of"][0] == fit["id"]
    assert describe_counts(result.counts) == [
        "table: 5 read, 2 kept, dropped: empty 1, not_english 1, exact_duplicate 1"
    ]


def test_a_plain_table_and_the_stage_clean_reviews_alike() -> None:
    whole = clean_sources(frames(products=[], catalogue=[]), PARAMS)
    table = pd.DataFrame(
        [
            {
                "source": "reviews",
                "text": f"{row['Title']}. {row['Content']}" if row["Content"].strip() else row["Title"],
                "author": row["Reviewer"],
                "rating": row["Star_rating"],
                "date": row["Date"],
            }
            for row in REVIEWS
            if row["Title"] != "Late again…"  # the mapping omits a title that the body repeats
        ]
    )
    texts = set(whole.corpus["text"]) - {"Late again, and nobody answers. Yours, [name]"}
    result = clean(table)
    assert set(result.corpus["text"]) == texts
    both = whole.corpus.merge(result.corpus, on=["id", "source", "text", "group", "rating", "date"])
    assert len(both) == len(texts)


def test_the_limits_of_a_plain_table_are_keywords() -> None:
    table = pd.DataFrame({"text": ["nice shoes", "nice shoes indeed, I say", "nice shoes indeed, I say so"]})
    assert list(clean(table).dropped["reason"]) == ["near_duplicate"]
    assert list(clean(table, min_words=3, near_duplicate=0.9).dropped["reason"]) == ["too_short"]
    assert (
        len(clean(table.assign(text=["Guten Tag Welt", "Vielen Dank auch", "nice shoes"]), english_confidence=0).corpus)
        == 3
    )


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        (pd.DataFrame({"review": ["nice shoes"]}), ["no column 'text'", "'review'", "rename"]),
        (pd.DataFrame({"text": ["", "x"]}), ["no row is left", "table: 2 read", "empty 1, too_short 1"]),
        (pd.DataFrame({"text": []}), ["no row is left", "the table is empty"]),
    ],
)
def test_a_plain_table_without_usable_text_is_refused(table: pd.DataFrame, parts: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        clean(table)
    assert all(part in str(caught.value) for part in parts)


# --- mapping ---------------------------------------------------------------------------------------------------------


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


# --- language --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "nice products", "Easy website", "great sb sneakers", "okay i guess.", "amasing products",
        "Very nice one", "not good",
        "WHERE IS MY PACKAGE?????", "BEST T-SHIRTS I OWN. LIGHT, AIRY, TAGLESS",
        "V good recurved good on time", "Got everything",
        "Love the designe. Air max is my favorite collection.", "best saleperson ever... thanks again", "10/10",
        "Found my favorite shoes on sale 💣💪", "It's dope I just got new shoes",
        "Nike Air VaporMax Flyknit 2 LXX. It rocks.",
        "Paris Saint-Germain Repel Academy AWF Big Kids' Soccer Jacket. A lightweight, water-repellent layer",
        "Club América Women's Nike Dri-FIT Soccer Jersey Dress. Inspired by traditional soccer jerseys",
        "Kristaps Porziņģis Knicks Icon Edition. This jersey represents the team's true colours",
    ],
)  # fmt: skip
def test_english_is_known_for_english(text: str) -> None:
    assert english_probability(text) >= load_params().clean.english_confidence


@pytest.mark.parametrize(
    "text",
    [
        "Formidabel service og ekseptionelle produkter", "Muy decepcionada. Pedí unas zapatillas para el cumpleaños",
        "Colis perdu. Commande passée le 20 novembre", "Gute Qualität", "Ottimo acquisto", "Muito bom!",
        "Sehr gute Schuhe",
        "Très bonnes chaussures", "Отличные кроссовки", "很好的鞋子", "MUY BUENA CALIDAD, LLEGARON RÁPIDO",
        "Escriban a [email], por favor, nadie contesta.",
    ],
)  # fmt: skip
def test_other_languages_are_not(text: str) -> None:
    assert english_probability(text) < load_params().clean.english_confidence


# --- near-duplicates -------------------------------------------------------------------------------------------------


def test_jaccard_of_word_shingles() -> None:
    assert shingles(["a", "b", "c"]) == {"a b", "b c"}
    assert shingles(["a"]) == {"a"}
    assert jaccard(frozenset("abc"), frozenset("bcd")) == 0.5


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=14), min_size=1, max_size=14),
       st.sampled_from([0.5, 0.8, 0.9, 1.0]))  # fmt: skip
@settings(max_examples=60, deadline=None, derandomize=True)  # a pair at the threshold may be missed
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(texts: list[list[str]], threshold: float) -> None:
    kept: list[int] = []
    expected: dict[int, int] = {}
    for place, text in enumerate(texts):
        scores = [(jaccard(shingles(text), shingles(texts[other])), -other) for other in kept]
        score, other = max(scores, default=(0.0, 0))
        if score >= threshold:
            expected[place] = -other
        else:
            kept.append(place)
    assert near_duplicates(texts, threshold) == expected


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 0.9, 0.99])
def test_bands_fit_the_permutations_and_hardly_miss_a_pair(threshold: float) -> None:
    number, rows = bands(threshold)
    assert number * rows <= 256 and (1 - threshold**rows) ** number <= MISSED


def test_judging_is_linear_enough_for_large_tables() -> None:
    """Rows of one template share most words; bands keep them from being compared each with each."""
    rows = pd.DataFrame(
        {
            "text": [
                f"The number {n} hoodie of team {n * 7} is soft and warm, and so is scarf {n * 13}."
                for n in range(3000)
            ]
        }
    )
    judged = mark_dropped(rows, PARAMS)
    assert judged["reason"].isna().all()
    assert len(set(map(" ".join, map(words, judged["text"])))) == 3000


# --- the real rows ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not all((RAW / name).is_file() for name in RAW_FILES.values()), reason=f"the three real data sets are not in {RAW}"
)
def test_the_real_rows(tmp_path: Path) -> None:
    for source, name in RAW_FILES.items():
        (tmp_path / "raw" / source).mkdir(parents=True)
        (tmp_path / "raw" / source / "rows.csv").write_bytes((RAW / name).read_bytes())
    done = run_stage(tmp_path / "raw", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert {source: of["read"] for source, of in counts.items()} == {"reviews": 166, "products": 451, "catalogue": 84}
    assert all(of["read"] == of["kept"] + sum(of["dropped"].values()) for of in counts.values())
    assert counts["reviews"]["kept"] >= 160 and counts["reviews"]["unreadable_dates"] == 0

    corpus = pd.read_parquet(tmp_path / "out" / "corpus.parquet")
    dropped = pd.read_parquet(tmp_path / "out" / "dropped.parquet")
    texts = pd.concat([corpus["text"], dropped["text"]])
    assert list(dropped.loc[dropped["reason"] == "not_english", "row"]) == [128]  # Danish
    assert not texts.str.contains(r"[“”‘’\u00a0\u200b]|Reviewer \d|<p>|\[MASK\]|@").any()
    assert not texts.str.contains(r"[a-z]{2}[.!?][A-Z][a-z]{2}").any()
    for name in ("Dri-FIT", "VaporMax", "NikeCourt", "LeBron", "ZoomX", "FlyEase", "SuperRep", "Fly.By", "Zer0.2"):
        assert texts.str.contains(name, regex=False).any(), name
