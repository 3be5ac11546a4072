"""Raw data sets: the kinds of source and their keys."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from brandmlm.config.params.section import Digest, OwnerName, Positive, Section

SOURCE_NAMES: Final = ("reviews", "products", "catalogue")


class Source(Section):
    """A raw data set: what every kind of source has in common."""

    sha256: Digest | None = None  # the file's digest, where it is pinned
    min_rows: Positive = 1


class SampleSource(Source):
    kind: Literal["sample"]
    path: str


class FileSource(Source):
    kind: Literal["file"]
    path: str  # a file (a relative path starts at the project's root) or an http(s) URL
    file: str | None = None  # which CSV, where the path is a zip archive with several


class KaggleSource(Source):
    kind: Literal["kaggle"]
    dataset: OwnerName
    version: Positive | None = None  # else the current one
    file: str | None = None  # else the only CSV in the data set


class DataWorldSource(Source):
    kind: Literal["dataworld"]
    dataset: OwnerName
    file: str | None = None  # else the only CSV in the data set


AnySource = Annotated[SampleSource | FileSource | KaggleSource | DataWorldSource, Field(discriminator="kind")]


class Sources(Section):
    reviews: AnySource
    products: AnySource
    catalogue: AnySource
