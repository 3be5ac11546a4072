"""Sources in buckets: the real S3 client against a server of its protocol (moto's), and a storage that breaks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
import sites
from buckets import BUCKET, client, serving_s3, variables
from fetching import (  # noqa: F401
    GOOD,
    LARGE,
    Run,
    arrived,
    fetched_file,
    origin,
    project_fixture,
    refused,
    run_fixture,
    waits_fixture,
)
from fsspec.implementations.memory import MemoryFileSystem


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the S3 protocol with a bucket `store` of three files."""
    with serving_s3(tmp_path_factory.mktemp("moto") / "log") as address:
        for name, content in (("good.csv", GOOD), ("exports/b.csv", GOOD), ("exports/a.csv", LARGE)):
            client(address).put_object(Bucket=BUCKET, Key=name, Body=content.encode())
        yield address


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the server, which the environment names, with credentials."""
    environment = {**variables(sites.KEY), "AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return client(endpoint)


def test_a_file_of_a_bucket_arrives_and_is_kept(project: Path, run: Run, bucket: Any) -> None:
    assert run(kind="file", path="s3://store/good.csv")[0] == 0
    arrived(project, GOOD)
    assert origin(project)["retrieved_from"] == "s3://store/good.csv"
    bucket.put_object(Bucket="store", Key="once.csv", Body=GOOD.encode())
    assert run(kind="file", path="s3://store/once.csv")[0] == 0
    bucket.delete_object(Bucket="store", Key="once.csv")
    assert run(kind="file", path="s3://store/once.csv")[0] == 0


def test_a_pattern_names_several_files(project: Path, run: Run, bucket: Any) -> None:
    assert run(kind="file", path="s3://store/exports/*.csv")[0] == 0
    found = origin(project)["files"]
    assert [each["from"] for each in found] == ["s3://store/exports/a.csv", "s3://store/exports/b.csv"]
    contents = [(project / "data/raw/reviews/files" / each["file"]).read_text() for each in found]
    assert contents == [LARGE, GOOD]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("s3://store/none.csv", ["s3://store/none.csv: no such file", "params.yaml"]),
        ("s3://nowhere/good.csv", ["s3://nowhere/good.csv: no such file"]),
        ("s3://store/none/*.csv", ["no file fits this pattern", "sources.reviews.path"]),
        ("s3://store/exports", ["not a file", "*.csv"]),
        ("gs://store/good.csv", ["gs needs a package that is not installed", "gcsfs"]),
        ("parrot://store/good.csv", ["'parrot' is no kind of storage", "s3://bucket/table.csv"]),
        ("s3://key:s3cret@store/none.csv", ["s3://store/none.csv"]),
    ],
)
def test_what_is_not_there_is_one_line(project: Path, run: Run, bucket: Any, path: str, parts: list[str]) -> None:
    result = run(kind="file", path=path)
    refused(project, result, *parts)
    assert "s3cret@" not in result[2]


def test_limits_and_credentials(project: Path, run: Run, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(project, run({"fetch.max_megabytes": 1}, kind="file", path="s3://store/exports/a.csv"), "limit of 1 MB")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    refused(project, run(kind="file", path="s3://store/good.csv"), "no credentials", "AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sites.KEY)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    refused(project, run(kind="file", path="s3://store/good.csv"), "cannot be read", "4 times in a row")


class Breaking(MemoryFileSystem):
    """Breaks after some bytes of each attempt; notes where each one begins."""

    protocol = "breaking"
    store: ClassVar[dict[str, Any]] = {}
    room = 600_000
    begun: ClassVar[list[int]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("breaking://").lstrip("/")

    def open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        return Line(self.cat_file(path)) if mode == "rb" else super().open(path, mode, **options)


class Line(io.BytesIO):
    """A file of it."""

    left = 0

    def seek(self, place: int, whence: int = 0) -> int:
        Breaking.begun.append(place)
        self.left = Breaking.room
        return super().seek(place, whence)

    def read(self, size: int | None = -1) -> bytes:
        if not self.left:
            raise ConnectionResetError("the line is dead")
        block = super().read(min(size or 0, self.left))
        self.left -= len(block)
        return block


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> type[Breaking]:
    fsspec.register_implementation("breaking", Breaking, clobber=True)
    monkeypatch.setattr(Breaking, "begun", [])
    monkeypatch.setattr(Breaking, "store", {})
    return Breaking


def put(content: str) -> None:
    Breaking(skip_instance_cache=True).pipe_file("/large.csv", content.encode())


def test_a_download_that_breaks_goes_on_where_it_broke(project: Path, run: Run, breaking: type[Breaking]) -> None:
    put(LARGE)
    code, _, err = run(kind="file", path="breaking://large.csv")
    assert code == 0, err
    assert fetched_file(project).read_text() == LARGE
    assert breaking.begun == list(range(0, len(LARGE), breaking.room))
    assert "after 600,000 bytes; attempt 2" in err


def test_another_file_under_the_same_address_starts_again(
    project: Path, run: Run, breaking: type[Breaking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaking, "room", 300)
    put(LARGE)
    refused(project, run(kind="file", path="breaking://large.csv"), "4 times in a row", partial=True)
    put(GOOD.replace("2020", "2021"))
    monkeypatch.setattr(breaking, "room", 600_000)
    assert run(kind="file", path="breaking://large.csv")[0] == 0
    assert fetched_file(project).read_text() == GOOD.replace("2020", "2021")
    assert breaking.begun[-1] == 0
