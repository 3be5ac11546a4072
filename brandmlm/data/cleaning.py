"""Clean texts to a corpus: drop what cannot be used; every dropped row keeps its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NotRequired, TypedDict

import pandas as pd

from brandmlm.config.params.clean import Clean
from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_bar
from brandmlm.data.brand_context import BrandContext, check_language, check_named
from brandmlm.data.corpus import make_corpus, row_id
from brandmlm.data.grouping import merge_groups
from brandmlm.data.mapping import map_texts
from brandmlm.data.near_duplicates import near_duplicates
from brandmlm.data.row_checks import unusable
from brandmlm.text.language import likeliest_language
from brandmlm.text.sentences import words

REASONS: Final = ("unreadable", "empty", "too_short", "other_language", "exact_duplicate", "near_duplicate")

DROPPED_COLUMNS: Final = ("source", "row", "file", "line", "reason", "detail", "text", "duplicate_of")

DROPPED_TYPES: Final = {column: "Int64" if column in ("row", "line") else "string" for column in DROPPED_COLUMNS}


class SourceCounts(TypedDict):
    """The rows of one source."""

    read: int
    kept: int
    dropped: dict[str, int]  # by reason
    unreadable_dates: NotRequired[int]  # values that are null now; only of a source with such a column
    unreadable_ratings: NotRequired[int]


@dataclass(frozen=True)
class CleaningResult:
    """What became of the rows."""

    corpus: pd.DataFrame  # the corpus table, with the column `date` (YYYY-MM-DD or null)
    dropped: (
        pd.DataFrame
    )  # `DROPPED_COLUMNS`; row: counts from 1, null if unreadable; duplicate_of: id of the kept text
    counts: dict[str, SourceCounts]  # by source


def clean(
    table: pd.DataFrame,
    *,
    min_words: int = 2,
    near_duplicate: float = 0.8,
    language: str = "en",
    language_confidence: float = 0.1,
) -> CleaningResult:
    """Turn a table of texts into a corpus: repair the text, remove personal data, drop what cannot be used.

    Args:
        table: One row for each text, in the column `text`. Optional columns: `rating` (1 to 5 stars), `date`, `group`
            (rows of one group are in the same split; groups of similar texts are merged), `author` (a name to remove
            from the text) and `source`. Others are ignored.
        min_words: Texts with fewer words are dropped.
        near_duplicate: Jaccard similarity, of pairs of adjacent words, from which the later text is dropped.
        language: The code of the texts' language (ISO 639).
        language_confidence: Texts whose probability of being in this language is lower are dropped; those of fewer than
            five words only if another language is likely.

    Raises:
        UserError: The table has no column `text`, the language is unknown, or no row is left.
    """
    if "text" not in table.columns:
        raise UserError(f"the table has no column 'text', but {list(table.columns)}; rename the column with the texts")
    check_language(language, "clean")
    params = Clean(
        min_words=min_words, near_duplicate=near_duplicate, language_confidence=language_confidence, min_brand_share=0.0
    )
    rows = map_texts(table)
    read = {str(source): len(own) for source, own in rows.groupby("source", sort=False)}
    return clean_rows(rows, read, params, BrandContext(language))


def unreadable_rows(source: str, skipped: pd.DataFrame) -> pd.DataFrame:
    """The rows of a source that the reader skipped, with `DROPPED_COLUMNS`."""
    renamed = skipped.rename(columns={"reason": "detail"})
    return renamed.assign(source=source, reason="unreadable").reindex(columns=list(DROPPED_COLUMNS))


def clean_rows(
    rows: pd.DataFrame,
    read: Mapping[str, int],
    params: Clean,
    brand: BrandContext,
) -> CleaningResult:
    """Drop the rows that cannot be used.

    Args:
        rows: Rows with `mapping.ROW_COLUMNS`. Of two equal or similar texts, the earlier one is kept.
        read: The number of rows by source, for the counts.
        params: The limits.
        brand: Its language and names.

    Raises:
        UserError: No row is left, or too few name the brand.
    """
    marked = mark_dropped(rows, params, brand.language)
    counts = count_rows(marked, read)
    kept = marked[marked["reason"].isna()]
    if kept.empty:
        raise none_left(marked.loc[marked["reason"] == "other_language", "text"].tolist(), counts)
    check_named(kept["text"].tolist(), brand, params.min_brand_share)
    tokens = [words(text) for text in kept["text"]]
    kept = kept.assign(group=merge_groups(kept["group"].tolist(), tokens, brand.names))
    corpus = make_corpus(kept[["source", "group", "text", "rating", "date"]].assign(label=None))
    dropped = marked.loc[marked["reason"].notna(), list(DROPPED_COLUMNS)].reset_index(drop=True)
    return CleaningResult(corpus.astype({"date": "string"}), dropped.astype(DROPPED_TYPES), counts)


def none_left(foreign: Sequence[str], counts: Mapping[str, SourceCounts]) -> UserError:
    """The error about a corpus without rows: which limits dropped them. `foreign`: texts in another language."""
    total = sum(count["read"] for count in counts.values())
    remedy = "relax the limits (clean.* in params.yaml) or use other sources"
    if len(foreign) > total / 2 and (found := likeliest_language(foreign)):
        remedy = (
            f"most texts are probably in {found!r} (ISO 639): if it is the brand's language, write `language: {found}` "
            "into its lexicon.yaml"
        )
    read = "; ".join(describe_counts(counts)) or "the table is empty"
    return UserError(f"no row is left after cleaning ({read}); {remedy}")


def mark_dropped(rows: pd.DataFrame, params: Clean, language: str = "en") -> pd.DataFrame:
    """Add the columns `reason` (one of `REASONS`, or null for rows to keep) and `duplicate_of`."""
    reasons: list[str | None] = []
    duplicate_of: list[str | None] = []
    first: dict[str, str] = {}  # words of a text -> id of the first row that has them
    unique: list[tuple[int, list[str]]] = []  # place and words
    for place, text in enumerate(progress_bar("checking", rows["text"])):
        tokens = words(text)
        normalised = " ".join(tokens)
        reason = unusable(text, len(tokens), params, language)
        if reason is None and normalised in first:
            reason = "exact_duplicate"
        elif reason is None:
            first[normalised] = row_id(text)
            unique.append((place, tokens))
        reasons.append(reason)
        duplicate_of.append(first[normalised] if reason == "exact_duplicate" else None)

    near = near_duplicates([tokens for _, tokens in unique], params.near_duplicate)
    texts = rows["text"].tolist()
    for later, earlier in near.items():
        place = unique[later][0]
        reasons[place] = "near_duplicate"
        duplicate_of[place] = row_id(texts[unique[earlier][0]])
    return rows.assign(
        detail=None, reason=pd.array(reasons, dtype="string"), duplicate_of=pd.array(duplicate_of, dtype="string")
    )


def count_rows(marked: pd.DataFrame, read: Mapping[str, int]) -> dict[str, SourceCounts]:
    """Count the kept and dropped rows of each source. Raises ValueError if a row is unaccounted for."""
    counts: dict[str, SourceCounts] = {}
    for source, rows in read.items():
        reasons = marked.loc[marked["source"] == source, "reason"]
        dropped = {reason: int((reasons == reason).sum()) for reason in REASONS}
        kept = int(reasons.isna().sum())
        if kept + sum(dropped.values()) != rows:
            raise ValueError(f"{source}: {rows} rows read, but {kept} kept and {sum(dropped.values())} dropped")
        counts[source] = {"read": rows, "kept": kept, "dropped": dropped}
    return counts


def describe_counts(counts: Mapping[str, SourceCounts]) -> list[str]:
    """One line for each source: rows read, kept, and dropped by reason."""
    return [
        f"{source}: {count['read']:,} read, {count['kept']:,} kept, dropped: "
        + (", ".join(f"{reason} {rows}" for reason, rows in count["dropped"].items() if rows) or "none")
        for source, count in counts.items()
    ]
