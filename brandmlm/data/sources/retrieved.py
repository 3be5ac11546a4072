"""What is known about a file that a source retrieved."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Retrieved:
    """Where a file came from, without credentials."""

    retrieved_from: str
    version: int | str | None = None  # of the data set, if its site has versions
    file: str | None = None  # the file's name in the data set
    listed_bytes: int | None = None  # the file's size in the site's listing
