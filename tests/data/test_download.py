"""Downloads recover or end in one clear line; a wrong or partial file is never accepted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, environment, set_params
from fetching import (
    GOOD,
    LARGE,
    Run,
    arrived,
    digest,
    project_fixture,  # noqa: F401
    refused,
    run_fixture,  # noqa: F401
    waits_fixture,  # noqa: F401
)
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import SIGNATURE, TOKEN, DataWorld, Fault, File, Handler, Kaggle, Site, cut, kaggle, stall, status, truncated

DATASET = "some-owner/nike-reviews"
PARTIAL = "data/.raw.download/reviews"


class Plain(Site):
    """A web server with one file."""

    def __init__(self) -> None:
        super().__init__()
        self.content = b""
        self.etag: str | None = ""

    def answer(self, handler: Handler) -> None:
        self.serve(handler, File(self.content, etag=self.etag))


class Origin:
    """A source of one kind, whose fake server has one file."""

    def __init__(self, kind: str, site: Site) -> None:
        self.kind, self.site = kind, site
        if kind == "file":
            self.params: dict[str, Any] = {"kind": kind, "path": f"http://127.0.0.1:{site.port}/r.csv?s={SIGNATURE}"}
        else:
            self.params = {"kind": kind, "dataset": DATASET}
        self.bytes = {"file": "/r.csv", "kaggle": "/storage/", "dataworld": "/file_download/"}[kind]
        self.faults: list[Fault | None] = []
        site.faults[self.bytes] = self.faults

    def put(self, content: str | bytes) -> None:
        content = content.encode() if isinstance(content, str) else content
        match self.site:
            case Kaggle():
                self.site.datasets[DATASET] = {1: {"r.csv": content}}
            case DataWorld():
                self.site.datasets[DATASET] = {"r.csv": content}
            case Plain():
                self.site.content = content

    def ranges(self) -> list[str | None]:
        """The header Range of each request for the file."""
        return [one.headers.get("Range") for one in self.site.asked if self.bytes in one.path]


@pytest.fixture(params=["file", "kaggle", "dataworld"])
def source(request: pytest.FixtureRequest, project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Origin]:
    monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "TEST")
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    monkeypatch.setenv("DW_AUTH_TOKEN", TOKEN)
    with contextlib.ExitStack() as stack:
        if request.param == "kaggle":
            site: Site = stack.enter_context(kaggle())
        else:
            site = stack.enter_context((Plain() if request.param == "file" else DataWorld()).running())
        monkeypatch.setenv("DW_API_HOST", f"http://127.0.0.1:{site.port}")
        origin = Origin(request.param, site)
        origin.put(LARGE)
        yield origin


HALF = f"bytes={len(LARGE) // 2}-"


# --- recovery --------------------------------------------------------------------------------------------------------


def test_too_many_requests_then_success(project: Path, run: Run, source: Origin, waits: list[float]) -> None:
    source.faults += [status(429, Retry_After="11"), status(429), None]
    code, _, err = run(**source.params)
    assert code == 0, err
    assert waits == [11.0, 2.0]
    arrived(project, LARGE)


def test_three_server_errors_then_success(project: Path, run: Run, source: Origin, waits: list[float]) -> None:
    source.faults += [status(500), status(502), status(503), None]
    assert run(**source.params)[0] == 0
    assert waits == [1.0, 2.0, 4.0]
    arrived(project, LARGE)


def test_a_connection_cut_at_half_resumes_from_there(project: Path, run: Run, source: Origin) -> None:
    source.faults += [cut, None]
    code, _, err = run(**source.params)
    assert code == 0, err
    assert f"broke after {len(LARGE) // 2:,} bytes; attempt 2 in 1 s" in err
    assert source.ranges() == [None, HALF]
    arrived(project, LARGE)


def test_a_stalled_server_is_abandoned_and_asked_again(project: Path, run: Run, source: Origin) -> None:
    source.faults += [stall, None]
    code, _, err = run({"fetch.timeout_s": 0.3}, **source.params)
    assert code == 0 and "sent nothing for 0.3 s; attempt 2" in err
    assert source.ranges() == [None, HALF]
    arrived(project, LARGE)


def test_a_file_that_changed_between_a_cut_and_its_resumption_starts_again(
    project: Path, run: Run, source: Origin
) -> None:
    changed = LARGE.replace("Kenya", "Ghana")
    assert len(changed) == len(LARGE)  # by its size alone the mixture would pass

    def cut_and_change(handler: Handler, file: File) -> None:
        source.put(changed)
        cut(handler, file)

    source.faults += [cut_and_change, None]
    assert run(**source.params)[0] == 0
    assert source.ranges() == [None, HALF]
    arrived(project, changed)


@pytest.mark.parametrize("source", ["file"], indirect=True)
@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_validator_a_download_starts_again(
    project: Path, run: Run, source: Origin, etag: str | None
) -> None:
    assert isinstance(source.site, Plain)
    source.site.etag = etag
    source.faults += [cut, None]
    assert run(**source.params)[0] == 0
    assert source.ranges() == [None, None]
    arrived(project, LARGE)


@pytest.mark.parametrize("lie", ["other validator", "no validator", "other range", "416"])
def test_a_server_that_resumes_wrongly_is_not_trusted(project: Path, run: Run, source: Origin, lie: str) -> None:
    """The server answers the range although its file is another one."""

    def answer(handler: Handler, file: File) -> None:
        start = len(LARGE) // 2 - (lie == "other range")
        headers = {} if lie == "no validator" else {"ETag": '"x"' if lie == "other validator" else file.validator()}
        if lie == "416":
            handler.reply(416)
        else:
            length = f"bytes {start}-{len(LARGE) - 1}/{len(LARGE)}"
            handler.reply(206, b"z" * (len(LARGE) - start), Content_Range=length, **headers)  # type: ignore[arg-type]

    source.faults += [cut, answer, None]
    code, _, err = run(**source.params)
    assert code == 0 and "replaced on the server meanwhile; attempt 3 in 0 s" in err
    assert source.ranges() == [None, HALF, None]
    arrived(project, LARGE)


# --- errors in one line ----------------------------------------------------------------------------------------------


def test_endless_server_errors(project: Path, run: Run, source: Origin, waits: list[float]) -> None:
    source.faults += [status(500)] * 9
    refused(project, run(**source.params), "(500), 4 times in a row", "try again later")
    assert waits == [1.0, 2.0, 4.0]


def test_a_server_that_asks_for_a_long_wait(project: Path, run: Run, source: Origin, waits: list[float]) -> None:
    source.faults += [status(429, Retry_After="7200")]
    refused(project, run(**source.params), "asks to wait 7,200 s", "run this again then")
    assert waits == []


def test_a_server_that_names_a_time(project: Path, run: Run, source: Origin, waits: list[float]) -> None:
    source.faults += [status(503, Retry_After=formatdate(time.time() + 60, usegmt=True)), None]
    assert run(**source.params)[0] == 0
    assert 0 < waits[0] <= 60


def test_after_endless_cuts_a_later_run_resumes(project: Path, run: Run, source: Origin) -> None:
    source.faults += [cut] + [status(503)] * 3
    refused(project, run(**source.params), "(503), 4 times in a row", partial=True)
    source.faults.clear()
    assert run(**source.params)[0] == 0
    assert source.ranges()[-1] == HALF
    arrived(project, LARGE)


def test_the_partial_file_of_another_address_is_removed(project: Path, run: Run, source: Origin) -> None:
    source.faults += [cut] + [status(503)] * 3
    refused(project, run(**source.params), partial=True)
    (project / "mine.csv").write_text(GOOD)
    assert run(kind="file", path="mine.csv")[0] == 0
    arrived(project, GOOD)


def test_a_truncated_body_with_a_right_length_header(project: Path, run: Run, source: Origin) -> None:
    """The transfer looks right; the listed size, the pin or the broken last line show the fault."""
    source.faults += [truncated, truncated]
    result = run(**source.params)
    if source.kind == "file":
        refused(project, result, "r.csv", "the file ends inside this row")
    else:
        refused(project, result, f"{len(LARGE) // 2:,} bytes arrived of the {len(LARGE):,}", "try again")
    refused(project, run(**source.params, sha256=digest(LARGE.encode())), digest(LARGE.encode()), "sha256")


def test_other_bytes_than_pinned(project: Path, run: Run, source: Origin) -> None:
    pin = digest(LARGE.encode())
    assert run(**source.params, sha256=pin)[0] == 0
    (project / "data/raw/reviews/rows.parquet").write_text("of an earlier run")
    changed = LARGE.replace("Kenya", "Ghana")
    source.put(changed)
    refused(project, run(**source.params, sha256="0" * 64), "0" * 64, digest(changed.encode()), "reviews.sha256")


def test_a_file_over_the_limit(project: Path, run: Run, source: Origin) -> None:
    refused(project, run({"fetch.max_megabytes": 1}, **source.params), "limit of 1 MB", "fetch.max_megabytes")


def test_a_sign_in_page_is_no_csv(project: Path, run: Run, source: Origin) -> None:
    source.put("<!doctype html>\n<title>Sign in</title>\n")
    refused(project, run(**source.params), "this is a web page titled 'Sign in'")


def test_two_processes_do_not_write_into_one_file(project: Path, run: Run, source: Origin) -> None:
    (project / PARTIAL).mkdir(parents=True)
    with FileLock(project / PARTIAL / "lock"):
        refused(project, run(**source.params), "another process is downloading it", partial=True)
    assert run(**source.params)[0] == 0
    arrived(project, LARGE)


@pytest.fixture
def small_disk(project: Path) -> Iterator[Path]:
    """`data` on a disk of 1 MB."""
    folder = project / "data"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        (folder / "raw" / "reviews").mkdir(parents=True)
        (folder / "raw" / "reviews" / "rows.parquet").write_text("of an earlier run")
        yield folder
    finally:
        os.chdir("/")
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small_disk: Path, project: Path, run: Run, source: Origin) -> None:
    refused(project, run(**source.params), "data/raw/reviews", "No space left", "free space", partial=True)
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    assert run(**source.params)[0] == 0
    assert (source.ranges()[-1] or "").startswith("bytes=")
    arrived(project, LARGE)


def test_killed_at_half_then_run_again(project: Path, source: Origin) -> None:
    """SIGKILL leaves no time to clean up; the next run resumes from the bytes that are there."""
    reviews = {**source.params, "table": "review", "sha256": digest(LARGE.encode())}
    set_params(project, {"sample.sources": {"reviews": reviews}})
    words = [sys.executable, "-m", "stages.fetch", "--out", "data/raw"]
    source.faults += [stall]
    with subprocess.Popen(words, env=environment(PYTHONPATH=str(ROOT)), stderr=subprocess.PIPE) as process:
        half, deadline = len(LARGE) // 2, time.monotonic() + 60
        while sum(file.stat().st_size for file in (project / PARTIAL).glob("*") if file.suffix == "") < half:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert (project / "data/raw/reviews/rows.parquet").read_text() == "of an earlier run"
    done = subprocess.run(words, env=environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert source.ranges() == [None, HALF]
    arrived(project, LARGE)
    assert TOKEN not in done.stdout + done.stderr and SIGNATURE not in done.stdout + done.stderr


# --- any sequence of faults ------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["cut", "503", "change", "drop etag"]), max_size=3), st.integers(1, 2**20))
def test_whatever_happens_the_file_is_one_that_the_server_had(steps: list[str], at: int) -> None:
    """Bytes of different versions of the file are never mixed."""
    import tempfile

    import requests

    from brandmlm.core import retries
    from brandmlm.data.sources.download import download
    from brandmlm.data.sources.remote import Limits, Remote

    site = Plain()
    states = [bytes([65 + n]) * 300_000 for n in range(5)]

    def mishap(step: str) -> Fault:
        def happen(handler: Handler, file: File) -> None:
            if step == "503":
                handler.reply(503)
                return
            if step == "change":
                site.content = states[states.index(site.content) + 1]
            if step == "drop etag":
                site.etag = None
            handler.reply_file(file, end=at % len(file.content))

        return happen

    site.content = states[0]
    site.faults["/"] = [mishap(step) for step in steps]
    with tempfile.TemporaryDirectory() as folder, site.running(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(retries, "sleep", lambda seconds: None)
        target = Path(folder) / "rows"
        address = f"http://127.0.0.1:{site.port}/"
        download(
            lambda headers: requests.get(address, headers=headers, stream=True, timeout=5),
            target, Path(folder) / "partial", Limits(5, 10**7), Remote("x", "127.0.0.1"), "x",
        )  # fmt: skip
        assert target.read_bytes() == site.content
        assert sorted(path.name for path in Path(folder).iterdir()) == ["rows"]
