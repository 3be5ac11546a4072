"""One corpus table from the raw tables; every dropped row keeps its reason."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from brandmlm.config.params.clean import Clean
from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_bar
from brandmlm.data.corpus import make_corpus, row_id
from brandmlm.data.near_duplicates import near_duplicates
from brandmlm.data.schemas import TABLES, map_source
from brandmlm.text.language import english_probability
from brandmlm.text.sentences import words

REASONS: Final = ("empty", "too_short", "not_english", "exact_duplicate", "near_duplicate")

DROPPED_COLUMNS: Final = ("source", "row", "reason", "text", "duplicate_of")


def mark_dropped(rows: pd.DataFrame, params: Clean) -> pd.DataFrame:
    """`rows` with `reason` (null: kept) and `duplicate_of`; their order decides which of two equals stays."""
    reasons: list[str | None] = []
    duplicate_of: list[str | None] = []
    first: dict[str, str] = {}  # normalised text -> id of the row that has it
    unique: list[tuple[int, list[str]]] = []
    for place, text in enumerate(progress_bar("judging", rows["text"])):
        tokens = words(text)
        normal = " ".join(tokens)
        reason = None
        if not text:
            reason = "empty"
        elif len(tokens) < params.min_words:
            reason = "too_short"
        elif english_probability(text) < params.english_confidence:
            reason = "not_english"
        elif normal in first:
            reason = "exact_duplicate"
        else:
            first[normal] = row_id(text)
            unique.append((place, tokens))
        reasons.append(reason)
        duplicate_of.append(first[normal] if reason == "exact_duplicate" else None)

    near = near_duplicates([tokens for _, tokens in unique], params.near_duplicate)
    texts = rows["text"].tolist()
    for later, earlier in near.items():
        place = unique[later][0]
        reasons[place] = "near_duplicate"
        duplicate_of[place] = row_id(texts[unique[earlier][0]])
    return rows.assign(reason=pd.array(reasons, dtype="string"), duplicate_of=pd.array(duplicate_of, dtype="string"))


def count_rows(judged: pd.DataFrame, read: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Read, kept and dropped by reason for each source. Raises ValueError where a row is unaccounted for."""
    counts: dict[str, dict[str, Any]] = {}
    for source, rows in read.items():
        reasons = judged.loc[judged["source"] == source, "reason"]
        dropped = {reason: int((reasons == reason).sum()) for reason in REASONS}
        kept = int(reasons.isna().sum())
        if kept + sum(dropped.values()) != rows:
            raise ValueError(f"{source}: {rows} rows read, but {kept} kept and {sum(dropped.values())} dropped")
        counts[source] = {"read": rows, "kept": kept, "dropped": dropped}
    return counts


def list_reasons(dropped: dict[str, int]) -> str:
    return ", ".join(f"{reason} {rows}" for reason, rows in dropped.items() if rows) or "none"


def clean(tables: dict[str, pd.DataFrame], params: Clean) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Raw tables by source to the corpus, the dropped rows and the counts.

    Raises UserError where no row is left.
    """
    rows = pd.concat([map_source(tables[source], source) for source in TABLES], ignore_index=True)
    judged = mark_dropped(rows, params)
    counts = count_rows(judged, {source: len(tables[source]) for source in TABLES})
    counts["reviews"]["unreadable_dates"] = int(rows.loc[rows["source"] == "reviews", "date"].isna().sum())

    kept = judged[judged["reason"].isna()]
    if kept.empty:
        told = "; ".join(
            f"{source}: {of['read']} read, dropped: {list_reasons(of['dropped'])}" for source, of in counts.items()
        )
        raise UserError(f"no row is left after cleaning ({told}); loosen clean.* in params.yaml or take other sources")
    corpus = make_corpus(kept[["source", "group", "text", "rating", "date"]].assign(label=None))
    dropped = judged.loc[judged["reason"].notna(), list(DROPPED_COLUMNS)].reset_index(drop=True)
    types = {column: "int64" if column == "row" else "string" for column in DROPPED_COLUMNS}
    return corpus.astype({"date": "string"}), dropped.astype(types), counts
