"""`fetch` retrieves and checks a source, or says in one line what to do and leaves the earlier output."""

from __future__ import annotations

import gzip
import json
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
from conftest import RAW, ROOT, command, commit, copy_project, dvc, run_main, set_params
from fetching import (  # noqa: F401
    GOOD,
    HEADER,
    Run,
    digest,
    fetched_file,
    origin,
    project_fixture,
    refused,
    run_fixture,
    waits_fixture,
)
from ruamel.yaml import YAML

from brandmlm.commands.check_params import check_params
from brandmlm.data.sources.remote import redact
from stages import fetch

# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sample", "file"])
def test_a_file_arrives_byte_for_byte_with_its_origin(project: Path, run: Run, kind: str) -> None:
    content = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
    (project / "mine.csv").write_bytes(content)
    code, out, _ = run(kind=kind, path="mine.csv", sha256=digest(content), min_rows=5)
    assert code == 0
    assert out.startswith("fetch: reviews: 5 rows, 0 kB from mine.csv")
    assert fetched_file(project).read_bytes() == content
    found = origin(project)
    assert len(found.pop("request")) == len(found.pop("asked")) == 16
    assert found == {
        "source": "reviews",
        "kind": kind,
        "retrieved_from": "mine.csv",
        "sha256": digest(content),
        "bytes": len(content),
        "rows": 5,
        "skipped": 0,
        "table": "review",
        "columns": {
            "text": [["Title"], ["Content"]], "rating": "Star_rating", "date": "Date", "author": "Reviewer",
            "group": None,
        },
        "date_format": None,
        "rating_scale": None,
        "files": [{"file": "mine.csv", "from": "mine.csv"}],
    }  # fmt: skip


def test_the_command_ends_with_one_line_and_exit_code_1(project: Path) -> None:
    words = (sys.executable, "-m", "stages.fetch", "--out", "data/raw")
    set_params(project, {"sample.sources": {"reviews": {"kind": "file", "path": "gone.csv", "table": "review"}}})
    done = command(project, *words, ok=False, PYTHONPATH=str(ROOT))
    assert (
        refused(project, (done.returncode, done.stdout, done.stderr), "gone.csv", "no such file") == done.stderr.strip()
    )
    (project / "gone.csv").write_text(GOOD)
    assert "5 rows" in command(project, *words, PYTHONPATH=str(ROOT)).stdout


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["mine.csv", "empty"]),
        (b"Reviewer,City\na,b\n", ["mine.csv", "none of its columns", "sources.reviews.columns.text"]),
        (GOOD.encode() + b'x,"open,1,5,Great,2020-01-01,1,Kenya\n', ["mine.csv", "line 7", "never closed"]),
        (GOOD.encode() + b"too,few\n" * 2, ["2 of 7 rows", "line 7: 2 fields", "8", "sources.reviews.max_bad_rows"]),
        (GOOD.replace("Title", "Reviewer", 1).encode(), ["'Reviewer' occurs twice"]),
        (GOOD.replace("Fine", "x" * 10_000_000, 1).encode(), ["line 2", "characters"]),
        (HEADER.encode(), ["0 rows", "min_rows"]),
    ],
    ids=["empty", "column", "quote", "fields", "column twice", "10 MB", "no rows"],
)
def test_bad_files_are_refused(project: Path, run: Run, content: bytes, parts: list[str]) -> None:
    (project / "mine.csv").write_bytes(content)
    refused(project, run(kind="file", path="mine.csv"), *parts)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-8-sig", "utf-16"])
def test_other_encodings_simply_work(project: Path, run: Run, encoding: str) -> None:
    (project / "mine.csv").write_bytes(GOOD.replace("Good", "Göod").encode(encoding))
    assert run(kind="file", path="mine.csv")[0] == 0


def test_other_bytes_than_pinned_show_both_digests_and_how_to_pin(project: Path, run: Run) -> None:
    (project / "mine.csv").write_text(GOOD)
    line = refused(project, run(kind="file", path="mine.csv", sha256="0" * 64), "mine.csv", "sources.reviews.sha256")
    assert "0" * 64 in line and digest(GOOD.encode()) in line


