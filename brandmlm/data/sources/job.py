"""A retrieval: where the files of a source go, within which limits, and what is known of them afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from brandmlm.data.sources.remote import Limits
from brandmlm.data.tables import ReadOptions
from brandmlm.data.tables.packing import is_zip, pick_table, unpacked

_LONGEST: Final = 100  # characters of a file's name that are kept


@dataclass(frozen=True)
class Job:
    """The retrieval of one source."""

    folder: Path  # which receives the files
    downloads: Path  # where the bytes of downloads are collected, beside the output
    limits: Limits
    key: str  # the source in params.yaml, such as "sources.reviews", for messages

    def options(self, name: str, file: str | None = None) -> ReadOptions:
        """How messages call a file, and the limit of what comes out of an archive."""
        return ReadOptions(name, self.key, file=file, max_bytes=self.limits.max_bytes, scratch=self.folder)

    def target(self, name: str) -> Path:
        """Where to write a file. Its name keeps the letters, digits, dots and hyphens of the original's; it is new."""
        plain = re.sub(r"[^\w.-]+", "_", PurePosixPath(name).name, flags=re.A).lstrip(".")[-_LONGEST:] or "table"
        taken = {path.name for path in self.folder.iterdir()}
        numbered = (f"{number}-{plain}" for number in range(2, len(taken) + 3))
        return self.folder / (plain if plain not in taken else next(each for each in numbered if each not in taken))


@dataclass(frozen=True)
class RetrievedFile:
    """One file of a source."""

    path: Path
    name: str  # where it came from, without credentials, for messages


@dataclass(frozen=True)
class Retrieved:
    """The files of a source, and where they came from, without credentials."""

    retrieved_from: str
    files: Sequence[RetrievedFile]
    version: int | str | None = None  # of the data set, if its site has versions


def pick_files(names: Sequence[str], wanted: str | None, options: ReadOptions, where: str) -> list[str]:
    """The files of a data set that a name or glob pattern picks, in alphabetical order; by default its only table.

    Raises:
        UserError: there is no such file, or the choice is ambiguous; the message lists the files.
    """
    if wanted is not None and wanted not in names:
        matching = sorted(name for name in names if fnmatchcase(name, wanted))
        if matching:
            return matching
    return [pick_table(names, replace(options, file=wanted), where)]


def settle(file: Path, listed: int | None, options: ReadOptions) -> None:
    """Unpack a downloaded file around which its site has put a zip archive, whose bytes differ between downloads; check
    that all of it arrived.

    Args:
        file: the file.
        listed: its size in the site's listing; None to check no size.
        options: its name, and in `file` which member of the archive is wanted.

    Raises:
        UserError: fewer bytes than listed. More are no fault: sites do not say what they count.
    """
    if is_zip(file):
        member = None if (options.file or "").lower().endswith(".zip") else options.file
        with unpacked(file, replace(options, file=member)) as (inner, _):
            if inner != file:
                inner.replace(file)
    size = file.stat().st_size
    if listed is not None and size < listed:
        raise options.error(f"{size:,} bytes arrived of the {listed:,} that the site lists; try again")
