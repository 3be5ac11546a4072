"""The sample data have as many rows as promised, and every fault of real exports."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from raw_rows import fetch_tables
from whole_tables import clean_sources

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.reading import load_params
from brandmlm.data.brand_context import BrandContext
from brandmlm.data.cleaning import REASONS
from brandmlm.data.tables import read_table
from brandmlm.evaluation.minimal_pairs import read_pairs
from brandmlm.evaluation.test_sets import read_general
from brandmlm.text.placeholders import CARD, EMAIL, NUMBER, PHONE

NIKE = BrandContext.of(load_lexicon(ROOT / "brands" / "nike" / "lexicon.yaml"))
SOURCES = ("reviews", "products", "catalogue")
TABLES = {source: read_table(ROOT / "sample" / f"{source}.csv") for source in SOURCES}
REVIEWS = TABLES["reviews"]
ENGLISH = ROOT / "sample" / "general"
GENERAL = (ROOT / "sample" / "general" / "everyday.txt").read_text(encoding="utf-8").splitlines()


def cells(pattern: str) -> int:
    """The number of cells, of all three tables, in which a pattern is found."""
    return sum(int(table[column].str.contains(pattern).sum()) for table in TABLES.values() for column in table)


@pytest.mark.parametrize(("source", "least"), [("reviews", 160), ("products", 160), ("catalogue", 80)])
def test_there_are_rows_enough_in_the_sources_own_columns(source: str, least: int) -> None:
    assert len(TABLES[source]) >= least


def test_reviews_have_all_five_ratings_and_span_two_years() -> None:
    assert set(REVIEWS["Star_rating"]) == set("12345") and REVIEWS["Star_rating"].value_counts().min() >= 10
    dates = pd.to_datetime(REVIEWS["Date"], format="%Y-%m-%d")
    assert (dates.max() - dates.min()).days >= 700 and dates.dt.to_period("M").nunique() == 24


def test_the_general_text_is_about_200_everyday_sentences_without_a_brand() -> None:
    assert 180 <= len(GENERAL) == len(set(GENERAL)) and not re.search(r"nike|adidas", " ".join(GENERAL), re.I)


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        (r"<(?:p|br|b|li|strong|ul)\b", 10),  # HTML
        (r"&(?:amp|nbsp|quot|#39|eacute);", 5),
        (r"[A-Za-z]{2}[.!?][A-Z][a-z]{2}", 15),  # glued sentences
        ("\u00a0", 10),
        ("[“”‘’]", 10),
        ("[\U0001f300-\U0001faff]", 8),  # emoji
        ("â€|Ã.", 5),  # decoded with the wrong table
        (r"\w@\w", 5),
        (r"\+\d{1,3}[ \d()-]{8,}|\(?555\)?|\b01632", 3),  # telephone numbers
        (r"\b[A-Z]\d{8,}|(?i:order) (?:no\.? |number )?#?\d", 3),  # order numbers
        (r'(?<!")""(?!")|^\s*"|"\s*$', 3),  # stray quotes
        (r"\n", 5),
    ],
)  # fmt: skip
def test_every_kind_of_dirt_is_there(pattern: str, least: int) -> None:
    assert cells(pattern) >= least


def test_bodies_are_empty_and_titles_cut_off() -> None:
    body, title = REVIEWS["Content"].str.strip(), REVIEWS["Title"].str.strip()
    assert (body == "").sum() >= 5
    cut = [
        long.startswith(short.rstrip("….")[:20]) for short, long in zip(title, body, strict=True) if short[-1:] == "…"
    ]
    assert sum(cut) >= 10


def test_addresses_are_invented() -> None:
    text = " ".join(" ".join(table[column]) for table in TABLES.values() for column in table)
    domains = {match.group(1).rstrip(".").lower() for match in re.finditer(r"[\w.+-]+@([\w-]+(?:\.[a-z]+)+)", text)}
    assert domains and all(re.fullmatch(r"(?:\w+\.)?example(?:\.(?:com|org|net))?", domain) for domain in domains)


def test_cleaning_finds_every_reason_and_replaces_every_kind_of_personal_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = load_params(ROOT / "params.yaml")
    monkeypatch.chdir(ROOT)
    result, mapped = clean_sources(fetch_tables(tmp_path / "raw", dict(params.sources)), params.clean, NIKE)
    assert not any(each.notes or each.warnings for each in mapped)
    corpus, dropped, counts = result.corpus, result.dropped, result.counts
    assert set(dropped["reason"]) == set(REASONS) - {"unreadable"}
    for source, table in TABLES.items():
        assert counts[source]["read"] == len(table)
        for reason in ("exact_duplicate", "near_duplicate", "other_language"):
            assert counts[source]["dropped"][reason] >= 1, (source, reason)
    for placeholder in (EMAIL, PHONE, NUMBER, CARD):
        assert corpus["text"].str.contains(placeholder, regex=False).any(), placeholder
    assert not corpus["text"].str.contains(r"\w@\w|<[a-z]+>|&[a-z]+;|[\u00a0“”‘’]").any()


def test_the_readme_counts_the_rows() -> None:
    readme = (ROOT / "sample" / "README.md").read_text(encoding="utf-8")
    assert "written for this project" in readme
    rows = {name: int(count) for name, count in re.findall(r"\| `(?:general/)?(\w+)\.\w+` \| (\d+) \|", readme)}
    english = {path.stem: len(path.read_text(encoding="utf-8").splitlines()) for path in ENGLISH.iterdir()}
    assert rows == {source: len(table) for source, table in TABLES.items()} | english


def test_general_english_names_no_brand_and_no_sentence_is_in_two_files() -> None:
    texts = [
        *read_general(ENGLISH / "everyday.txt")["text"],
        *read_general(ENGLISH / "mixed.txt")["text"],
        *read_pairs(ENGLISH / "minimal_pairs.tsv")["good"],
    ]
    assert len(texts) >= 200 + 200 + 200 and len(set(texts)) == len(texts)
    assert not re.search(r"\b(nike|adidas|puma|reebok)\b", " ".join(texts), re.I)
    tuned = (ROOT / "bench" / "mixed.txt").read_text(encoding="utf-8").splitlines()
    assert not set(tuned) & set(texts)