def test_too_few_rows(project: Path, run: Run) -> None:
    (project / "mine.csv").write_text(GOOD)
    refused(project, run(kind="file", path="mine.csv", min_rows=6), "5 rows", "6", "sources.reviews.min_rows")


def test_too_large_a_file(project: Path, run: Run) -> None:
    (project / "mine.csv").write_text(GOOD + " " * 1_000_001)
    result = run({"fetch.max_megabytes": 1}, kind="file", path="mine.csv")
    refused(project, result, "limit of 1 MB", "fetch.max_megabytes", "the source's max_megabytes")
    refused(project, run(kind="file", path="mine.csv", max_megabytes=1), "limit of 1 MB")
    code, _, err = run({"fetch.max_megabytes": 1}, kind="file", path="mine.csv", max_megabytes=2)
    assert code == 0, err


def test_a_folder_is_no_file(project: Path, run: Run) -> None:
    refused(project, run(kind="file", path="data"), "data: not a file")
    refused(project, run(kind="file", path="data/*.csv"), "data/*.csv: no file fits this pattern", "reviews.path")


def test_a_relative_path_starts_at_the_root_that_dvc_names(
    project: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "elsewhere"
    root.mkdir()
    (root / "mine.csv").write_text(GOOD)
    refused(project, run(kind="file", path="mine.csv"), "no such file")
    monkeypatch.setenv("DVC_ROOT", str(root))
    assert run(kind="file", path="mine.csv")[0] == 0
    assert origin(project)["retrieved_from"] == "mine.csv"


def test_a_disk_that_is_full_leaves_the_earlier_output(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (project / "mine.csv").write_text(GOOD)
    monkeypatch.setattr(shutil, "copyfile", full)
    refused(project, run(kind="file", path="mine.csv"), "data/raw/reviews", "No space left", "free space")


@pytest.mark.skipif(not RAW.is_dir(), reason="the sources' own exports are not here")
@pytest.mark.parametrize(
    ("table", "file", "rows"),
    [
        ("review", "nike_customer_reviews_kaggle.csv", 166),
        ("product", "nike_products.csv", 451),
        ("product", "products_kaggle.csv", 84),
    ],
)
def test_the_real_exports_arrive(project: Path, run: Run, table: str, file: str, rows: int) -> None:
    code, out, err = run(kind="file", path=str(RAW / file), table=table, min_rows=rows)
    assert code == 0 and f"{rows} rows" in out, err
    assert fetched_file(project).read_bytes() == (RAW / file).read_bytes()


@pytest.mark.slow
def test_files_that_git_does_not_track_reach_experiments_in_copies(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    yaml = YAML()
    pipeline = yaml.load(project / "dvc.yaml")
    stages = {name: pipeline["stages"][name] for name in ("code", "fetch")}
    yaml.dump({"stages": stages}, project / "dvc.yaml")
    (project / "dvc.lock").unlink(missing_ok=True)
    (project / ".gitignore").write_text("/mine/\n/data/\n")
    commit(project)
    (project / "mine").mkdir()
    (project / "mine" / "relative.csv").write_text(GOOD)
    absolute = tmp_path / "absolute.csv"
    absolute.write_text(GOOD.replace("Kenya", "Peru"))
    for path, name in (("mine/relative.csv", "relative"), (str(absolute), "absolute")):
        key = "sample.sources.reviews"
        done = dvc(
            project, "exp", "run", "--temp", "--name", name, "-S", f"{key}.kind=file", "-S", f"{key}.path={path}",
            "fetch",
        )  # fmt: skip
        assert f"fetch: reviews: 5 rows, 0 kB from {path} (file)" in done.stdout
        dvc(project, "exp", "apply", name)
        assert origin(project)["retrieved_from"] == path
        command(project, "git", "reset", "-q", "--hard")
        command(project, "git", "clean", "-fdq")


# --- URLs ----------------------------------------------------------------------------------------------------------


class Site(BaseHTTPRequestHandler):
    """Answers by path; `seen` holds what clients sent."""

    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []
    protocol_version = "HTTP/1.1"

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        body = GOOD.encode()
        what = self.path.partition("?")[0].strip("/")
        if what.isdecimal():
            self.reply(int(what), b"no")
        elif what == "moved.csv":
            self.reply(302, Location="/good.csv?signature=s3cret")
        elif what == "round":
            self.reply(302, Location="/round")
        elif what == "cut.csv":
            self.reply(200, body[:100], Content_Length=str(len(body)))
        elif what in ("chunks.csv", "cut-chunks.csv"):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if what == "chunks.csv" else b""))
        elif what == "packed.csv":
            self.reply(200, gzip.compress(body), Content_Encoding="gzip")
        elif what == "stalls.csv":
            self.reply(200, body[:100], Content_Length=str(len(body)))
            self.wfile.flush()
            time.sleep(2)
        elif what == "silent.csv":
            time.sleep(2)
        elif what == "huge.csv":
            self.reply(200, b"", Content_Length="2000000")
        elif what == "endless.csv":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x" * 50_000)
        elif what == "page.csv":
            self.reply(200, b"<!doctype html>\n<title>Sign in</title>\n")
        else:
            self.reply(200, body)

    def log_message(self, *_: object) -> None:
        pass


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Clients that disconnect early are expected."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with QuietServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["good.csv", "moved.csv", "chunks.csv", "packed.csv"])
def test_a_url_arrives(project: Path, run: Run, site: str, path: str) -> None:
    code, out, err = run(kind="file", path=f"http://{site}/{path}")
    assert code == 0 and "5 rows" in out
    assert origin(project)["retrieved_from"] == f"http://{site}/{path}"
    assert fetched_file(project).read_text() == GOOD
    assert "B/s" in err  # the bar's speed


def test_credentials_in_a_url_are_used_and_never_told(project: Path, run: Run, site: str) -> None:
    Site.seen.clear()
    code, out, err = run(kind="file", path=f"http://me:s3cret@{site}/good.csv?signature=t0ken#part")
    assert code == 0
    [(path, headers)] = Site.seen
    assert path == "/good.csv?signature=t0ken" and headers["Authorization"].startswith("Basic ")
    assert "warning: sources.reviews.path holds a password" in err
    written = b"".join(file.read_bytes() for file in (project / "data").rglob("*") if file.is_file()).decode("latin-1")
    for secret in ("s3cret", "t0ken", "me:"):
        assert secret not in out + err + written
    assert origin(project)["retrieved_from"] == f"http://{site}/good.csv"


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("404", ["not found (404)", "check the address"]),
        ("403", ["access denied (403)", "credentials"]),
        ("503", ["(503)", "try again later"]),
        ("204", ["unexpected answer (204)"]),
        ("round", ["endless redirects"]),
        ("cut.csv", ["broke after 100 bytes", "try again"]),
        ("cut-chunks.csv", [f"broke after {len(GOOD)} bytes", "try again"]),
        ("stalls.csv", ["sent nothing for 0.5 s", "fetch.timeout_s"]),
        ("silent.csv", ["sent nothing for 0.5 s", "fetch.timeout_s"]),
        ("huge.csv", ["limit of 1 MB", "fetch.max_megabytes"]),
        ("endless.csv", ["limit of 1 MB", "fetch.max_megabytes"]),
        ("page.csv", ["this is a web page titled 'Sign in'"]),
    ],
)
def test_failing_urls_are_one_line_without_credentials(
    project: Path, run: Run, site: str, path: str, parts: list[str]
) -> None:
    limits = {"fetch.timeout_s": 0.5, "fetch.max_megabytes": 1}
    result = run(limits, kind="file", path=f"http://me:s3cret@{site}/{path}?signature=t0ken")
    refused(project, result, f"http://{site}/{path}", *parts)
    assert "s3cret" not in result[2] and "t0ken" not in result[2]


