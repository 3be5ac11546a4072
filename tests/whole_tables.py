"""What the stages do part by part, done with whole tables in memory: the slow and plain version that tests compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from brandmlm.config.params.clean import Clean
from brandmlm.data.brand_context import NO_BRAND, BrandContext
from brandmlm.data.cleaning import DROPPED_TYPES, CleaningResult, clean_rows, unreadable_rows
from brandmlm.data.corpus import make_corpus, read_table
from brandmlm.data.mapping import MappedSource, map_source
from brandmlm.data.raw_source import ROWS, SKIPPED, RawSource, read_origin
from brandmlm.data.splitting import in_columns, merged_columns


@dataclass(frozen=True)
class WholeSource(RawSource):
    """A fetched source with the rows that the reader skipped."""

    skipped: pd.DataFrame


def read_source(folder: Path) -> WholeSource:
    return WholeSource(folder.name, read_origin(folder), read_table(folder / ROWS), read_table(folder / SKIPPED))


def clean_sources(
    sources: Sequence[WholeSource], params: Clean, brand: BrandContext = NO_BRAND
) -> tuple[CleaningResult, list[MappedSource]]:
    """Turn the raw sources into one corpus; also how their columns were read."""
    mapped = [map_source(source, brand) for source in sources]
    rows = pd.concat([each.rows for each in mapped], ignore_index=True)
    result = clean_rows(rows, {source.name: len(source.rows) for source in sources}, params, brand)
    unreadable = [unreadable_rows(source.name, source.skipped).astype(DROPPED_TYPES) for source in sources]
    for source, each in zip(sources, mapped, strict=True):
        counts = result.counts[source.name]
        counts["read"] += len(source.skipped)
        counts["dropped"]["unreadable"] = len(source.skipped)
        if each.unreadable_dates is not None:
            counts["unreadable_dates"] = each.unreadable_dates
        if each.unreadable_ratings is not None:
            counts["unreadable_ratings"] = each.unreadable_ratings
    dropped = pd.concat([result.dropped, *unreadable], ignore_index=True)
    return CleaningResult(result.corpus, dropped, result.counts), mapped


def merge_corpora(real: pd.DataFrame, synthetic: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Merge two corpora; a column that only one has is null in the rows of the other.

    Returns:
        The merged corpus, and the number of synthetic sentences left out because they equal a real text.
    """
    fresh = synthetic[~synthetic["id"].isin(real["id"])]
    columns = merged_columns(real.columns, synthetic.columns)
    parts = [in_columns(part, columns) for part in (real, fresh)]
    return make_corpus(pd.concat(parts, ignore_index=True)), len(synthetic) - len(fresh)
