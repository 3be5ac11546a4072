"""Raw data sets: the kinds of source and their keys."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from brandmlm.config.params.section import Digest, OwnerName, Positive, Section

SOURCE_NAMES: Final = ("reviews", "products", "catalogue")


class Source(Section):
    """A raw data set: the keys of every kind."""

    sha256: Digest | None = None  # of the file, if pinned
    min_rows: Positive = 1


class SampleSource(Source):
    kind: Literal["sample"]
    path: str


class FileSource(Source):
    kind: Literal["file"]
    path: str  # a file (relative to the project's root) or an http(s) URL
    file: str | None = None  # which CSV, if the path is a zip archive with several


class KaggleSource(Source):
    kind: Literal["kaggle"]
    dataset: OwnerName
    version: Positive | None = None  # default: the current one
    file: str | None = None  # default: the only CSV in the data set


class DataWorldSource(Source):
    kind: Literal["dataworld"]
    dataset: OwnerName
    file: str | None = None  # default: the only CSV in the data set


AnySource = Annotated[SampleSource | FileSource | KaggleSource | DataWorldSource, Field(discriminator="kind")]


class Sources(Section):
    reviews: AnySource
    products: AnySource
    catalogue: AnySource
