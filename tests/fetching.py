"""Shared by the tests of sources: a project with only params, a run of `fetch` in it, checks of its outcome.

Wherever `run` is used, nothing that is printed or written may hold one of the secrets that the tests plant.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sites
from conftest import ROOT, run_main, set_params

from brandmlm.core import retries
from stages import fetch

HEADER = "Reviewer,Title,Content,Star_rating,Rating,Date,Reviews_posted,Location"
GOOD = f"{HEADER}\n" + "".join(f"Reviewer {n},Fine,Good shoes {n},5,Great,2020-01-0{n},1,Kenya\n" for n in range(1, 6))
# Larger than one chunk of a download and than what a connection holds in its buffers.
LARGE = f"{HEADER}\n" + "".join(
    f"Reviewer {n},Fine,Good shoes and {n} more words to fill a line,5,Great,2020-01-01,1,Kenya\n"
    for n in range(20_000)
)
Run = Callable[..., tuple[int, str, str]]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(name="project")
def project_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a folder with only the project's params and the `data/raw/reviews` of an earlier run. The
    home folder is empty; no credentials are set."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "params.yaml", folder)
    earlier = folder / "data" / "raw" / "reviews"
    earlier.mkdir(parents=True)
    (earlier / "rows.parquet").write_text("of an earlier run")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DW_AUTH_TOKEN", "DW_API_HOST", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(name="waits")
def waits_fixture(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, in seconds, which are skipped."""
    found: list[float] = []
    monkeypatch.setattr(retries, "sleep", found.append)
    return found


@pytest.fixture(name="run")
def run_fixture(
    project: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run `fetch` with one source, reviews, of these keys; returns the exit code and both streams."""
    everything: list[str] = []

    def go(params: dict[str, Any] | None = None, **source: Any) -> tuple[int, str, str]:
        sources = {"reviews": {"table": "review", **source}}
        set_params(project, {"sample.sources": sources, **(params or {})})
        code, out, err = run_main(monkeypatch, capfd, fetch.main, "fetch", "--out", "data/raw")
        everything.extend((out, err))
        return code, out, err

    yield go
    assert not any(secret in text for secret in sites.SECRETS for text in everything)
    # Only params.yaml holds what the user writes there.
    assert [file for file in sites.leaks(project) if file != str(project / "params.yaml")] == []


def refused(project: Path, result: tuple[int, str, str], *parts: str, partial: bool = False) -> str:
    """Assert an error in one line, which is returned; the earlier output is unchanged, and nothing is beside it but, if
    `partial`, a download that can be resumed."""
    code, out, err = result
    assert code == 1 and out == "" and "Traceback" not in err, err
    # A progress bar redraws its line with carriage returns.
    lines = [line for line in re.split(r"[\r\n]", err) if "error" in line]
    assert len(lines) == 1 and lines[0].startswith("error: "), err
    assert all(part in lines[0] for part in parts), lines[0]
    assert (project / "data/raw/reviews/rows.parquet").read_text() == "of an earlier run"
    left = {path.name for path in (project / "data/raw").iterdir()}
    assert left - {"sources.json"} == {"reviews"}
    downloads = project / "data/.raw.download"
    assert [path.name for path in downloads.glob("*")] == (["reviews"] if partial else [])
    return lines[0]


def fetched_file(project: Path, item: str = "reviews") -> Path:
    """The one file of a source, as retrieved."""
    (file,) = (project / "data/raw" / item / "files").iterdir()
    return file


def arrived(project: Path, content: str) -> None:
    """Assert that the complete file is in place, and nothing else is left of its download."""
    assert fetched_file(project).read_bytes() == content.encode()
    assert {path.name for path in (project / "data").iterdir()} - {".raw.unused"} == {"raw"}
    assert sorted(path.name for path in (project / "data/raw").iterdir()) == ["reviews", "sources.json"]
    made = sorted(path.name for path in (project / "data/raw/reviews").iterdir())
    assert made == ["files", "origin.json", "rows.parquet", "skipped.parquet"]


def origin(project: Path) -> dict[str, Any]:
    return dict(json.loads((project / "data/raw/reviews/origin.json").read_text()))
