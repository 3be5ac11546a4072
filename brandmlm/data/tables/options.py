"""What a user can say about a table file, and how messages name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brandmlm.core.errors import UserError

BATCH_ROWS: Final = 50_000

MAX_BYTES: Final = 2_000_000_000


@dataclass(frozen=True)
class ReadOptions:
    """How to read one file; only `name` is needed."""

    name: str  # what messages call the file: its path or address, without credentials
    key: str = ""  # the source in params.yaml ("sources.reviews"), for the advice; empty: it has none yet
    encoding: str | None = None  # of a text file; None: found
    sheet: str | None = None  # of a workbook; None: the only one with rows
    file: str | None = None  # in a zip archive; None: the only table
    max_bad_rows: float = 0.001  # share of the rows that may be skipped; one always may, unless this is 0
    max_bytes: int = MAX_BYTES  # after decompression
    batch_rows: int = BATCH_ROWS
    scratch: Path | None = None  # folder for decompressed files; None: the system's

    def setting(self, name: str) -> str:
        """The name of a setting where the user can change it, for advice."""
        return f"{self.key}.{name} in params.yaml" if self.key else f"{name!r} of the source in params.yaml"

    def choice(self, name: str) -> str:
        """The advice to choose one of several tables in the file by a setting."""
        return f"name one as {self.setting(name)}" if self.key else "save the right one as a file of its own"

    def error(self, problem: str) -> UserError:
        """An error about this file: the problem and its remedy."""
        return UserError(f"{self.name}: {problem}")


def too_large(options: ReadOptions, what: str, size: int) -> UserError:
    """An error about a file that is larger than the limit. `size`: bytes after decompression, or those so far."""
    return options.error(
        f"{what} has {size / 1e6:,.0f} MB or more decompressed, over the limit of {options.max_bytes / 1e6:,.0f} MB; "
        "raise fetch.max_megabytes, or the source's max_megabytes, in params.yaml if the file is right"
    )
