"""Raw data sets: the kinds of source and their keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from brandmlm.config.params.addresses import check_owner_name
from brandmlm.config.params.section import Digest, Positive, Section, Share


def _check_source_name(name: str) -> str:
    """A source's name is a folder under data/raw and a value of the corpus's column `source`."""
    if re.fullmatch("[a-z0-9][a-z0-9_-]{0,63}", name) and name not in ("synthetic", "general"):
        return name
    raise ValueError(
        "name a source in lower-case letters, digits, - and _, but not 'synthetic' or 'general', which are other rows"
    )


SourceName = Annotated[str, AfterValidator(_check_source_name)]

KaggleName = Annotated[str, AfterValidator(partial(check_owner_name, kind="kaggle"))]
DataWorldName = Annotated[str, AfterValidator(partial(check_owner_name, kind="dataworld"))]
HubName = Annotated[str, AfterValidator(partial(check_owner_name, kind="hub"))]

Table = Literal["review", "product", "text"]


def _is_text_map(value: object) -> bool:
    """Whether a value names columns of the text: a name, or a list of names and of lists of alternative names."""
    if isinstance(value, str):
        return bool(value.strip())
    parts = value if isinstance(value, list) else []
    flat = [name for part in parts for name in (part if isinstance(part, list) else [part])]
    return bool(flat) and all(isinstance(name, str) and name.strip() for name in flat)


def _check_text(value: object) -> object:
    if value is not None and not _is_text_map(value):
        raise ValueError("write the name of a column, or a list of names in the order of the text")
    return value


class Columns(Section):
    """Names of columns by what they mean; null: the table has none. What is not set is found by its usual name."""

    text: Annotated[Any, AfterValidator(_check_text)] = None
    rating: str | None = None
    date: str | None = None
    author: str | None = None
    group: str | None = None

    def as_map(self) -> dict[str, Any]:
        """The columns that the user mentions."""
        return self.model_dump(exclude_unset=True)


class Source(Section):
    """A raw data set: the keys of every kind."""

    table: Table  # how a row's text is joined from its columns
    columns: Columns = Columns()
    encoding: str | None = None  # of text files; default: detected
    sheet: str | None = None  # of a workbook; default: the only one with rows
    date_format: str | None = None  # dmy, mdy, ymd or a strptime format; default: what the column shows
    rating_scale: Annotated[float, Field(gt=0)] | None = None  # the best rating; default: what the column shows
    max_bad_rows: Share = 0.001  # share of the rows that may be skipped because they cannot be read
    sha256: Digest | None = None  # of the file, if pinned
    min_rows: Positive = 1
    max_megabytes: Positive | None = None  # a larger file is refused; default: `fetch.max_megabytes`


class SampleSource(Source):
    kind: Literal["sample"]
    path: str


class FileSource(Source):
    kind: Literal["file"]
    path: str  # a file or a glob pattern (relative to the project's root), or an address: https://…, s3://…
    file: str | None = None  # which table, if the path is a zip archive with several


class KaggleSource(Source):
    kind: Literal["kaggle"]
    dataset: KaggleName  # owner/name
    version: Positive | None = None  # default: the current one
    file: str | None = None  # a name or a glob pattern; default: the only table in the data set


class DataWorldSource(Source):
    kind: Literal["dataworld"]
    dataset: DataWorldName  # owner/name
    file: str | None = None  # a name or a glob pattern; default: the only table in the data set


class HubSource(Source):
    """A data set on the Hugging Face hub."""

    kind: Literal["hub"]
    repository: HubName  # owner/name
    revision: str  # a commit; a branch or tag can move
    file: str | None = None  # a name or a glob pattern; default: the only table in the repository
    split: str | None = None  # the files of one split, by their names, instead of `file`

    @model_validator(mode="after")
    def _picks_files_in_one_way(self) -> Self:
        if self.file is not None and self.split is not None:
            raise ValueError("set file or split, not both")
        return self


AnySource = Annotated[
    SampleSource | FileSource | KaggleSource | DataWorldSource | HubSource, Field(discriminator="kind")
]

# In the order of params.yaml. Of two equal texts, the one of the earlier source is kept.
Sources = Annotated[Mapping[SourceName, AnySource], Field(min_length=1)]
