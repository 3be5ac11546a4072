"""Sources of kind `kaggle`: Kaggle's own client, against a fake server on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, command
from fetching import GOOD, Run, arrived, digest, origin, project_fixture, refused, run_fixture, waits_fixture  # noqa: F401
from sites import KEY, TOKEN, USER, WRONG, Kaggle, kaggle, kaggle_port, silent, status

from brandmlm.data.sources.kaggle_client import legacy_key

DATASET = "some-owner/nike-reviews"


@pytest.fixture
def site(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    with kaggle() as site:
        site.datasets[DATASET] = {1: {"old.csv": b"old"}, 2: {"reviews.csv": GOOD.encode(), "notes.md": b"notes"}}
        yield site


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)


def calls(site: Kaggle) -> list[tuple[str, dict[str, Any]]]:
    """The API's methods that were called, each with its message."""
    return [
        (one.path.rpartition("/")[2], json.loads(one.body)) for one in site.asked if one.path.startswith("/api/v1/")
    ]


def test_the_only_csv_of_the_current_version_arrives(project: Path, run: Run, site: Kaggle, token: None) -> None:
    code, out, err = run(kind="kaggle", dataset=DATASET)
    assert code == 0, err
    arrived(project, GOOD)
    found = origin(project)
    assert (found["kind"], found["version"], found["sha256"]) == ("kaggle", 2, digest(GOOD.encode()))
    assert found["retrieved_from"] == f"kaggle:{DATASET}/versions/2/reviews.csv"
    assert found["files"] == [{"file": "reviews.csv", "from": found["retrieved_from"]}]
    assert "not pinned; `brand-mlm pin`" in out and "B/s" in err
    slugs = {"ownerSlug": "some-owner", "datasetSlug": "nike-reviews"}
    assert calls(site) == [
        ("GetDataset", slugs),
        ("ListDatasetFiles", {**slugs, "datasetVersionNumber": 2, "pageSize": 200}),
        ("DownloadDataset", {**slugs, "datasetVersionNumber": 2, "fileName": "reviews.csv"}),
    ]
    # Only the API gets the token; storage, on another host, accepts its signature.
    assert {one.headers.get("Authorization") for one in site.asked if "/api/" in one.path} == {f"Bearer {TOKEN}"}
    assert [one.headers.get("Authorization") for one in site.asked if "/storage/" in one.path] == [None]


def test_a_version_and_a_file_are_taken_as_named(project: Path, run: Run, site: Kaggle, token: None) -> None:
    site.datasets[DATASET][1] = {"a.csv": b"x", "folder/the reviews.csv": GOOD.encode()}
    code, _, err = run(kind="kaggle", dataset=DATASET, version=1, file="folder/the reviews.csv")
    assert code == 0, err
    arrived(project, GOOD)
    assert origin(project)["version"] == 1
    assert [name for name, _ in calls(site)] == ["ListDatasetFiles", "DownloadDataset"]


@pytest.mark.parametrize("name", ["reviews.csv", "deep/reviews.csv"])
def test_storage_that_packs_the_file_is_unpacked(project: Path, run: Run, site: Kaggle, token: None, name: str) -> None:
    site.datasets[DATASET][3] = {name: GOOD.encode()}
    site.zipped = True
    assert run(kind="kaggle", dataset=DATASET, sha256=digest(GOOD.encode()))[0] == 0
    arrived(project, GOOD)


def test_a_long_listing_is_read_to_its_end(project: Path, run: Run, site: Kaggle, token: None) -> None:
    site.page = 2
    site.datasets[DATASET][2] = {f"{n}.txt": b"" for n in range(4)} | {"reviews.csv": GOOD.encode()}
    assert run(kind="kaggle", dataset=DATASET)[0] == 0
    assert [message.get("pageToken") for name, message in calls(site) if name == "ListDatasetFiles"] == [None, "2", "4"]


def test_several_csv_files_are_listed(project: Path, run: Run, site: Kaggle, token: None) -> None:
    site.datasets[DATASET][2]["more.csv"] = b"x"
    result = run(kind="kaggle", dataset=DATASET)
    refused(project, result, "2 tables", "more.csv, reviews.csv", "sources.reviews.file")


