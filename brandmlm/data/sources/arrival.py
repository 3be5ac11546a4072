"""What a kind of source says of the file that it brought."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arrival:
    """Where a source's bytes came from, without credentials."""

    retrieved_from: str
    version: int | str | None = None  # of the data set, where its site numbers or names them
    file: str | None = None  # the file's name in the data set
    announced: int | None = None  # bytes that the site's listing gives for the file
