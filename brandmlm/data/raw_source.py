"""A fetched source on disk: its files as retrieved, and the columns of its rows that are used.

    files/            the bytes as retrieved
    rows.parquet      file, line, and strings or nulls: text_1_1, text_1_2, …, text_2_1, …, rating, date, author, group
    skipped.parquet   file, line and reason of the rows that could not be read
    origin.json       where the files came from, their digest, which columns the rows were read from

`text_2_1` is the first choice of the text's second part; the next choice counts where it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.data.column_map import ColumnMap

FILES: Final = "files"
ROWS: Final = "rows.parquet"
SKIPPED: Final = "skipped.parquet"
ORIGIN: Final = "origin.json"

ORDER: Final = "sources.json"  # beside the sources' folders: their names in the order of params.yaml

SINGLE_ROLES: Final = ("rating", "date", "author", "group")


@dataclass(frozen=True)
class RawSource:
    """A fetched source, read."""

    name: str
    origin: Mapping[str, Any]
    rows: pd.DataFrame

    @property
    def table(self) -> str:
        """`review`, `product` or `text`."""
        return str(self.origin["table"])

    @property
    def columns(self) -> Mapping[str, Any]:
        """The file's names of the columns, by role."""
        columns: Mapping[str, Any] = self.origin["columns"]
        return columns

    @property
    def text_columns(self) -> list[list[str]]:
        """The columns of `rows` that hold the text: by part, then by preference."""
        return text_columns([len(part) for part in self.columns["text"]])


def text_columns(choices: Sequence[int]) -> list[list[str]]:
    """The names of the text's columns; `choices`: the number of columns of each part."""
    return [[f"text_{part}_{choice}" for choice in range(1, count + 1)] for part, count in enumerate(choices, start=1)]


def describe_columns(columns: ColumnMap) -> dict[str, Any]:
    """A column map for `origin.json`."""
    return {"text": [list(part) for part in columns.text], **{role: getattr(columns, role) for role in SINGLE_ROLES}}


def by_role(batch: pd.DataFrame, columns: ColumnMap) -> pd.DataFrame:
    """A batch of a table with its columns renamed to what they mean, and its index as the column `line`."""
    named = {
        role: batch[name]
        for part, roles in zip(columns.text, text_columns([len(part) for part in columns.text]), strict=True)
        for name, role in zip(part, roles, strict=True)
    }
    single = {role: batch[name] for role in SINGLE_ROLES if (name := getattr(columns, role))}
    return pd.DataFrame(
        {"line": batch.index.to_numpy(), **{role: cells.array for role, cells in (named | single).items()}}
    )


class RowWriter:
    """Writes `rows.parquet` batch by batch; to be used in a `with` statement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: tuple[pa.Schema, pq.ParquetWriter] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open:
            self._open[1].close()

    def append(self, batch: pd.DataFrame, columns: ColumnMap, file: str) -> None:
        """Append a batch of a table. `file`: the file's name in the folder `files`."""
        rows = by_role(batch, columns).assign(file=file)
        if self._open is None:
            types = {"file": pa.string(), "line": pa.int64()}
            types |= {role: pa.string() for role in rows.columns if role not in types}
            schema = pa.schema(list(types.items()))
            self._open = schema, pq.ParquetWriter(self._path, schema, compression="zstd")
        schema, writer = self._open
        writer.write_table(pa.Table.from_pandas(rows, schema=schema, preserve_index=False))


def read_order(raw: Path) -> list[str]:
    """The names of the fetched sources in the order of params.yaml; `raw`: the folder of their folders."""
    return [str(name) for name in read_json(raw / ORDER)]


def read_origin(folder: Path) -> dict[str, Any]:
    """A source's `origin.json`. Raises UserError if it is not of this form."""
    origin = read_json(folder / ORIGIN)
    if not isinstance(origin, dict) or not {"table", "columns", "kind", "sha256", "rows"} <= origin.keys():
        raise UserError(f"{folder / ORIGIN}: not written by this version; run `dvc repro fetch`")
    return origin