def test_a_pattern_picks_several_files_also_zipped_by_the_site(
    project: Path, run: Run, site: Kaggle, token: None
) -> None:
    site.zipped = True
    site.datasets[DATASET][2] = {"a/2019.csv": GOOD.encode(), "a/2020.csv": GOOD.encode(), "notes.md": b"x"}
    code, out, err = run(kind="kaggle", dataset=DATASET, file="a/*.csv")
    assert code == 0 and f"10 rows, 1 kB from kaggle:{DATASET}/versions/2/a/*.csv" in out, err
    files = [(project / "data/raw/reviews/files" / each["file"]).read_bytes() for each in origin(project)["files"]]
    assert files == [GOOD.encode()] * 2


def test_no_csv_and_no_such_file_are_listed(project: Path, run: Run, site: Kaggle, token: None) -> None:
    refused(project, run(kind="kaggle", dataset=DATASET, file="gone.csv"), "'gone.csv'", "notes.md, reviews.csv")
    del site.datasets[DATASET][2]["reviews.csv"]
    refused(project, run(kind="kaggle", dataset=DATASET), "no table", "notes.md")


@pytest.mark.parametrize("keys", [{"dataset": "some-owner/unknown"}, {"dataset": DATASET, "version": 7}])
def test_what_is_not_there(project: Path, run: Run, site: Kaggle, token: None, keys: dict[str, Any]) -> None:
    refused(project, run(kind="kaggle", **keys), f"kaggle:{keys['dataset']}", "(404)", "sources.reviews.dataset")


# --- credentials -----------------------------------------------------------------------------------------------------


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


def give(way: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in one of the ways that Kaggle's package knows."""
    saved = json.dumps({"username": USER, "key": KEY})
    match way:
        case "KAGGLE_API_TOKEN":
            monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
        case "KAGGLE_API_TOKEN, a path":
            write(home / "my-token", f"{TOKEN}\n")
            monkeypatch.setenv("KAGGLE_API_TOKEN", str(home / "my-token"))
        case "access_token" | "access_token.txt":
            write(home / ".kaggle" / way, f"{TOKEN}\n")
        case "KAGGLE_USERNAME, KAGGLE_KEY":
            monkeypatch.setenv("KAGGLE_USERNAME", USER)
            monkeypatch.setenv("KAGGLE_KEY", KEY)
        case "kaggle.json":
            write(home / ".kaggle" / "kaggle.json", saved)
        case "kaggle.json in KAGGLE_CONFIG_DIR":
            write(home / "conf" / "kaggle.json", saved)
            monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(home / "conf"))
        case "kaggle.json in .config":
            write(home / ".config" / "kaggle" / "kaggle.json", saved)
        case "kaggle.json in XDG_CONFIG_HOME":
            write(home / "xdg" / "kaggle" / "kaggle.json", saved)
            monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
        case "kaggle.json and KAGGLE_KEY":
            write(home / ".kaggle" / "kaggle.json", json.dumps({"username": USER, "key": WRONG}))
            monkeypatch.setenv("KAGGLE_KEY", KEY)
        case "kaggle auth login" | "kaggle auth login, expired":
            until = "2001-01-01T00:00:00+00:00" if "expired" in way else "2999-01-01T00:00:00+00:00"
            login = {
                "refresh_token": KEY,
                "access_token": WRONG if "expired" in way else TOKEN,
                "access_token_expiration": until,
                "username": USER,
                "scopes": [],
            }
            write(home / ".kaggle" / "credentials.json", json.dumps(login))


