"""An address pasted for owner/name gives the name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.config.params.addresses import DataSet, advise_name, find_data_set


@pytest.mark.parametrize(
    ("text", "site", "name"),
    [
        ("https://www.kaggle.com/datasets/owner/nike-reviews", "kaggle", "owner/nike-reviews"),
        ("https://www.kaggle.com/datasets/owner/nike-reviews/data?select=a.csv", "kaggle", "owner/nike-reviews"),
        ("kaggle.com/owner/nike-reviews", "kaggle", "owner/nike-reviews"),
        ("http://kaggle.com/owner/nike-reviews/version/3#x", "kaggle", "owner/nike-reviews"),
        ("<https://www.kaggle.com/d/owner/nike-reviews>", "kaggle", "owner/nike-reviews"),
        ("kaggle datasets download -d owner/nike-reviews", "kaggle", "owner/nike-reviews"),
        ("kaggle datasets download owner/nike-reviews", "kaggle", "owner/nike-reviews"),
        ('kagglehub.dataset_download("owner/nike-reviews")', "kaggle", "owner/nike-reviews"),
        ("https://data.world/data-hut/product-data-from-nike", "dataworld", "data-hut/product-data-from-nike"),
        ("data.world/owner/name/workspace/file?filename=a.csv", "dataworld", "owner/name"),
        ("https://huggingface.co/datasets/owner/name", "hub", "owner/name"),
        ("https://huggingface.co/datasets/owner/name/tree/main/data", "hub", "owner/name"),
        ("hf.co/datasets/owner/name.git", "hub", "owner/name"),
        ("git@hf.co:datasets/owner/name", "hub", "owner/name"),
        ("hf://datasets/owner/name@main/data/train.parquet", "hub", "owner/name"),
        ('load_dataset("owner/name", split="train")', "hub", "owner/name"),
        ("  'https://user:secret@huggingface.co/datasets/owner/name?token=x' ", "hub", "owner/name"),
        ("datasets/owner/name", None, "owner/name"),
    ],
)  # fmt: skip
def test_addresses(text: str, site: str | None, name: str) -> None:
    assert find_data_set(text) == DataSet(site, name)
    assert advise_name(text, site or "kaggle") == f"write {name}"


@pytest.mark.parametrize(
    "text",
    [
        "", "owner", "https://www.kaggle.com", "https://www.kaggle.com/code/owner/notebook", "https://[x/owner/name",
        "https://www.kaggle.com/competitions/titanic", "https://huggingface.co/owner/model", "owner name",
        "https://huggingface.co/spaces/owner/name", "https://example.com/owner/name", "https://data.world/owner",
        "https://www.kaggle.com/datasets/owner/na me",
    ],
)  # fmt: skip
def test_what_names_no_data_set(text: str) -> None:
    assert find_data_set(text) is None
    assert advise_name(text, "kaggle") == "write owner/name as the site's address has it"


def test_another_sites_address() -> None:
    advice = advise_name("https://huggingface.co/datasets/owner/name", "kaggle")
    assert advice == "that is a data set of another site: set kind to hub and write owner/name"


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    assert advise_name(text, "hub").startswith(("write ", "that is "))
