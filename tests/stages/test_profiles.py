"""Profiles in DVC: each can be looked at, and one with sources of any names runs through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import command, commit, dvc, ran, set_params

from brandmlm.config.params.sections import find_profiles, read_document


@pytest.mark.slow
def test_dvc_shows_the_status_of_every_profile(small: Path) -> None:
    document = read_document(small / "params.yaml")
    source = {"kind": "file", "path": "mine.tsv", "table": "review"}
    own = {"sources": {"shop-1": source}, "base": {"kind": "path", "path": "b"}}
    set_params(small, {"acme": {**own, "synthesize": {}, "filter": {}, "train": {}}})
    for profile in (*find_profiles(document), "acme"):
        set_params(small, {"profile": profile})
        status = json.loads(dvc(small, "status", "--json").stdout)
        assert any("changed outs" in entry for entry in status["fetch"]), profile


PAGES = {
    "Kettle Run": "A light shoe for long runs on the road.", "Tank Top": "Soft cloth that dries while you train.",
    "Grip Sock": "Holds the foot where it belongs.", "Wind Hat": "Keeps gusts out of your hair.",
    "Track Pant": "Two pockets close with zips.", "Swim Short": "For the pool and the beach alike.",
    "Court Racket Bag": "Carries three rackets and a towel.", "Trail Bottle": "Half a litre of water at your belt.",
    "Rain Coat": "Sealed seams stop every drop.", "Yoga Mat": "Thick foam saves your knees.",
    "Golf Glove": "Thin leather for a sure hand.", "Keeper Jersey": "Padded elbows soften a dive.",
    "Skate Shoe": "Suede that lasts a summer of tricks.", "Base Layer": "Warm wool next to the skin.",
    "Reflector Vest": "Drivers see it from far away.", "Head Band": "Sweat stays off the forehead.",
}  # fmt: skip


@pytest.mark.slow
def test_product_pages_alone_without_dates_and_ratings_reach_the_filter(small: Path) -> None:
    rows = [f"{number};Nike {name};{told};2021-10-23" for number, (name, told) in enumerate(PAGES.items())]
    (small / "pages.csv").write_text("\n".join(["sku;ProductName;Description;Crawled", *rows]))
    base = read_document(small / "params.yaml")["sample"]["base"]
    pages = {"kind": "file", "path": "pages.csv", "table": "product"}
    acme = {"sources": {"our-pages": pages}, "base": base, "synthesize": {"sentences": 200}, "train": {"tokens": 1000}}
    set_params(small, {"acme": {**acme, "filter": {"rule": "~unwanted"}}, "profile": "acme"})
    set_params(small, {"split.validation": 0.3, "split.test": 0.3})
    said = dvc(small, "repro", "filter").stdout
    assert "fetch: our-pages: columns: text = 'ProductName' + 'Description'\n" in said
    assert "filter: drift: nothing to watch, since no review has a date and a rating" in said
    counts = json.loads((small / "data/clean/counts.json").read_text())
    assert counts["our-pages"]["kept"] == len(PAGES) and "unreadable_dates" not in counts["our-pages"]
    assert json.loads((small / "data/clean/tables.json").read_text()) == {"our-pages": "product"}
    # Pins of what was fetched make nothing run again but the check of them.
    command(small, "python", "-m", "brandmlm", "pin")
    assert ran(dvc(small, "repro", "filter")) == {"fetch"}
    # The next run fetches the sample's sources and removes the others.
    set_params(small, {"profile": "sample"})
    dvc(small, "repro", "fetch")
    assert sorted(path.name for path in (small / "data/raw").iterdir()) == [
        "catalogue", "products", "reviews", "sources.json",
    ]  # fmt: skip


@pytest.mark.long
def test_quick_tries_an_edit_and_says_that_its_numbers_mean_little(small: Path) -> None:
    tiny = read_document(small / "params.yaml")["sample"]
    set_params(small, {f"quick.{section}": tiny[section] for section in ("base", "synthesize", "train")})
    commit(small)
    dvc(small, "exp", "run", "-S", "profile=quick")
    said = command(small, "python", "-m", "brandmlm", "results").stdout
    tokens = tiny["train"]["tokens"]
    assert f"Profile quick: v1 and v2 were trained on {tokens:,} tokens each." in said and "mean little" in said
