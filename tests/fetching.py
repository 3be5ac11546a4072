"""What the tests of sources share: a project of params alone, a run of `fetch` in it, what a refusal looks like.

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
from brandmlm.data.schemas import SCHEMAS
from stages import fetch

HEADER = ",".join(SCHEMAS["reviews"])
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
    """A folder with the project's params alone, as the working directory; the fetched `data/raw/reviews` of an earlier
    run is in it. The home folder is an empty one; no credentials are set."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "params.yaml", folder)
    earlier = folder / "data" / "raw" / "reviews"
    earlier.mkdir(parents=True)
    (earlier / "rows.csv").write_text("of an earlier run")
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
    """The waits between attempts, in seconds, which are not waited."""
    found: list[float] = []
    monkeypatch.setattr(retries, "sleep", found.append)
    return found


@pytest.fixture(name="run")
def run_fixture(
    project: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Run `fetch reviews` with a source of these keys; gives exit code and both streams."""
    everything: list[str] = []

    def go(params: dict[str, Any] | None = None, **source: Any) -> tuple[int, str, str]:
        set_params(project, {"sample.sources.reviews": source, **(params or {})})
        code, out, err = run_main(monkeypatch, capfd, fetch.main, "fetch", "reviews", "--out", "data/raw/reviews")
        everything.extend((out, err))
        return code, out, err

    yield go
    assert not any(secret in text for secret in sites.SECRETS for text in everything)
    # What the user writes into params.yaml stands there.
    assert [file for file in sites.leaks(project) if file != str(project / "params.yaml")] == []


def refused(project: Path, result: tuple[int, str, str], *parts: str, parked: bool = False) -> str:
    """The one line of a refusal; what an earlier run left is as it was, and nothing half made lies beside it, but
    where `parked` a download that can be gone on with."""
    code, out, err = result
    assert code == 1 and out == "" and "Traceback" not in err, err
    # A progress bar redraws its line with carriage returns.
    lines = [line for line in re.split(r"[\r\n]", err) if "error" in line]
    assert len(lines) == 1 and lines[0].startswith("error: "), err
    assert all(part in lines[0] for part in parts), lines[0]
    assert (project / "data/raw/reviews/rows.csv").read_text() == "of an earlier run"
    left = [path.name for path in sorted((project / "data/raw").iterdir())]
    assert left == ([".reviews.download", "reviews"] if parked else ["reviews"])
    return lines[0]


def arrived(project: Path, content: str) -> None:
    """The whole file has its final name, and nothing else is left of its download."""
    assert (project / "data/raw/reviews/rows.csv").read_bytes() == content.encode()
    assert [path.name for path in (project / "data/raw").iterdir()] == ["reviews"]
    assert sorted(path.name for path in (project / "data/raw/reviews").iterdir()) == ["origin.json", "rows.csv"]


def origin(project: Path) -> dict[str, Any]:
    return dict(json.loads((project / "data/raw/reviews/origin.json").read_text()))
