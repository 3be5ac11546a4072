"""A compressed file gives its one table; archives that look like an attack are refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from table_files import read_refusal

from brandmlm.data.tables import ReadOptions, read_table

CSV = b"a,b\n1,2\n"
OPTIONS = ReadOptions(name="mine", key="sources.reviews")


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
    """The flag alone, in both headers: enough to tell."""
    content = bytearray(archive(("r.csv", CSV)))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying() -> bytes:
    """A member of 100 MB that declares 600 bytes."""
    content = bytearray(archive(("r.csv", b"x" * 100_000_000)))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (600).to_bytes(4, "little")
    content[22:26] = (600).to_bytes(4, "little")
    return bytes(content)


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as opened:
        info = tarfile.TarInfo("r.csv")
        info.size = len(CSV)
        opened.addfile(info, io.BytesIO(CSV))
    return buffer.getvalue()


def put(folder: Path, content: bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(content)
    return path


def refusal(path: Path, options: ReadOptions = OPTIONS) -> str:
    return read_refusal(path, options)


def parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame({"a": ["1"], "b": ["2"]}).to_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda content: archive(("r", content))])
@pytest.mark.parametrize("content", [CSV, CSV.replace(b",", b";"), b'{"a": "1", "b": "2"}\n', parquet()])
def test_every_format_inside_every_packing(tmp_path: Path, pack: Callable[[bytes], bytes], content: bytes) -> None:
    packed = pack(content)
    options = ReadOptions("x", scratch=tmp_path, file="r" if packed.startswith(b"PK") else None)
    table = read_table(put(tmp_path, packed), options)
    assert table.to_numpy().tolist() == [["1", "2"]]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize(
    "content",
    [
        archive(("r.csv", CSV)),
        archive(("data/", b""), ("data/R.CSV", CSV), ("data/readme.txt", b"x"), ("__MACOSX/data/._r.csv", b"x")),
        archive(("r.TSV", CSV), ("notes.json", b"{}")),
        archive(("r.csv.gz", gzip.compress(CSV)), ("license.txt", b"x")),
        archive(("r.txt", CSV), ("readme.md", b"x")),
        archive(("r.parquet", parquet())),
        gzip.compress(archive(("r.csv", CSV))),
    ],
    ids=["one file", "among others", "before json", "gz inside", "txt", "parquet", "zip in gz"],
)
def test_the_only_table_is_taken(tmp_path: Path, content: bytes) -> None:
    assert read_table(put(tmp_path, content)).to_numpy().tolist() == [["1", "2"]]


def test_one_of_several_is_named(tmp_path: Path) -> None:
    path = put(tmp_path, archive(("data/a.csv", b"x"), ("data/b.tsv", CSV)))
    message = refusal(path)
    assert "2 tables in the zip archive: data/a.csv, data/b.tsv" in message
    assert "sources.reviews.file in params.yaml" in message
    assert "no file 'c.csv'" in refusal(path, ReadOptions("mine", file="c.csv"))
    assert len(read_table(path, ReadOptions("mine", file="data/b.tsv"))) == 1
    flat = put(tmp_path, archive(("b.csv", CSV), ("c.csv", b"x")))
    assert len(read_table(flat, ReadOptions("mine", file="data/b.csv"))) == 1


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
        (archive(("r.csv", b"x" * 10_000_000)), ["'r.csv' would decompress to 10 MB", "200 times"]),
        (archive(("r.csv", CSV), ("other", b"x" * 10_000_000)), ["would decompress to 10 MB"]),
        (lying(), ["cannot be decompressed", "download it again"]),
        (encrypted(), ["encrypted"]),
        (archive(("r.csv", CSV))[:-30], ["cannot be decompressed"]),
        (archive(("r.csv", CSV)).replace(b"PK\x01\x02", b"PK\x01\x07"), ["cannot be decompressed"]),
        (archive(), ["no table", "no files"]),
        (archive(("readme.md", b"x")), ["no table", "readme.md"]),
        (gzip.compress(b"x" * 10_000_000), ["would decompress to", "200 times"]),
        (bz2.compress(b"x" * 10_000_000), ["would decompress to"]),
        (lzma.compress(b"x" * 10_000_000), ["would decompress to"]),
        (gzip.compress(CSV)[:-4], ["gzip cannot be decompressed", "download it again"]),
        (gzip.compress(CSV)[:12] + b"\xff" * 20, ["gzip cannot be decompressed"]),
        (bz2.compress(CSV)[:20], ["bzip2 cannot be decompressed"]),
        (lzma.compress(CSV)[:20], ["xz cannot be decompressed"]),
        (gzip.compress(gzip.compress(gzip.compress(CSV))), ["archives inside archives"]),
        (gzip.compress(tar()), ["tar archive"]),
        (gzip.compress(b""), ["is empty"]),
        (gzip.compress(b"<html>"), ["web page"]),
    ],
    ids=range(26),
)
def test_archives_that_are_refused(tmp_path: Path, content: bytes, parts: list[str]) -> None:
    message = refusal(put(tmp_path, content), ReadOptions("mine", scratch=tmp_path))
    assert all(part in message for part in parts), message
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: archive(("r.csv", content))])
def test_what_decompresses_beyond_the_limit(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    content = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number * 7919) for number in range(100_000))
    path = put(tmp_path, pack(content))
    assert "over the limit of 1 MB" in refusal(path, ReadOptions("mine", max_bytes=1_000_000))
    assert len(read_table(path, ReadOptions("mine", max_bytes=2_000_000))) == 100_000


def test_a_failure_of_the_caller_is_not_taken_for_a_damaged_file(tmp_path: Path) -> None:
    from brandmlm.data.tables import open_table

    with pytest.raises(KeyError), open_table(put(tmp_path, gzip.compress(CSV))):
        raise KeyError("mine")