LEGACY = [
    "KAGGLE_USERNAME, KAGGLE_KEY", "kaggle.json", "kaggle.json in KAGGLE_CONFIG_DIR", "kaggle.json in .config",
    "kaggle.json in XDG_CONFIG_HOME", "kaggle.json and KAGGLE_KEY",
]  # fmt: skip
WAYS = [
    "KAGGLE_API_TOKEN", "KAGGLE_API_TOKEN, a path", "access_token", "access_token.txt", *LEGACY,
    "kaggle auth login", "kaggle auth login, expired",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_give_credentials(
    project: Path, run: Run, site: Kaggle, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    give(way, project.parent / "home", monkeypatch)
    code, _, err = run(kind="kaggle", dataset=DATASET)
    assert code == 0, err
    arrived(project, GOOD)


@pytest.mark.parametrize("way", LEGACY)
def test_user_name_and_key_are_those_that_kaggle_s_package_finds(
    project: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """The package itself is the oracle; without a token its import does not use the network."""
    give(way, project.parent / "home", monkeypatch)
    code = "import kaggle, json; v = kaggle.api.config_values; print(json.dumps([v['username'], v['key']]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert tuple(json.loads(done.stdout.splitlines()[-1])) == legacy_key() == (USER, KEY)


def test_no_credentials(project: Path, run: Run, site: Kaggle) -> None:
    refused(project, run(kind="kaggle", dataset=DATASET), "no Kaggle credentials", "KAGGLE_API_TOKEN", "auth login")
    assert site.asked == []


@pytest.mark.parametrize("code", [401, 403])
def test_wrong_credentials(project: Path, run: Run, site: Kaggle, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", WRONG)
    site.faults["GetDataset"] = [status(403)] if code == 403 else []
    refused(project, run(kind="kaggle", dataset=DATASET), f"access denied ({code})", "KAGGLE_API_TOKEN", "dataset")


def test_a_login_that_is_no_longer_valid(
    project: Path, run: Run, site: Kaggle, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"refresh_token": WRONG, "access_token": WRONG, "access_token_expiration": "2001-01-01T00:00:00+00:00"}
    write(project.parent / "home/.kaggle/credentials.json", json.dumps(login))
    refused(project, run(kind="kaggle", dataset=DATASET), "access denied (401)", "kaggle auth login")


@pytest.mark.parametrize("odd", [TOKEN + "x" * 400, f"{TOKEN}\u20ac", f"{TOKEN}\nX: y"], ids=["long", "euro", "lines"])
def test_a_token_of_odd_form_is_not_told(
    project: Path, run: Run, site: Kaggle, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    """The file system and the HTTP library both quote such a token in their exceptions."""
    monkeypatch.setenv("KAGGLE_API_TOKEN", odd)
    expected = "access denied (401)" if odd.endswith("x") else "characters that no token has"
    refused(project, run(kind="kaggle", dataset=DATASET), f"kaggle:{DATASET}", expected)


def test_an_unknown_environment(project: Path, run: Run, token: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "MOON")
    refused(project, run(kind="kaggle", dataset=DATASET), "KAGGLE_API_ENVIRONMENT", "unset it")


# --- the API's own faults; those of downloads are in test_download.py ------------------------------------------------


@pytest.mark.parametrize("method", ["GetDataset", "ListDatasetFiles", "DownloadDataset"])
def test_a_busy_api_is_asked_again_when_it_says(
    project: Path, run: Run, site: Kaggle, token: None, waits: list[float], method: str
) -> None:
    site.faults[method] = [status(429, Retry_After="7"), status(500), None]
    code, _, err = run(kind="kaggle", dataset=DATASET)
    assert code == 0, err
    assert waits == [7.0, 2.0]
    assert "too many requests (429); attempt 2 in 7 s" in err


def test_an_api_that_stays_down(project: Path, run: Run, site: Kaggle, token: None, waits: list[float]) -> None:
    site.faults["GetDataset"] = [status(500)] * 9
    refused(project, run(kind="kaggle", dataset=DATASET), "(500), 4 times in a row", "try again later")
    assert waits == [1.0, 2.0, 4.0]


def test_an_api_that_is_silent(project: Path, run: Run, site: Kaggle, token: None) -> None:
    site.faults["GetDataset"] = [silent] * 9
    refused(project, run({"fetch.timeout_s": 0.2}, kind="kaggle", dataset=DATASET), "sent nothing for 0.2 s")


def test_no_server(project: Path, run: Run, token: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    with kaggle_port():
        refused(project, run(kind="kaggle", dataset=DATASET), "no connection to localhost", "check the address")


def test_fetch_imports_nothing_of_kaggle_before_it_downloads(project: Path) -> None:
    code = "import sys, stages.fetch; print([m for m in sys.modules if m.startswith(('kaggle', 'huggingface'))])"
    assert command(project, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout.strip() == "[]"
