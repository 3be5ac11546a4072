"""Tables as shops and tools export them become rows: through `fetch` and the mapping of `clean`, as a user would."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import RAW
from raw_rows import fetch_tables, raw_file
from whole_tables import clean_sources

from brandmlm.config.params.clean import Clean
from brandmlm.config.params.sources import AnySource, Columns, FileSource
from brandmlm.core.errors import UserError
from brandmlm.data.mapping import map_source

PARAMS = Clean(min_words=2, near_duplicate=0.8, language_confidence=0.1, min_brand_share=0.0)
COFFEE = [
    {"Headline": "Quiet", "Review Text": "The pump is quiet, and the milk is hot.", "Stars": "4.0 out of 5 stars",
     "Reviewed On": "Reviewed in the United States on July 3, 2021"},
    {"Headline": "Leaks", "Review Text": "Water drips from the tank; after a week!", "Stars": "1.0 out of 5 stars",
     "Reviewed On": "Reviewed in Canada on June 13, 2021"},
]  # fmt: skip
TEXTS = ["Quiet. The pump is quiet, and the milk is hot.", "Leaks. Water drips from the tank; after a week!"]
COLUMNS = {"text": ["Headline", "Review Text"], "date": "Reviewed On"}


def delimited(separator: str, quoted: bool, before: str = "") -> bytes:
    text = pd.DataFrame(COFFEE).to_csv(sep=separator, index=False, quoting=1 if quoted else 0)
    return (before + text).encode()


def workbook() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(COFFEE).to_excel(buffer, index=False, engine="xlsxwriter")
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(COFFEE).to_parquet(buffer)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


LINES = "\n".join(json.dumps(row) for row in COFFEE).encode()

FORMS = {
    **{f"{name}, quoted={quoted}": delimited(mark, quoted) for quoted in (False, True)
       for name, mark in (("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("bar", "|"), ("caret", "^"))},
    "sep=;": delimited(";", True, "sep=;\n"),
    "json lines": LINES,
    "json array": json.dumps(COFFEE).encode(),
    "utf-16": delimited(",", False).decode().encode("utf-16"),
    "workbook": workbook(),
    "parquet": parquet(),
    "csv.gz": gzip.compress(delimited(",", False)),
    "csv.zip": zipped("export/reviews.csv", delimited(";", True)),
    "jsonl.gz": gzip.compress(LINES),
    "xlsx.zip": zipped("book.xlsx", workbook()),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    found = map_source(raw_file(tmp_path, "export", FORMS[form], columns=COLUMNS)).rows
    assert list(found["text"]) == TEXTS
    assert list(found["rating"]) == [4, 1] and list(found["date"]) == ["2021-07-03", "2021-06-13"]


def test_only_a_text_is_needed_and_columns_that_nothing_reads_do_no_harm(tmp_path: Path) -> None:
    content = b",Clothing ID,Review_Text,,Division\n0,767,Silky and nice,,Initmates\n1,1080,Fits me well,,General\n"
    rows = map_source(raw_file(tmp_path, "reviews.csv", content)).rows
    assert list(rows["text"]) == ["Silky and nice", "Fits me well"]
    assert rows["rating"].isna().all() and rows["date"].isna().all()


@pytest.mark.parametrize("header", ["verified_reviews", "Review Text", "reviewText", "REVIEW-TEXT", "content", "body"])
def test_usual_names_are_found_whatever_their_case_and_blanks(tmp_path: Path, header: str) -> None:
    rows = map_source(raw_file(tmp_path, "reviews.csv", f"{header},Rating\nLight hat,4\n".encode())).rows
    assert list(rows["text"]) == ["Light hat"] and list(rows["rating"]) == [4]


def test_a_product_table_needs_its_own_columns_alone(tmp_path: Path) -> None:
    content = (
        "ProductName;Price;Description\n"
        'Kettle Pro;49;"Boils a litre in two minutes."\nKettle Pro Black;49;"The Kettle Pro Black is black all over."\n'
    )
    rows = map_source(raw_file(tmp_path, "pages.csv", content.encode(), "product")).rows
    assert list(rows["text"]) == [
        "Kettle Pro. Boils a litre in two minutes.",
        "The Kettle Pro Black is black all over.",
    ]
    assert rows["group"].nunique() == 1


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"<!DOCTYPE html>\n<title>403 Forbidden</title>", ["a web page titled '403 Forbidden'"]),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", ["a Git LFS pointer", "git lfs pull"]),
        (b"%PDF-1.7\n", ["a PDF document"]),
        (b"Rar!\x1a\x07\x00", ["a RAR archive"]),
        (b"My reviews,,\nTitle,Content,Stars\nFine,Soft,5\nGood,Light,4\n", ["line 1 is a title", "'My reviews'"]),
        (b"a,b\n1,2\n3,4\n", ["none of its columns is known as the text", "sources.shop.columns.text"]),
        (b'text,stars\n"never closed,5\nnice,4\n', ["line 2: a quote", "never closed"]),
    ],
    ids=["html", "lfs", "pdf", "rar", "title", "unknown", "quote"],
)  # fmt: skip
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, parts: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        raw_file(tmp_path, "reviews.csv", content)
    assert str(caught.value).startswith(f"{tmp_path / 'reviews.csv'}: ")
    assert all(part in str(caught.value) for part in parts), caught.value


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"sources\.shop\.columns\.rating: .* has no column 'Star'; like it: 'Stars'"):
        raw_file(tmp_path, "reviews.csv", delimited(",", False), columns={**COLUMNS, "rating": "Star"})


def test_bad_rows_are_dropped_with_their_lines_and_the_rest_is_cleaned(tmp_path: Path) -> None:
    lines = ["text,stars", *(f"The shoe number {row} is soft,5" for row in range(9)), "one field", "a, b, c"]
    source = raw_file(tmp_path, "reviews.csv", "\n".join([*lines, "A last one,5\n"]).encode(), max_bad_rows=0.2)
    result, _ = clean_sources([source], PARAMS)
    dropped = result.dropped[result.dropped["reason"] == "unreadable"]
    assert list(dropped["line"]) == [11, 12] and dropped["row"].isna().all() and dropped["text"].isna().all()
    assert list(dropped["detail"]) == ["1 field where the header has 2", "3 fields where the header has 2"]
    counts = result.counts["shop"]
    assert counts["dropped"]["unreadable"] == 2
    assert counts["read"] == counts["kept"] + sum(counts["dropped"].values()) == 12


def test_lost_apostrophes_quotes_and_dashes_come_back(tmp_path: Path) -> None:
    texts = [
        ("i?m not crazy, i don?t dislike it; it?s 5?3?", "i'm not crazy, i don't dislike it; it's 5'3\""),
        ("They donâ??t pinch", "They don't pinch"),
        ("Worn outâ?? chic", "Worn out - chic"),
        ("It\ufffds warm", "It's warm"),
        ("Is it? Yes", "Is it? Yes"),
    ]
    content = pd.DataFrame({"text": [before for before, _ in texts]}).to_csv(index=False).encode()
    found = map_source(raw_file(tmp_path, "reviews.csv", content)).rows["text"]
    assert list(found) == [after for _, after in texts]


def test_sources_of_any_number_kind_and_name_make_one_corpus(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(delimited(",", False))
    (tmp_path / "b.jsonl").write_bytes(LINES.replace(b"quiet", b"silent"))
    (tmp_path / "c.txt").write_text("text\nA bean hopper for half a kilogram.\n")
    sources: dict[str, AnySource] = {
        name: FileSource(kind="file", path=str(tmp_path / file), table=table, columns=Columns(**columns))
        for name, file, table, columns in (
            ("shop-1", "a.csv", "review", COLUMNS),
            ("shop_2", "b.jsonl", "review", COLUMNS),
            ("3", "c.txt", "text", {}),
        )
    }  # fmt: skip
    result, _ = clean_sources(fetch_tables(tmp_path / "raw", sources), PARAMS)
    assert result.corpus["source"].value_counts().to_dict() == {"shop-1": 2, "shop_2": 1, "3": 1}
    assert result.counts["shop_2"]["dropped"]["exact_duplicate"] == 1
    assert "unreadable_dates" not in result.counts["3"]


SHARED = RAW.parent


@pytest.mark.skipif(not (SHARED / "raw-alexa").is_dir(), reason="the real rows are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "table", "rows", "values"),
    [
        ("raw-alexa/reviews.tsv", "review", 3623, {"rating": 3623, "date": 3623}),
        ("raw-adidas/products.csv", "product", 612, {"rating": 612, "date": 0}),
    ],
)
def test_real_files_of_other_brands_are_read_as_they_are(
    tmp_path: Path, file: str, table: str, rows: int, values: dict[str, int]
) -> None:
    keys = {"kind": "file", "path": str(SHARED / file), "table": table}
    [raw] = fetch_tables(tmp_path / "raw", {"real": FileSource.model_validate(keys)})
    found = map_source(raw)
    assert len(found.rows) == rows and not found.warnings and not found.notes
    assert {column: int(found.rows[column].notna().sum()) for column in values} == values
