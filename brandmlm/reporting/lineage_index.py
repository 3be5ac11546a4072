"""An index of the training rows by their words, so that tracing a word does not read all rows.

It is built once for the tables of a `dvc repro` and kept beside them, in memory-mapped Arrow files:

    rows.arrow      id, source, text, kept and the signals of every training row
    words.arrow     for each word, its positions (see `word_positions`); a record batch for each of `BUCKETS`
    built.json      which tables it is of

Few rows are read again each time, which takes no longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.inputs import stamp
from brandmlm.core.progress import progress_counter
from brandmlm.data.corpus import stable_hash
from brandmlm.data.table_parts import check_corpus, open_parquet, read_parts
from brandmlm.filtering.signals import SIGNALS
from brandmlm.reporting.training_rows import mismatch, read_training_rows
from brandmlm.reporting.word_lineage import WordLineage, make_lineage, split_words, trace
from brandmlm.reporting.word_positions import (
    ROW_END,
    Positions,
    Rows,
    Sentences,
    find_names,
    find_phrase,
    number_words,
    rows_of,
)

MANY: Final = 20_000  # training rows from which on an index is built

BUCKETS: Final = 64  # of words

_FORMAT: Final = 2  # of the files; another number builds the index again

_ROWS, _WORDS, _BUILT = "rows.arrow", "words.arrow", "built.json"


class TrainingRows:
    """The training rows in memory."""

    def __init__(self, rows: pd.DataFrame, brand: Sequence[str]) -> None:
        self._rows, self._brand = rows, brand

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def kept(self) -> int:
        return int(self._rows["kept"].sum())

    def trace(self, word: str, examples: int) -> WordLineage:
        """See `word_lineage.trace`."""
        return trace(self._rows, self._brand, word, examples)


class IndexedRows:
    """The training rows on disk, with an index of their words."""

    def __init__(self, folder: Path, brand: Sequence[str]) -> None:
        self._brand = brand
        self._words = pa.ipc.open_file(pa.memory_map(str(folder / _WORDS)))
        self._rows = pa.ipc.open_file(pa.memory_map(str(folder / _ROWS))).read_all()
        self._kept = np.concatenate([chunk.to_numpy(zero_copy_only=False) for chunk in self._rows["kept"].chunks])

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def kept(self) -> int:
        return int(self._kept.sum())

    def _postings(self, word: str) -> Positions:
        """The sorted positions of a word (one, in canonical form)."""
        batch = self._words.get_batch(_bucket(word))
        place = pc.index(batch.column("word"), word).as_py()
        return batch.column("positions")[place].values.to_numpy() if place >= 0 else np.empty(0, np.uint32)

    @cached_property
    def _sentences(self) -> Sentences:
        return Sentences(find_names(map(split_words, self._brand), self._postings), self._postings)

    def _look(self, word: str) -> tuple[Rows, npt.NDArray[np.bool_]]:
        """The rows that have a word or phrase, and whether as a claim."""
        phrase, row_ends = find_phrase(split_words(word), self._postings), self._postings(ROW_END)
        has, claim = np.zeros((2, len(self)), bool)
        has[rows_of(phrase.starts, row_ends)] = True
        claim[rows_of(self._sentences.with_phrase(phrase), row_ends)] = True
        rows = np.flatnonzero(has)
        return rows, claim[rows]

    def _take(self, rows: Rows) -> pd.DataFrame:
        table: pd.DataFrame = self._rows.take(pa.array(rows)).to_pandas()
        return table

    def trace(self, word: str, examples: int) -> WordLineage:
        """See `word_lineage.trace`."""
        rows, claims = self._look(word)
        sources = self._rows["source"].combine_chunks()
        named = sources.take(pa.array(rows)).dictionary_encode()
        names, codes = named.dictionary.to_pylist(), named.indices.to_numpy()
        invented = np.array([name == "synthetic" for name in names], bool)[codes] if names else np.empty(0, bool)
        order = np.argsort((2 * ~claims + invented).astype(np.uint8), kind="stable")  # rows are sorted by id
        kept = self._kept[rows]
        shown = np.concatenate([order[kept[order]][:examples], order[~kept[order]][:examples]])
        return make_lineage(
            kept, claims, np.array(names, object)[codes], self._take(rows[shown]).assign(claim=claims[shown])
        )


def _bucket(word: str) -> int:
    return stable_hash(word) % BUCKETS


def open_training_rows(
    training: Path, kept: Path, signals: Path, brand: Sequence[str], folder: Path, many: int = MANY
) -> TrainingRows | IndexedRows:
    """The training rows, ready to trace words; builds the index if there are many and it is missing or out of date.

    Args:
        training: Corpus table of all training rows.
        kept: Those that the filter kept.
        signals: Table of the signals of all rows.
        brand: The brand's names.
        folder: Where the index is kept.
        many: Rows from which on there is one.

    Raises:
        UserError: A table is missing or damaged, or the tables are of different rows.
    """
    check_corpus(training)
    with open_parquet(training) as file:
        if file.metadata.num_rows < many:
            return TrainingRows(read_training_rows(training, kept, signals), brand)
    built = {"format": _FORMAT, "tables": [stamp(path) for path in (training, kept, signals)]}
    built = json.loads(json.dumps(built))
    try:
        current = json.loads((folder / _BUILT).read_text(encoding="utf-8")) == built
    except (OSError, ValueError):
        current = False
    if not current:
        with atomic_folder(folder) as out:
            _build(training, kept, signals, out)
            write_json(out / _BUILT, built)
    return IndexedRows(folder, brand)


def _ids(rows: pd.DataFrame) -> npt.NDArray[np.uint64]:
    return np.fromiter((int(each, 16) for each in rows["id"]), np.uint64, len(rows))


def _merged(training: Path, kept: Path, signals: Path) -> Iterator[pa.Table]:
    """The training rows in parts, with `kept` and their signals. Raises UserError where the tables do not agree."""
    check_corpus(kept)
    kept_ids = np.concatenate([_ids(part) for part in read_parts(kept, ["id"])])
    with open_parquet(signals) as file, open_parquet(training) as rows_file:
        names = [name for name in SIGNALS if name in file.schema_arrow.names]
        if rows_file.metadata.num_rows != file.metadata.num_rows:
            raise mismatch(training, signals)
    parts = zip(read_parts(training, ["id", "source", "text"]), read_parts(signals, ["id", *names]), strict=True)
    for rows, found in parts:
        if rows["id"].tolist() != found["id"].tolist():
            raise mismatch(training, signals)
        of_rows = rows.assign(kept=np.isin(_ids(rows), kept_ids), **{name: found[name] for name in names})
        yield pa.Table.from_pandas(of_rows, preserve_index=False).replace_schema_metadata(None)


def _part_words(words: pl.DataFrame) -> pl.DataFrame:
    """The positions of each word of a part: `word`, `positions` (a list) and `bucket`."""
    found = words.group_by("word").agg(pl.col("position").alias("positions"))
    buckets = pl.Series("bucket", [_bucket(word) for word in found["word"]], dtype=pl.UInt8)
    return found.with_columns(buckets).sort("bucket")


def _build(training: Path, kept: Path, signals: Path, out: Path) -> None:
    """Write the files of the index; the words of each part first, since together they may not fit into memory."""
    parts, first = out / "parts", 0
    parts.mkdir()
    with ExitStack() as stack:
        writer: Any = None
        total = stack.enter_context(open_parquet(training)).metadata.num_rows
        bar = stack.enter_context(progress_counter("indexing", total))
        for number, table in enumerate(_merged(training, kept, signals)):
            if writer is None:
                writer = stack.enter_context(pa.ipc.new_file(str(out / _ROWS), table.schema))
            writer.write_table(table)
            texts = pl.from_arrow(table.column("text"))
            assert isinstance(texts, pl.Series), "a column is a series"
            numbered = number_words(texts, first)
            first += len(numbered)
            words = _part_words(numbered).to_arrow()
            with pq.ParquetWriter(parts / f"{number:05}.parquet", words.schema) as file:
                codes = words.column("bucket").to_numpy()
                edges = np.searchsorted(codes, np.arange(BUCKETS + 1))
                for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
                    file.write_table(words.slice(start, end - start))
            bar.update(len(table))
    _join_words(sorted(parts.iterdir()), out / _WORDS)
    for file_path in [*parts.iterdir()]:
        file_path.unlink()
    parts.rmdir()


def _join_words(parts: Sequence[Path], target: Path) -> None:
    """Write a record batch for each bucket, from the row groups of all parts: these are in the order of the rows."""
    schema = pa.schema({"word": pa.large_string(), "positions": pa.large_list(pa.uint32())})
    with ExitStack() as stack, pa.ipc.new_file(str(target), schema) as writer:
        files = [stack.enter_context(pq.ParquetFile(part)) for part in parts]
        for bucket in range(BUCKETS):
            tables = [file.read_row_group(bucket, columns=["word", "positions"]) for file in files]
            found = pl.concat([pl.DataFrame(pl.from_arrow(table)) for table in tables])
            joined = found.explode("positions").group_by("word", maintain_order=True).agg("positions").sort("word")
            table = joined.to_arrow().cast(schema).combine_chunks()
            writer.write_batch(table.to_batches()[0] if len(table) else pa.RecordBatch.from_pylist([], schema))