def test_no_server_and_no_such_host(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    refused(project, run(kind="file", path=f"http://127.0.0.1:{port}/a.csv"), "no connection to 127.0.0.1")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("NO_PROXY", "*")
    refused(project, run(kind="file", path="http://nowhere.invalid/a.csv"), "'nowhere.invalid' is unknown")


@pytest.mark.parametrize("url", ["http://", "http://[::1/a.csv", "http://host:port/a.csv", "https://a..b/x.csv"])
def test_what_is_no_address(project: Path, run: Run, url: str) -> None:
    refused(project, run(kind="file", path=url), "address")


def test_redact_leaves_the_address_alone() -> None:
    assert redact("https://u:p@example.org:8080/a%20b.csv?token=1#x") == "https://example.org:8080/a%20b.csv"


def test_a_download_asks_for_plain_bytes(run: Run, site: str) -> None:
    Site.seen.clear()
    assert run(kind="file", path=f"http://{site}/good.csv")[0] == 0
    assert Site.seen[0][1]["Accept-Encoding"] == "identity"


# --- several sources -------------------------------------------------------------------------------------------------


def fetch_all(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], sources: dict[str, Any]
) -> tuple[int, str, str]:
    set_params(project, {"sample.sources": sources})
    return run_main(monkeypatch, capfd, fetch.main, "fetch", "--out", "data/raw")


