"""Sources of kind `dataworld`: API v0, against a fake server on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fetching import GOOD, Run, arrived, digest, origin, project_fixture, refused, run_fixture, waits_fixture  # noqa: F401
from sites import TOKEN, WRONG, DataWorld, status

DATASET = "some-owner/nike-reviews"


@pytest.fixture
def site(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataWorld]:
    site = DataWorld()
    site.datasets[DATASET] = {"the reviews.csv": GOOD.encode(), "notes.txt": b"notes"}
    with site.running():
        monkeypatch.setenv("DW_API_HOST", f"http://127.0.0.1:{site.port}")
        monkeypatch.setenv("DW_AUTH_TOKEN", TOKEN)
        yield site


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_only_csv_arrives(project: Path, run: Run, site: DataWorld, elsewhere: bool) -> None:
    """`elsewhere`: the answer redirects to another host, which must not receive the token."""
    site.elsewhere = elsewhere
    code, out, err = run(kind="dataworld", dataset=DATASET)
    assert code == 0, err
    arrived(project, GOOD)
    found = origin(project)
    assert (found["kind"], found["version"], found["sha256"]) == ("dataworld", "5a1c-7", digest(GOOD.encode()))
    assert found["retrieved_from"] == f"data.world:{DATASET}/the reviews.csv"
    assert found["files"] == [{"file": "the_reviews.csv", "from": found["retrieved_from"]}]
    assert "not pinned; `brand-mlm pin`" in out and "B/s" in err
    assert site.paths()[:2] == [f"/v0/datasets/{DATASET}", f"/v0/file_download/{DATASET}/the%20reviews.csv"]
    sent = [one.headers.get("Authorization") for one in site.asked]
    assert sent == [f"Bearer {TOKEN}"] * 2 + [None] * elsewhere


def test_netrc_does_not_replace_the_token(project: Path, run: Run, site: DataWorld) -> None:
    netrc = project.parent / "home" / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password other\n")
    netrc.chmod(0o600)
    assert run(kind="dataworld", dataset=DATASET)[0] == 0


def test_several_none_and_no_such_file_are_listed(project: Path, run: Run, site: DataWorld) -> None:
    refused(
        project, run(kind="dataworld", dataset=DATASET, file="gone.csv"), "'gone.csv'", "notes.txt, the reviews.csv"
    )
    site.datasets[DATASET]["more.csv"] = GOOD.encode()
    refused(project, run(kind="dataworld", dataset=DATASET), "2 tables", "more.csv", "sources.reviews.file")
    assert run(kind="dataworld", dataset=DATASET, file="more.csv")[0] == 0
    arrived(project, GOOD)


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("", ["no data.world credentials", "DW_AUTH_TOKEN"]),
        (WRONG, ["access denied (401)", "DW_AUTH_TOKEN"]),
        (f"{TOKEN} {TOKEN}", ["characters that no token has", "DW_AUTH_TOKEN"]),
    ],
    ids=["none", "wrong", "odd"],
)
def test_no_or_wrong_credentials(
    project: Path, run: Run, site: DataWorld, monkeypatch: pytest.MonkeyPatch, token: str, parts: list[str]
) -> None:
    monkeypatch.setenv("DW_AUTH_TOKEN", token)
    refused(project, run(kind="dataworld", dataset=DATASET), f"data.world:{DATASET}", *parts)
    assert len(site.asked) == (token == WRONG)


def test_a_data_set_that_one_may_not_read_and_one_that_is_not_there(project: Path, run: Run, site: DataWorld) -> None:
    site.faults["/v0/datasets/"] = [status(403)]
    refused(project, run(kind="dataworld", dataset=DATASET), "access denied (403)", "sources.reviews.dataset")
    refused(project, run(kind="dataworld", dataset="some-owner/unknown"), "(404)", "sources.reviews.dataset")


def test_a_busy_api_is_asked_again_when_it_says(project: Path, run: Run, site: DataWorld, waits: list[float]) -> None:
    site.faults["/v0/datasets/"] = [status(429, Retry_After="3"), status(500), status(500), None]
    assert run(kind="dataworld", dataset=DATASET)[0] == 0
    assert waits == [3.0, 2.0, 4.0]
    shutil.rmtree(project / "data/raw/reviews")
    site.faults["/v0/datasets/"] = [status(500)] * 9
    assert run(kind="dataworld", dataset=DATASET)[2].endswith("(500), 4 times in a row; try again later\n")


def test_the_token_is_sent_over_tls_alone(project: Path, run: Run, site: DataWorld, monkeypatch: Any) -> None:
    monkeypatch.setenv("DW_API_HOST", "http://example.org")
    refused(project, run(kind="dataworld", dataset=DATASET), "DW_API_HOST", "https://")
