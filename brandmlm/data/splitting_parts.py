"""Split corpora of any size: what `splitting` does with tables in memory, part by part.

Both corpora are sorted by id, and so are the three tables; a part of the real rows is in memory at a time, and the
synthetic ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from brandmlm.config.params.split import Split
from brandmlm.data.corpus import stable_hash
from brandmlm.data.splitting import SPLITS, SYNTHETIC, check_filled, in_columns, merged_columns, split_at
from brandmlm.data.table_parts import TableWriter, check_corpus, read_parts


@dataclass
class SplitCounts:
    """What is in the three splits."""

    rows: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in SPLITS})  # by source
    equal_to_real: int = 0  # synthetic sentences left out
    _groups: defaultdict[tuple[str, str], list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))

    @property
    def sources(self) -> list[str]:
        """The names of the sources, sorted."""
        return sorted({source for counts in self.rows.values() for source in counts})

    def groups(self, split: str, source: str) -> int:
        """The number of groups of a source in a split."""
        found = self._groups[split, source]
        return len(np.unique(np.concatenate(found))) if found else 0

    def add(self, split: str, rows: pd.DataFrame, hashes: pd.Series[int]) -> None:
        """Count rows of a split; `hashes`: of their groups."""
        for source, of_source in hashes.groupby(rows["source"], sort=False):
            self.rows[split][str(source)] += len(of_source)
            self._groups[split, str(source)].append(np.unique(of_source.to_numpy()))

    def all_groups(self, synthetic: bool) -> int:
        """The number of groups of all synthetic or all real rows."""
        found = [part for (_, source), parts in self._groups.items() for part in parts
                 if (source == SYNTHETIC) == synthetic]  # fmt: skip
        return len(np.unique(np.concatenate(found))) if found else 0

    def describe(self, source: str) -> str:
        """One line about a source's rows and groups in each split, with a warning if a split has none."""
        parts = {name: counts[source] for name, counts in self.rows.items()}
        total = sum(parts.values())
        rows = ", ".join(f"{name} {count:,} ({count / total:.1%})" for name, count in parts.items())
        groups = " / ".join(f"{self.groups(name, source):,}" for name in parts)
        absent = [name for name, count in parts.items() if not count]
        warning = f"; NO ROWS in {' and '.join(absent)}" if absent else ""
        return f"split: {source}: {rows}; groups {groups}{warning}"

    def document(self) -> dict[str, dict[str, int]]:
        """The content of `counts.json`."""
        by_split = {name: {source: counts[source] for source in self.sources} for name, counts in self.rows.items()}
        return {**by_split, "equal_to_real": {SYNTHETIC: self.equal_to_real}}


def _merged(real: Path, synthetic: pd.DataFrame, columns: list[str], counts: SplitCounts) -> Iterator[pd.DataFrame]:
    """The rows of both corpora in the order of their ids. Raises ValueError if the real ones are not sorted by id."""
    waiting, last = synthetic.sort_values("id", ignore_index=True), ""
    for part in read_parts(real, label="splitting"):
        ids = part["id"]
        if not ids.is_monotonic_increasing or not ids.is_unique or ids.iloc[0] <= last:
            raise ValueError(f"{real}: not sorted by id, or an id occurs twice")
        last = str(ids.iloc[-1])
        due = int(waiting["id"].searchsorted(last, side="right"))
        fresh = waiting.iloc[:due]
        fresh = fresh[~fresh["id"].isin(ids)]
        counts.equal_to_real += due - len(fresh)
        both = pd.concat([in_columns(part, columns), in_columns(fresh, columns)], ignore_index=True)
        yield both.sort_values("id", ignore_index=True)
        waiting = waiting.iloc[due:]
    yield in_columns(waiting, columns).reset_index(drop=True)


def split_files(real: Path, synthetic: Path, params: Split, out: Path) -> SplitCounts:
    """Write `train.parquet`, `validation.parquet` and `test.parquet`.

    Args:
        real: The cleaned corpus.
        synthetic: The synthetic one.
        params: The shares.
        out: The folder of the three tables.

    Raises:
        UserError: A table is missing, damaged or empty, or a split has no real or no synthetic rows.
    """
    invented = check_corpus(synthetic)
    columns = merged_columns(check_corpus(real), invented)
    counts = SplitCounts()
    with ExitStack() as stack:
        writers = {name: stack.enter_context(TableWriter(out / f"{name}.parquet")) for name in SPLITS}
        sentences = pd.concat(list(read_parts(synthetic)), ignore_index=True)
        for rows in _merged(real, sentences, columns, counts):
            hashes = {str(group): stable_hash(params.salt, group) for group in rows["group"].unique()}
            place = rows["group"].map(hashes).astype("uint64")
            sides = np.array([split_at(position, params) for position in place.tolist()], dtype=object)
            for name, writer in writers.items():
                of_split = sides == name
                writer.append(rows[of_split])
                counts.add(name, rows[of_split], place[of_split])
    for kind in ("real", "synthetic"):
        present = {
            name for name, rows in counts.rows.items()
            if any(count and (source == SYNTHETIC) == (kind == "synthetic") for source, count in rows.items())
        }  # fmt: skip
        check_filled(present, kind, counts.all_groups(kind == "synthetic"), params)
    return counts
