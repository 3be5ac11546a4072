"""The table inside gzip, bzip2, xz or a zip archive.

Nothing of an archive but the one member's bytes is written, and never under a name that the archive gives.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from brandmlm.core.errors import UserError
from brandmlm.data.tables.formats import Format, binary_format, read_head
from brandmlm.data.tables.options import ReadOptions, too_large

# Text compresses to a tenth, lists of repeated lines to a fiftieth; deflate ends at a thousandth.
MAX_RATIO: Final = 200

HARMLESS: Final = 1_000_000  # bytes decompressed, below which no ratio does harm

_CHUNK: Final = 1 << 20  # bytes

_OPEN: Final[dict[Format, Callable[[Path], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]]] = {
    Format.GZIP: gzip.GzipFile,
    Format.BZIP2: bz2.BZ2File,
    Format.XZ: lzma.LZMAFile,
}

DAMAGED: Final = (  # what the libraries raise for a broken archive
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, NotImplementedError, OverflowError, IndexError, KeyError),
)

_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)

_PACKED: Final = r"(?:\.(?:gz|bz2|xz))?$"
_TABLE = re.compile(rf"\.(?:csv|tsv|tab|psv|jsonl|ndjson|parquet|pq|xlsx|xlsm|xlsb|xls|ods){_PACKED}", re.I)
_PERHAPS = re.compile(rf"\.(?:txt|dat|json){_PACKED}", re.I)


def _bomb(options: ReadOptions, what: str, size: int) -> UserError:
    return options.error(
        f"{what} would decompress to {size / 1e6:,.0f} MB or more, over {MAX_RATIO} times its size; do not trust it, "
        "or decompress it yourself and name the result"
    )


def _check_member(member: zipfile.ZipInfo, options: ReadOptions) -> None:
    """Refuse the whole archive if a member is one that an ordinary program never writes."""
    path = member.orig_filename.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        raise options.error(f"the zip archive has a member outside its own folder ({path!r}); do not trust it")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise options.error(
            f"the zip archive has a link or device in it ({member.filename!r}); do not trust it, or decompress it "
            "yourself and name the table"
        )
    if member.file_size > options.max_bytes:
        raise too_large(options, repr(member.filename), member.file_size)
    if member.file_size > HARMLESS and member.file_size > MAX_RATIO * member.compress_size:
        raise _bomb(options, repr(member.filename), member.file_size)


def is_table_name(name: str) -> bool:
    """Whether a file's name ends as those of tables do."""
    return any(kind.search(name) for kind in (_TABLE, _PERHAPS))


def pick_table(names: Sequence[str], options: ReadOptions, where: str = "the zip archive") -> str:
    """The file that the options name, or the only table among `names` by their extensions.

    Raises:
        UserError: no table or several; the message lists the files.
    """
    listed = ", ".join(sorted(names)[:20]) or "no files"
    wanted = options.file
    if wanted is not None:
        # A site that packs one file of a data set may leave its folder out.
        found = next((name for name in (wanted, PurePosixPath(wanted).name) if name in names), None)
        if found is None:
            raise options.error(f"no file {wanted!r} in {where}, but {listed}; correct {options.setting('file')}")
        return found
    visible = [name for name in names if not re.search(r"^__MACOSX/|(?:^|/)\.", name)]
    for kind in (_TABLE, _PERHAPS):
        tables = [name for name in visible if kind.search(name)]
        if len(tables) == 1:
            return tables[0]
        if tables:
            raise options.error(
                f"{len(tables)} tables in {where}: {', '.join(sorted(tables)[:20])}; {options.choice('file')}"
            )
    raise options.error(f"no table in {where}, but {listed}; take another data set")


def _is_workbook(names: Sequence[str], options: ReadOptions, mimetype: bytes) -> bool:
    """Whether a zip archive with these members is a workbook. Raises UserError for other things that are zipped."""
    if mimetype.startswith(b"application/vnd.oasis.opendocument."):
        if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return True
        raise options.error("this is an OpenDocument text or drawing, not a table; save its table as CSV UTF-8")
    tops = {name.split("/")[0] for name in names}
    if "[Content_Types].xml" in names and "xl" in tops:
        return True
    others = {"word": "a Word document", "ppt": "a PowerPoint presentation", "Index": "an Apple Numbers document"}
    found = next((what for top, what in others.items() if top in tops), None)
    if found and ("[Content_Types].xml" in names or "Index/Document.iwa" in names):
        raise options.error(f"this is {found}, not a table; export its table as CSV UTF-8")
    return False


class _Bytes(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _write(source: _Bytes, target: Path, packed: int, options: ReadOptions) -> None:
    """Decompress into a file. Raises UserError where that grows beyond the limits."""
    size = 0
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > options.max_bytes:
                raise too_large(options, "the file", size)
            if size > HARMLESS and size > MAX_RATIO * packed:
                raise _bomb(options, "the file", size)
            file.write(chunk)


def _unzip(path: Path, target: Path, options: ReadOptions) -> bool:
    """Write the table of a zip archive into `target`; False where the archive is itself a workbook."""
    with zipfile.ZipFile(path) as opened:
        members = {member.filename: member for member in opened.infolist() if not member.is_dir()}
        for member in opened.infolist():
            _check_member(member, options)
        mimetype = members.get("mimetype")
        start = opened.read(mimetype)[:100] if mimetype and mimetype.file_size < 200 else b""
        if _is_workbook(list(members), options, start):
            total = sum(member.file_size for member in members.values())
            if total > options.max_bytes:
                raise too_large(options, "the workbook", total)
            return False
        member = members[pick_table(list(members), options)]
        if member.flag_bits & 1:
            raise options.error(f"{member.filename!r} in the zip archive is encrypted; decompress it yourself")
        # A member's reader stops at the size it declares, which is checked above, and then compares the CRC.
        with opened.open(member) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, _CHUNK)
    return True


def _damaged(error: Exception, what: str, options: ReadOptions) -> UserError:
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return options.error(f"cannot be decompressed ({error.strerror}); free space on the disk")
    return options.error(
        f"the {what} cannot be decompressed ({str(error)[:120] or type(error).__name__}); download it again"
    )


def _unpack(path: Path, target: Path, kind: Format, options: ReadOptions) -> bool:
    """Write what is inside a file into `target`; False where the file is itself the table."""
    try:
        if kind in _OPEN:
            with _OPEN[kind](path) as source:
                _write(source, target, path.stat().st_size, options)
            return True
        return kind is Format.ZIP and _unzip(path, target, options)
    except DAMAGED as error:
        raise _damaged(error, kind.value, options) from None


def is_zip(path: Path) -> bool:
    """Whether a file is a zip archive; a workbook is one."""
    return any(read_head(path).startswith(magic) for magic in (b"PK\x03\x04", b"PK\x05\x06"))


@contextmanager
def unpacked(path: Path, options: ReadOptions) -> Iterator[tuple[Path, Format]]:
    """The file itself, or the table inside it for as long as the context lasts; and its format.

    A zip archive that comes out is a workbook.

    Raises:
        UserError: the archive is damaged or encrypted, holds no table or several, or looks like an attack: members
            outside its folder, links, sizes out of proportion.
    """
    with tempfile.TemporaryDirectory(dir=options.scratch, prefix="table-") as folder:
        for level in range(3):
            kind = binary_format(read_head(path), options)
            target = Path(folder) / str(level)
            if not _unpack(path, target, kind, options):
                yield path, kind
                return
            path = target
        raise options.error("archives inside archives; decompress them and name the table")