def names(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "data/raw").iterdir())


def state(project: Path, item: str) -> dict[str, bytes]:
    folder = project / "data/raw" / item
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_changed_is_fetched_what_did_not_is_kept_what_is_gone_is_removed(
    project: Path, site: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    web = {"kind": "file", "path": f"http://{site}/good.csv", "table": "review"}
    mine = {"kind": "file", "path": "mine.csv", "table": "text", "columns": {"text": "Content"}}
    (project / "mine.csv").write_text(GOOD)
    assert fetch_all(project, monkeypatch, capfd, {"web": web, "mine": mine})[0] == 0
    assert names(project) == ["mine", "sources.json", "web"]  # the earlier run's `reviews` is gone
    kept, Site.seen[:] = state(project, "web"), []
    (project / "mine.csv").write_text(GOOD + "Reviewer 6,Fine,Light hat,5,Great,2020-01-06,1,Kenya\n")
    code, out, _ = fetch_all(project, monkeypatch, capfd, {"web": web, "mine": mine})
    assert code == 0 and "web: 5 rows" in out and "unchanged" in out and "mine: 6 rows" in out
    assert state(project, "web") == kept and Site.seen == []
    # Another reading of the same bytes asks nobody either.
    other = {**web, "columns": {"text": "Title", "rating": None}}
    assert fetch_all(project, monkeypatch, capfd, {"mine": mine, "web": other})[0] == 0
    assert Site.seen == [] and json.loads((project / "data/raw/sources.json").read_text()) == ["mine", "web"]
    assert list(pd.read_parquet(project / "data/raw/web/rows.parquet").columns) == [
        "file", "line", "text_1_1", "date", "author",
    ]  # fmt: skip
    # Another address is fetched, and so are bytes that were damaged here.
    moved = {**other, "path": f"http://{site}/moved.csv"}
    assert fetch_all(project, monkeypatch, capfd, {"web": moved})[0] == 0
    assert len(Site.seen) == 2 and names(project) == ["sources.json", "web"]
    next((project / "data/raw/web/files").iterdir()).write_text("damaged")
    assert fetch_all(project, monkeypatch, capfd, {"web": moved})[0] == 0
    assert len(Site.seen) == 4 and fetched_file(project, "web").read_text() == GOOD


def test_a_source_that_fails_loses_nothing_and_the_next_run_goes_on(
    project: Path, site: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    web, broken, late = (
        {"kind": "file", "path": f"http://{site}/{path}", "table": "review"}
        for path in ("good.csv", "404", "packed.csv")
    )
    code, _, err = fetch_all(project, monkeypatch, capfd, {"web": web, "reviews": broken, "late": late})
    assert code == 1 and "not found (404)" in err
    assert names(project) == ["reviews", "web"]
    assert (project / "data/raw/reviews/rows.parquet").read_text() == "of an earlier run"
    Site.seen.clear()
    assert fetch_all(project, monkeypatch, capfd, {"web": web, "late": late})[0] == 0
    assert [path for path, _ in Site.seen] == ["/packed.csv"] and names(project) == ["late", "sources.json", "web"]


def test_a_pattern_makes_one_source_of_several_files(project: Path, run: Run) -> None:
    (project / "exports" / "old").mkdir(parents=True)
    (project / "exports" / "b.csv").write_text(GOOD)
    semicolons = pd.DataFrame({"date": ["2020-02-01"], "content": ["Warm socks"], "title": ["Fine"], "rating": ["4"],
                               "reviewer": ["x"]})  # fmt: skip
    semicolons.to_csv(project / "exports" / "a.csv", sep=";", index=False)
    code, out, err = run(kind="file", path="exports/*.csv")
    assert code == 0 and "reviews: 6 rows, 0 kB from exports/*.csv" in out, err
    rows = pd.read_parquet(project / "data/raw/reviews/rows.parquet")
    assert list(rows["file"]) == ["a.csv"] + ["b.csv"] * 5 and list(rows["text_2_1"])[:2] == [
        "Warm socks",
        "Good shoes 1",
    ]
    assert [each["from"] for each in origin(project)["files"]] == ["exports/a.csv", "exports/b.csv"]
    shutil.rmtree(project / "data/raw/reviews")
    (project / "data/raw/reviews").mkdir()
    (project / "data/raw/reviews/rows.parquet").write_text("of an earlier run")
    (project / "exports" / "c.csv").write_text("Content\nwarm\n")
    refused(project, run(kind="file", path="exports/*.csv"), "exports/c.csv: its columns (text = 'Content')", "columns")


def test_files_of_one_name_in_several_folders_are_kept_apart(project: Path, run: Run) -> None:
    for folder in ("a", "b"):
        (project / folder).mkdir()
        (project / folder / "rows.csv").write_text(GOOD)
    assert run(kind="file", path="*/rows.csv")[0] == 0
    assert [each["file"] for each in origin(project)["files"]] == ["rows.csv", "2-rows.csv"]


def test_bad_rows_are_kept_with_their_lines(project: Path, run: Run) -> None:
    lines = GOOD.splitlines(keepends=True)
    (project / "mine.csv").write_text("".join([*lines[:3], "too,few\n", *lines[3:]]))
    code, out, _ = run(kind="file", path="mine.csv")
    assert code == 0 and "1 of 6 rows skipped (line 4: 2 fields where the header has 8)" in out
    skipped = pd.read_parquet(project / "data/raw/reviews/skipped.parquet").to_dict("records")
    assert skipped == [{"file": "mine.csv", "line": 4, "reason": "2 fields where the header has 8"}]
    assert (origin(project)["rows"], origin(project)["skipped"]) == (5, 1)
    code, _, err = run(kind="file", path="mine.csv", max_bad_rows=0.0)
    assert code == 1 and "1 of 6 rows cannot be read" in err and "sources.reviews.max_bad_rows" in err


def test_a_wrong_date_format_is_told_before_anything_is_fetched(project: Path, run: Run) -> None:
    refused(project, run(kind="file", path="gone.csv", date_format="day first"), "sources.reviews.date_format", "dmy")


def test_an_edited_file_is_told(project: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "brands" / "nike").mkdir(parents=True)
    (project / "dvc.yaml").touch()
    (project / "mine.csv").write_text(GOOD)
    assert run(kind="file", path="mine.csv")[0] == 0
    check_params()
    assert "changed" not in capfd.readouterr().out
    (project / "mine.csv").write_text(GOOD.replace("Fine", "Good"))
    check_params()
    assert (
        "sources.reviews: the file changed since it was fetched; run `rm -r data/raw/reviews`" in capfd.readouterr().out
    )


def test_a_download_that_was_out_of_use_is_not_made_again(
    project: Path, site: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As when a run in another profile comes between."""
    web = {"kind": "file", "path": f"http://{site}/good.csv", "table": "review"}
    (project / "mine.csv").write_text(GOOD.replace("Fine", "Good"))
    mine = {"kind": "file", "path": "mine.csv", "table": "review"}
    assert fetch_all(project, monkeypatch, capfd, {"reviews": web, "more": web})[0] == 0
    before, Site.seen[:] = state(project, "reviews"), []
    assert fetch_all(project, monkeypatch, capfd, {"reviews": mine})[0] == 0
    assert fetched_file(project).read_text() != GOOD
    code, out, _ = fetch_all(project, monkeypatch, capfd, {"reviews": web})
    assert code == 0 and "unchanged" in out and Site.seen == []
    assert state(project, "reviews") == before
    # A folder that the user removes is fetched again.
    shutil.rmtree(project / "data/raw/reviews")
    assert fetch_all(project, monkeypatch, capfd, {"reviews": web})[0] == 0
    assert len(Site.seen) == 1
