"""Only the one CSV file of a zip archive is unpacked; suspicious archives are refused."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest
from fetching import GOOD, Run, arrived, digest, project_fixture, refused, run_fixture, waits_fixture  # noqa: F401
from sites import zipped

CSV = GOOD.encode()


def archive(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for member, content in members:
            opened.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted() -> bytes:
    """Only the flag is set, in both headers; that is what is checked."""
    content = bytearray(archive(("r.csv", CSV)))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying() -> bytes:
    """A member of 100 MB that declares a size of 600 bytes."""
    content = bytearray(archive(("r.csv", b"x" * 100_000_000)))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (600).to_bytes(4, "little")
    content[22:26] = (600).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        archive(("r.csv", CSV)),
        archive(("data/", b""), ("data/R.CSV", CSV), ("data/readme.txt", b"x"), ("__MACOSX/data/._r.csv", b"x")),
    ],
    ids=["one file", "among others"],
)
def test_the_only_csv_is_taken(project: Path, run: Run, content: bytes) -> None:
    (project / "mine.zip").write_bytes(content)
    code, out, err = run(kind="file", path="mine.zip", sha256=digest(CSV))
    assert code == 0, err
    assert "5 rows" in out
    arrived(project, GOOD)


def test_one_of_several_is_named(project: Path, run: Run) -> None:
    (project / "mine.zip").write_bytes(archive(("a.csv", b"x"), ("b.csv", CSV)))
    refused(project, run(kind="file", path="mine.zip"), "2 CSV files", "a.csv, b.csv", "sources.reviews.file")
    refused(project, run(kind="file", path="mine.zip", file="c.csv"), "'c.csv'", "a.csv, b.csv")
    assert run(kind="file", path="mine.zip", file="b.csv")[0] == 0
    arrived(project, GOOD)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (archive(("../r.csv", CSV)), ["outside its own folder", "'../r.csv'"]),
        (archive(("r.csv", CSV), ("a/../../b", b"x")), ["outside its own folder"]),
        (archive(("/etc/r.csv", CSV)), ["outside its own folder"]),
        (archive(("..\\r.csv", CSV)), ["outside its own folder"]),
        (archive(("C:\\r.csv", CSV)), ["outside its own folder"]),
        (archive((link("r.csv"), b"/etc/passwd")), ["link or device", "'r.csv'"]),
        (archive(("r.csv", CSV), (link("other"), b"/etc/passwd")), ["link or device"]),
        (archive(("r.csv", b"x" * 10_000_000)), ["would unpack to 10 MB", "200 times"]),
        (archive(("r.csv", CSV), ("other", b"x" * 10_000_000)), ["would unpack to 10 MB"]),
        (archive(("r.csv", b"x" * 10_000_000)), ["'r.csv'", "kind to file"]),
        (lying(), ["cannot be unpacked", "download it again"]),
        (encrypted(), ["encrypted", "kind to file"]),
        (archive(("r.csv", CSV))[:-30], ["cannot be unpacked"]),
        (archive(("r.csv", CSV)).replace(b"PK\x01\x02", b"PK\x01\x07"), ["cannot be unpacked"]),
        (archive(), ["no CSV file", "no files"]),
    ],
    ids=[
        "up", "up later", "root", "backslash", "drive", "link", "other link", "bomb", "other bomb", "bomb advice",
        "lying size", "encrypted", "cut", "damaged", "empty",
    ],
)  # fmt: skip
def test_archives_that_are_refused(project: Path, run: Run, content: bytes, parts: list[str]) -> None:
    before = sorted(project.parent.rglob("*"))
    (project / "mine.zip").write_bytes(content)
    refused(project, run(kind="file", path="mine.zip"), "mine.zip", *parts)
    (project / "mine.zip").unlink()
    assert sorted(project.parent.rglob("*")) == before


def test_what_unpacks_beyond_the_limit(project: Path, run: Run) -> None:
    rows = "".join(f"Reviewer {n},Fine,Good shoes {n * 7919},5,Great,2020-01-01,1,Kenya\n" for n in range(20_000))
    (project / "mine.zip").write_bytes(zipped({"r.csv": (GOOD + rows).encode()}))
    refused(project, run({"fetch.max_megabytes": 1}, kind="file", path="mine.zip"), "r.csv unpacked", "limit of 1 MB")
    assert run({"fetch.max_megabytes": 2}, kind="file", path="mine.zip")[0] == 0
