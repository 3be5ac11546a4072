"""Sources of kind `hub`: the hub's own client, against a fake server on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from fetching import GOOD, HEADER, Run, arrived, digest, origin, project_fixture, refused, run_fixture, waits_fixture  # noqa: F401
from sites import TOKEN, WRONG, Hub, cut, status, truncated

REPOSITORY = "some-owner/reviews"
COMMIT, NEWER = "c0ffee" * 6 + "c0de", "f" * 40
FIRST, SECOND = GOOD, HEADER + "\n" + "Reviewer 9,Fine,Good socks 9,5,Great,2020-01-09,1,Kenya\n" * 40
KEYS = {"kind": "hub", "repository": REPOSITORY, "revision": COMMIT}


@pytest.fixture
def site(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A data set, and the hub's client as if the variables had been set before its import."""
    from huggingface_hub import constants, file_download
    from huggingface_hub.utils import _http

    site = Hub()
    files = {
        "README.md": b"# x",
        "data/train-00000-of-00002.csv": FIRST.encode(),
        "data/train-00001-of-00002.csv": SECOND.encode(),
        "data/test-00000-of-00001.csv": FIRST.encode(),
    }
    site.files[f"datasets/{REPOSITORY}"] = {COMMIT: files}
    site.branches["main"] = COMMIT
    with site.running():
        address = f"http://127.0.0.1:{site.port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(project.parent / "home" / "hub"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        quick = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: None})
        monkeypatch.setattr(file_download, "time", quick)
        monkeypatch.setattr(_http, "time", quick)
        yield site


def test_the_files_of_a_split_are_one_table(project: Path, run: Run, site: Hub) -> None:
    code, out, err = run(**KEYS, split="train")
    assert code == 0, err
    assert f"45 rows, 3 kB from hub:{REPOSITORY}/train (hub)" in out
    found = origin(project)
    assert (found["version"], found["revision"], found["rows"]) == (COMMIT, COMMIT, 45)
    rows = pd.read_parquet(project / "data/raw/reviews/rows.parquet")
    assert rows.groupby("file").size().to_dict() == {
        "train-00000-of-00002.csv": 5, "train-00001-of-00002.csv": 40,
    }  # fmt: skip
    assert [path for path in site.paths() if "README" in path or "test-0" in path] == []


def test_a_file_is_named_or_the_choice_is_listed(project: Path, run: Run, site: Hub) -> None:
    refused(project, run(**KEYS), "3 tables in the data set", "data/test-00000-of-00001.csv", "sources.reviews.file")
    refused(project, run(**KEYS, split="validation"), "no table of split 'validation'", "data/test-0")
    refused(project, run(**KEYS, file="gone.csv"), "no file 'gone.csv'")
    assert run(**KEYS, file="data/test*.csv")[0] == 0
    arrived(project, FIRST)


def test_a_branch_is_pinned_by_the_commit_that_it_pointed_to(project: Path, run: Run, site: Hub) -> None:
    keys = {**KEYS, "split": "test"}
    assert run(**{**keys, "revision": "main"})[0] == 0
    assert (origin(project)["version"], origin(project)["revision"]) == (COMMIT, "main")
    before = {path: path.read_bytes() for path in (project / "data/raw").rglob("*") if path.is_file()}
    site.asked.clear()
    code, out, _ = run(**keys, sha256=digest(FIRST.encode()), min_rows=5)
    assert code == 0 and "unchanged" in out and site.asked == []
    assert {path: path.read_bytes() for path in before} == before


def test_another_commit_is_fetched(project: Path, run: Run, site: Hub) -> None:
    assert run(**KEYS, split="test")[0] == 0
    site.files[f"datasets/{REPOSITORY}"][NEWER] = {"test.csv": SECOND.encode()}
    assert run(**{**KEYS, "revision": NEWER}, split="test")[0] == 0
    arrived(project, SECOND)


def test_a_cut_and_a_damaged_file_are_fetched_again(project: Path, run: Run, site: Hub, waits: list[float]) -> None:
    large = HEADER + "\n" + "Reviewer 9,Fine,Good socks 9,5,Great,2020-01-09,1,Kenya\n" * 4000
    site.files[f"datasets/{REPOSITORY}"][COMMIT] = {"all.csv": large.encode()}
    site.faults["/storage/"] = [cut, truncated, None]
    code, _, err = run(**KEYS)
    assert code == 0, err
    arrived(project, large)


@pytest.mark.parametrize(
    ("keys", "parts"),
    [
        ({"repository": "some-owner/unknown"}, ["no such repository", "sources.reviews.repository"]),
        ({"revision": "gone"}, ["no such revision", "sources.reviews.revision"]),
        ({"split": "train", "file": "a.csv"}, ["file or split, not both"]),
        (
            {"repository": f"https://huggingface.co/datasets/{REPOSITORY}/tree/main"},
            ["sources.reviews.repository", f"write {REPOSITORY}"],
        ),
    ],
)
def test_mistakes_are_named(project: Path, run: Run, site: Hub, keys: dict[str, str], parts: list[str]) -> None:
    refused(project, run(**{**KEYS, **keys}), *parts)


def test_credentials_and_limits(project: Path, run: Run, site: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    site.gated.add(f"datasets/{REPOSITORY}")
    refused(project, run(**KEYS, split="test"), "its owner requires a request", "HF_TOKEN")
    site.gated.clear()
    monkeypatch.setenv("HF_TOKEN", WRONG)
    refused(project, run(**KEYS, split="test"), "access denied (401)", "HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    site.files[f"datasets/{REPOSITORY}"][COMMIT]["big.csv"] = b"x" * 1_100_000
    refused(project, run({"fetch.max_megabytes": 1}, **KEYS, file="big.csv"), "limit of 1 MB", "fetch.max_megabytes")


def test_a_hub_that_stays_down(project: Path, run: Run, site: Hub, waits: list[float]) -> None:
    site.faults["/api/"] = [status(500)] * 99
    refused(project, run(**KEYS, split="test"), "the hub cannot answer now (500)", "try again later")


def test_offline_is_said(project: Path, run: Run, site: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(project, run(**KEYS, split="test"), "HF_HUB_OFFLINE forbids asking the hub; unset it")
