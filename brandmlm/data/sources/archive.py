"""Pick the CSV file of a data set by name, and unpack it from a zip archive.

Only the bytes of that one file are written, and never under a name from the archive.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from brandmlm.core.errors import UserError
from brandmlm.data.sources.remote import Limits, too_large

MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # a member's header; the end record of an empty archive

# Text compresses about 10 times, repeated lines 50 times; deflate reaches 1,000 at most.
MAX_RATIO: Final = 200

HARMLESS: Final = 1_000_000  # bytes unpacked, up to which any ratio is accepted


def pick_csv(names: Sequence[str], wanted: str | None, where: str, key: str) -> str:
    """Return the name of a data set's file.

    Args:
        names: All files of the data set.
        wanted: The file to pick; by default the only CSV file.
        where: The data set; messages begin with it.
        key: The source's name in params.yaml, for the remedy.

    Raises:
        UserError: There is no such file, or the choice is ambiguous; the message lists the files.
    """
    listed = ", ".join(sorted(names)[:20]) or "no files"
    if wanted is not None:
        if wanted in names:
            return wanted
        raise UserError(f"{where}: no file {wanted!r} in it, but {listed}; correct {key}.file in params.yaml")
    tables = [name for name in names if name.lower().endswith(".csv") and not name.startswith("__MACOSX/")]
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise UserError(f"{where}: no CSV file in it, but {listed}; use another data set")
    raise UserError(
        f"{where}: {len(tables)} CSV files in it: {', '.join(sorted(tables)[:20])}; "
        f"name one as {key}.file in params.yaml"
    )


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in MAGIC


def _check(member: zipfile.ZipInfo, limits: Limits, where: str) -> None:
    """Refuse an archive with a member that no honest archive has, whether the member is wanted or not."""
    path = member.orig_filename.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        raise UserError(f"{where}: the zip archive has a member outside its own folder ({path!r}); do not trust it")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError(
            f"{where}: the zip archive holds a link or device ({member.filename!r}); do not trust it, or unpack it "
            "yourself and set kind to file"
        )
    if member.file_size > limits.max_bytes:
        raise too_large(f"{where}: {member.filename} unpacked", member.file_size, limits)
    if member.file_size > HARMLESS and member.file_size > MAX_RATIO * member.compress_size:
        raise UserError(
            f"{where}: {member.filename!r} would unpack to {member.file_size / 1e6:,.0f} MB, more than {MAX_RATIO} "
            "times its size in the zip archive; do not trust it, or unpack it yourself and set kind to file"
        )


def unpack_csv(archive: Path, target: Path, wanted: str | None, limits: Limits, where: str, key: str) -> None:
    """Write a CSV file of a zip archive to `target`; see `pick_csv` for the file that is picked.

    Raises:
        UserError: The archive is damaged or encrypted, does not have the file, or is suspicious: members outside the
            archive's folder, links, extreme compression ratios.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = {member.filename: member for member in opened.infolist() if not member.is_dir()}
            for member in opened.infolist():
                _check(member, limits, where)
            # A site that packs one file of a data set may omit its folder.
            short = PurePosixPath(wanted).name if wanted else None
            name = pick_csv(list(members), short if short in members else wanted, f"{where} (zip archive)", key)
            if members[name].flag_bits & 1:
                raise UserError(f"{where}: {name!r} in the zip archive is encrypted; unpack it and set kind to file")
            # The reader stops at the declared size, which is checked above, and then compares the CRC.
            with opened.open(members[name]) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UserError(
            f"{where}: the zip archive cannot be unpacked ({str(error) or type(error).__name__}); download it again"
        ) from None
