"""Cleaning: reasons, duplicates, personal data, counts; plain tables, and the stage as the pipeline runs it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import run_module
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_rows import CATALOGUE, LONG, MAPS, PRODUCTS, REVIEWS, TABLES, fetch_tables, raw_sources, write_all
from whole_tables import clean_sources

from brandmlm.config.params.clean import Clean
from brandmlm.config.params.sources import AnySource, FileSource
from brandmlm.core.errors import UserError
from brandmlm.data.cleaning import (
    DROPPED_COLUMNS,
    REASONS,
    clean,
    count_rows,
    describe_counts,
    mark_dropped,
)
from brandmlm.text.sentences import words

ROOT = Path(__file__).resolve().parents[2]
RAW = Path(__file__).resolve().parents[2].parent / "shared" / "raw"
RAW_FILES = {
    "reviews": "nike_customer_reviews_kaggle.csv",
    "products": "nike_products.csv",
    "catalogue": "products_kaggle.csv",
}
PARAMS = Clean(min_words=2, near_duplicate=0.8, language_confidence=0.1, min_brand_share=0.05)
LEXICON = ROOT / "brands" / "nike" / "lexicon.yaml"

PERSONAL = ("Harrowgate", "Zanzibar", "97531", "jo.doe", "ana.perez", "7946", "@", "Reviewer")


def run_stage(raw: Path, out: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_module(
        ROOT, "stages.clean", "--raw", str(raw), "--lexicon", str(LEXICON), "--out", str(out), **variables
    )


def test_a_whole_run(tmp_path: Path) -> None:
    done = run_stage(write_all(tmp_path / "raw"), tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "15 rows in, 9 kept, 6 dropped" in done.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "corpus.parquet", "counts.json", "dropped.parquet", "tables.json",
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
        3: "exact_duplicate", 4: "other_language", 5: "empty", 6: "too_short", 8: "near_duplicate",
        10: "other_language",
    }  # fmt: skip
    assert set(dropped["duplicate_of"].dropna()) == {
        by_text.loc["nice products", "id"], by_text.loc[f"Worth it. {LONG}", "id"],
    }  # fmt: skip

    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert counts["reviews"] == {
        "read": 10,
        "kept": 4,
        "dropped": {
            "unreadable": 0,
            "empty": 1,
            "too_short": 1,
            "other_language": 2,
            "exact_duplicate": 1,
            "near_duplicate": 1,
        },
        "unreadable_dates": 1,
        "unreadable_ratings": 1,
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


def test_rows_all_in_another_language_tell_which(tmp_path: Path) -> None:
    texts = ["Die Schuhe sind sehr bequem.", "Leider ist die Sohle schon nach zwei Wochen gebrochen.", "Top!"]
    raw = write_all(
        tmp_path / "raw",
        reviews=[{"Title": "", "Content": text} for text in texts],
        products=[{"Product Name": "Laufschuh", "Description": "Ein leichter Schuh für lange Strecken im Wald."}],
        catalogue=[{"name": "Nike"}],
    )
    done = run_stage(raw, tmp_path / "out")
    assert done.returncode == 1 and "write `language: de` into its lexicon.yaml" in done.stderr


def test_no_row_left_is_said_in_one_line_and_leaves_the_older_output(tmp_path: Path) -> None:
    raw = write_all(
        tmp_path / "raw",
        reviews=[{"Title": "Colis perdu", "Content": "Commande passée le 20 novembre, toujours rien reçu."}],
        products=[{"Product Name": "", "Description": " "}],
        catalogue=[{"name": "Nike"}],
    )
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "corpus.parquet").write_text("older")
    done = run_stage(raw, tmp_path / "out")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert (
        "no row is left" in line
        and "reviews: 1 read, 0 kept, dropped: other_language 1" in line
        and "relax the limits" in line
    )
    assert "products: 1 read, 0 kept, dropped: empty 1" in line
    assert "catalogue: 1 read, 0 kept, dropped: too_short 1" in line
    assert (tmp_path / "out" / "corpus.parquet").read_text() == "older"


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda raw: (raw / "products" / "rows.parquet").unlink(), "products/rows.parquet"),
        (
            lambda raw: (raw / "catalogue" / "origin.json").write_text("{}"),
            "catalogue/origin.json: not written",
        ),
        (lambda raw: (raw / "reviews" / "rows.parquet").write_text(""), "reviews/rows.parquet"),
        (lambda raw: (raw / "sources.json").unlink(), "sources.json"),
    ],
)
def test_a_broken_source_is_named(tmp_path: Path, break_it: Any, told: str) -> None:
    raw = write_all(tmp_path / "raw")
    break_it(raw)
    done = run_stage(raw, tmp_path / "out")
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_earlier_sources_win_and_duplicates_are_found_across_sources(tmp_path: Path) -> None:
    twin = {
        "Title": "",
        "Content": "The Nike Air Max 90, stays true to its ROOTS",
        "Star_rating": "5",
        "Date": "2020-01-01",
    }
    result, _ = clean_sources(raw_sources(tmp_path / "raw", reviews=[twin]), PARAMS)
    corpus, dropped = result.corpus, result.dropped
    assert result.counts["products"]["dropped"]["exact_duplicate"] == 1
    assert set(corpus.loc[corpus["text"].str.contains("true to its", case=False), "source"]) == {"reviews"}
    row = dropped[dropped["reason"] == "exact_duplicate"].iloc[0]
    assert row["source"] == "products" and row["duplicate_of"] in set(corpus["id"])


def test_accounting_is_checked() -> None:
    marked = pd.DataFrame({"source": ["reviews"], "reason": pd.array([None], dtype="string")})
    assert count_rows(marked, {"reviews": 1})["reviews"]["kept"] == 1
    with pytest.raises(ValueError, match="2 rows read, but 1 kept"):
        count_rows(marked, {"reviews": 2})
    with pytest.raises(ValueError, match="1 rows read, but 0 kept and 0 dropped"):
        count_rows(marked.assign(reason="some other reason"), {"reviews": 1})


@given(
    st.lists(
        st.sampled_from([*(row.get("Title", "") for row in REVIEWS), LONG, "good shoes", "!", "[email]"]), max_size=12
    )
)
@settings(max_examples=40, deadline=None)
def test_every_row_is_kept_or_dropped_once_and_no_text_is_kept_twice(titles: list[str]) -> None:
    rows = [{"Title": title, "Date": "2020-01-01", "Star_rating": "3"} for title in ["a plain English title", *titles]]
    with tempfile.TemporaryDirectory() as folder:
        result, _ = clean_sources(raw_sources(Path(folder, "raw"), reviews=rows), PARAMS)
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
        (2, "exact_duplicate"), (3, "empty"), (5, "other_language"),
    ]  # fmt: skip
    assert result.dropped["duplicate_of"][0] == fit["id"]
    assert describe_counts(result.counts) == [
        "table: 5 read, 2 kept, dropped: empty 1, other_language 1, exact_duplicate 1"
    ]


def test_a_plain_table_and_the_stage_clean_reviews_alike(tmp_path: Path) -> None:
    whole, _ = clean_sources(raw_sources(tmp_path / "raw")[:1], PARAMS)
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
    mixed = table.assign(text=["Guten Tag Welt", "Vielen Dank auch", "nice shoes"])
    assert len(clean(mixed, language_confidence=0).corpus) == 3
    assert len(clean(mixed, language="de").corpus) == 2
    with pytest.raises(UserError, match="'german' is unknown"):
        clean(mixed, language="german")


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


def test_checking_is_linear_enough_for_large_tables() -> None:
    """Rows of one template share most words; a text is compared with few of them."""
    rows = pd.DataFrame(
        {
            "text": [
                f"The number {n} hoodie of team {n * 7} is soft and warm, and so is scarf {n * 13}."
                for n in range(3000)
            ]
        }
    )
    marked = mark_dropped(rows, PARAMS)
    assert marked["reason"].isna().all()
    assert len(set(map(" ".join, map(words, marked["text"])))) == 3000


# --- the real rows ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    not all((RAW / name).is_file() for name in RAW_FILES.values()), reason=f"the three real data sets are not in {RAW}"
)
def test_the_real_rows(tmp_path: Path) -> None:
    sources: dict[str, AnySource] = {}
    for name, file in RAW_FILES.items():
        keys = {"kind": "file", "path": str(RAW / file), "table": TABLES[name], "columns": MAPS.get(name, {})}
        sources[name] = FileSource.model_validate(keys)
    fetch_tables(tmp_path / "raw", sources)
    done = run_stage(tmp_path / "raw", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    counts = json.loads((tmp_path / "out" / "counts.json").read_text())
    assert {source: of["read"] for source, of in counts.items()} == {"reviews": 166, "products": 451, "catalogue": 84}
    assert all(of["read"] == of["kept"] + sum(of["dropped"].values()) for of in counts.values())
    assert counts["reviews"]["kept"] >= 160 and counts["reviews"]["unreadable_dates"] == 0

    corpus = pd.read_parquet(tmp_path / "out" / "corpus.parquet")
    dropped = pd.read_parquet(tmp_path / "out" / "dropped.parquet")
    texts = pd.concat([corpus["text"], dropped["text"]])
    assert list(dropped.loc[dropped["reason"] == "other_language", "row"]) == [128]  # Danish
    assert not texts.str.contains(r"[“”‘’\u00a0\u200b]|Reviewer \d|<p>|\[MASK\]|@").any()
    assert not texts.str.contains(r"[a-z]{2}[.!?][A-Z][a-z]{2}").any()
    for name in ("Dri-FIT", "VaporMax", "NikeCourt", "LeBron", "ZoomX", "FlyEase", "SuperRep", "Fly.By", "Zer0.2"):
        assert texts.str.contains(name, regex=False).any(), name
