"""Tell what a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Final

from brandmlm.data.tables.options import ReadOptions

HEAD_BYTES: Final = 8192  # enough for every signature, and for a page's title


class Format(Enum):
    """What a file's first bytes say; `TEXT` where no signature fits."""

    TEXT = "text"
    PARQUET = "Parquet"
    ZIP = "zip archive"  # or a workbook, which is one
    OLE = "old Office file"  # .xls; also .doc, and encrypted .xlsx
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"


_READ: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"PAR1", Format.PARQUET),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),  # an empty archive
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.OLE),
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
)

_UNPACK: Final = "unpack it and name the table inside"
_EXPORT: Final = "open it where it was made and export the table as CSV"
_CONVERT: Final = "convert it to Parquet or CSV"
_NO_TABLE: Final = "name a table file"

# Signature, what the file is, what to do.
_REFUSED: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"%PDF", "a PDF document", "ask its source for the table, or copy the table into a sheet and save that"),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a file compressed by zstd", "unpack it with `unzstd`"),
    (b"\x04\x22\x4d\x18", "a file compressed by LZ4", "unpack it with `unlz4`"),
    (b"\x1f\x9d", "a file compressed by compress", "unpack it with `uncompress`"),
    (b"PARE", "an encrypted Parquet file", "decrypt it"),
    (b"ARROW1", "an Arrow (Feather) file", _CONVERT),
    (b"ORC", "an ORC file", _CONVERT),
    (b"Obj\x01", "an Avro file", _CONVERT),
    (b"SQLite format 3\x00", "a SQLite database", "export the table as CSV"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _CONVERT),
    (b"\x93NUMPY", "a NumPy array", _CONVERT),
    (b"<stata_dta>", "a Stata file", _CONVERT),
    (b"$FL2", "an SPSS file", _CONVERT),
    (b"$FL3", "an SPSS file", _CONVERT),
    (b"RDX", "an R data file", "save the data frame with `write.csv`"),
    (b"\x89PNG", "a PNG picture", _NO_TABLE),
    (b"\xff\xd8\xff", "a JPEG picture", _NO_TABLE),
    (b"GIF8", "a GIF picture", _NO_TABLE),
    (b"II*\x00", "a TIFF picture", _NO_TABLE),
    (b"MM\x00*", "a TIFF picture", _NO_TABLE),
    (b"RIFF", "a sound, picture or film (RIFF)", _NO_TABLE),
    (b"ID3", "a sound file", _NO_TABLE),
    (b"OggS", "a sound file", _NO_TABLE),
    (b"\x7fELF", "a program", _NO_TABLE),
    (b"MZ\x90", "a program", _NO_TABLE),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"%!PS", "a PostScript document", _EXPORT),
)

_PICKLE = re.compile(rb"\x80[\x02-\x05][\x95cK}\](]")


def read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def binary_format(head: bytes, options: ReadOptions) -> Format:
    """The format of a file with these first bytes.

    Raises:
        UserError: nothing is in the file, or it is something that is known and is no table.
    """
    if not head:
        raise options.error("the file is empty; export or download it again")
    for signature, what, remedy in _REFUSED:
        if head.startswith(signature):
            raise options.error(f"this is {what}, not a table; {remedy}")
    if head[257:262] == b"ustar":
        raise options.error(f"this is a tar archive, not a table; {_UNPACK}")
    if head[4:12] in (b"ftypisom", b"ftypmp42", b"ftypheic", b"ftypqt  ", b"ftypM4A "):
        raise options.error(f"this is a film or picture, not a table; {_NO_TABLE}")
    if _PICKLE.match(head):
        raise options.error("this is a Python pickle, which can run code when read; save the table as Parquet or CSV")
    return next((kind for signature, kind in _READ if head.startswith(signature)), Format.TEXT)


_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta)\b", re.I | re.S
)
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80})", re.I)
_LFS_SIZE = re.compile(r"^size (\d{1,18})", re.M)
_SQL = re.compile(
    r"\s*(?:-- (?:MySQL|PostgreSQL|SQLite|MariaDB) |/\*!|CREATE TABLE |INSERT INTO |BEGIN TRANSACTION;)", re.I
)


def refuse_text(start: str, options: ReadOptions) -> None:
    """Raise UserError where a text that begins so is known and is no table."""
    if _HTML.match(start):
        title = _TITLE.search(start)
        called = f" titled {title[1].strip()!r}" if title else ""
        raise options.error(
            f"this is a web page{called}, not a table; the address wants a login or shows the file instead of sending "
            "it: download the file itself and name its path"
        )
    if start.startswith("version https://git-lfs"):
        size = _LFS_SIZE.search(start)
        of = f" of {int(size[1]):,} bytes" if size else ""
        raise options.error(
            f"this is a Git LFS pointer, not the file{of} itself; run `git lfs pull` in its repository, or download it"
        )
    if "/annex/objects/" in start[:200] and "\n" not in start.strip():
        raise options.error("this is a git-annex pointer, not the file itself; run `git annex get` in its repository")
    if start.lstrip().startswith("<?xml") and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise options.error("this is an Excel 2003 XML workbook; save it as .xlsx or as CSV UTF-8")
    if re.match(r"\s*<\??[A-Za-z!]", start):
        raise options.error("this is an XML file, not a table; export the table as CSV, JSON Lines or Parquet")
    if _SQL.match(start):
        raise options.error("this is a database dump, not a table; load it and export the table as CSV")
    if re.match(r"From \S+@\S+ |(?:Received|Return-Path|MIME-Version): ", start):
        raise options.error("this is an e-mail, not a table; save its attachment")


def is_json(start: str) -> bool:
    """Whether a text that begins so is JSON: objects, or an array."""
    return re.match(r"\s*(?:\{\s*(?:[\"'}]|$)|\[\s*(?:[{\[\]]|$))", start) is not None
