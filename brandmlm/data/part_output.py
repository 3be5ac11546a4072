"""Write what became of the rows of mapped parts: the corpus by id, dropped rows in the order of the sources."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from brandmlm.core.progress import progress_counter
from brandmlm.data.cleaning import DROPPED_COLUMNS, DROPPED_TYPES, REASONS, SourceCounts, unreadable_rows
from brandmlm.data.corpus import COLUMNS, read_table
from brandmlm.data.mapping import ROW_COLUMNS
from brandmlm.data.part_files import Part, mapped_file
from brandmlm.data.part_verdicts import KEPT, Flags, Verdicts, masks_of
from brandmlm.data.raw_source import SKIPPED
from brandmlm.data.table_parts import PART_ROWS, TableWriter, open_parquet

_BUCKET_ROWS: Final = 4 * PART_ROWS  # kept rows that are sorted by id at a time, about


def count_parts(parts: Sequence[Part], reasons: Flags) -> dict[str, SourceCounts]:
    """Count the kept and dropped rows of each source."""
    counts: dict[str, SourceCounts] = {}
    for part, own in zip(parts, masks_of(parts, reasons), strict=True):
        found = np.bincount(own, minlength=KEPT + 1).tolist()
        if (count := counts.get(part.folder.name)) is None:
            with open_parquet(part.folder / SKIPPED) as file:
                skipped = file.metadata.num_rows
            empty = dict.fromkeys(REASONS, 0) | {"unreadable": skipped}
            counts[part.folder.name] = count = {"read": skipped, "kept": 0, "dropped": empty}
        count["read"] += part.rows
        count["kept"] += found[KEPT]
        for place, reason in enumerate(REASONS):
            count["dropped"][reason] += found[place]
    return counts


def write_parts(parts: Sequence[Part], place: Path, verdicts: Verdicts, out: Path) -> None:
    """Write the dropped rows, and the kept ones sorted by id."""
    buckets = place / "buckets"
    shutil.rmtree(buckets, ignore_errors=True)
    buckets.mkdir()
    kept = verdicts.reasons == KEPT
    bits = max(0, (int(kept.sum()) - 1) // _BUCKET_ROWS).bit_length()
    first = 0
    with (
        TableWriter(out / "dropped.parquet") as dropped,
        progress_counter("writing", 2 * len(kept)) as bar,
    ):
        for part in parts:
            rows = pq.read_table(mapped_file(place, part.number), columns=list(ROW_COLUMNS)).to_pandas()
            own = slice(first, first + len(rows))
            dropped.append(_dropped_rows(rows, verdicts, own))
            _fill_buckets(_kept_rows(rows, verdicts, own), bits, buckets, part.number)
            first += len(rows)
            bar.update(len(rows))
        for folder in dict.fromkeys(part.folder for part in parts):
            dropped.append(unreadable_rows(folder.name, read_table(folder / SKIPPED)).astype(DROPPED_TYPES))
        with TableWriter(out / "corpus.parquet") as corpus:
            for number in range(1 << bits):
                files = sorted(buckets.glob(f"{number:05}-*.parquet"))
                if files:
                    rows = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True)
                    rows = rows.sort_values("id", ignore_index=True)
                    if len(twice := rows["id"][rows["id"].duplicated()]):
                        raise ValueError(f"a text occurs twice in the corpus (id {twice.iloc[0]})")
                    corpus.append(rows)
                    bar.update(len(rows))


def _hex(ids: npt.NDArray[np.uint64]) -> list[str]:
    """Ids as the corpus has them."""
    return [f"{each:016x}" for each in ids.tolist()]


def _dropped_rows(rows: pd.DataFrame, verdicts: Verdicts, own: slice) -> pd.DataFrame:
    """The dropped rows of a part, with `DROPPED_COLUMNS`. `own`: where the part is among all rows."""
    reasons, earlier = verdicts.reasons[own], verdicts.duplicate_of[own]
    found = np.flatnonzero(reasons != KEPT)
    instead = [None if row < 0 else f"{verdicts.ids[row]:016x}" for row in earlier[found].tolist()]
    table = rows.iloc[found].assign(
        reason=[REASONS[number] for number in reasons[found].tolist()],
        detail=None,
        duplicate_of=pd.array(instead, dtype="string"),
    )
    return table[list(DROPPED_COLUMNS)].astype(DROPPED_TYPES)


def _kept_rows(rows: pd.DataFrame, verdicts: Verdicts, own: slice) -> pd.DataFrame:
    """The kept rows of a part as those of a corpus."""
    found = np.flatnonzero(verdicts.reasons[own] == KEPT)
    groups = verdicts.names.take(pa.array(verdicts.groups[own][found])).to_pylist()
    table = rows.iloc[found].assign(id=_hex(verdicts.ids[own][found]), group=groups, label=None)
    types = {column: "Int64" if column == "rating" else "string" for column in (*COLUMNS, "date")}
    return table[[*COLUMNS, "date"]].astype(types)


def _fill_buckets(rows: pd.DataFrame, bits: int, buckets: Path, part: int) -> None:
    """Write rows by the leading bits of their ids."""
    leading = np.array([int(each[:8], 16) >> (32 - bits) for each in rows["id"]], np.int64)
    for number in np.unique(leading).tolist():
        rows[leading == number].to_parquet(buckets / f"{number:05}-{part:05}.parquet", index=False, engine="pyarrow")
