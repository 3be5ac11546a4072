"""Look at a table file of a new brand: its column map, its first rows as `clean` will read them, its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.core.errors import UserError
from brandmlm.data.brand_context import BrandContext
from brandmlm.data.column_map import ColumnMap, resolve_columns
from brandmlm.data.column_names import ROLES
from brandmlm.data.column_proposal import PROPOSAL_ROWS, propose_columns
from brandmlm.data.mapping import map_source
from brandmlm.data.raw_source import RawSource, by_role, describe_columns
from brandmlm.data.tables.options import ReadOptions
from brandmlm.data.tables.reading import Table, open_table

MOST_ROWS: Final = 5_000  # read for the words of a brand; more take long and change little


# Of `brand-mlm new-brand`, by the name of the source.
TEXT_OPTIONS: Final = {"reviews": "--text", "products": "--product-text"}

MIN_TEXTS: Final = 0.5  # share of the texts with a word in them


@dataclass(frozen=True)
class BrandTable:
    """A table file that was looked at."""

    path: Path
    name: str  # of the source
    columns: ColumnMap
    header: tuple[str, ...]
    rows: pd.DataFrame  # text, rating and date as `clean` will read them; texts are different and not empty
    names: tuple[str, ...]  # of products, if the table tells them
    notes: tuple[str, ...]  # what was guessed, and what could not be read

    def entry(self, path: str) -> dict[str, Any]:
        """The source for params.yaml. `path`: the file as params.yaml names it.

        A role without a column is null where its usual name would find one.
        """
        chosen = {role: getattr(self.columns, role) for role in ROLES if role != "text"}
        text = [part[0] for part in self.columns.text]
        columns: dict[str, Any] = {"text": text if len(text) > 1 else text[0]}
        columns |= {role: name for role, name in chosen.items() if name}
        usual = resolve_columns(self.header, self.columns.table, columns)
        columns |= {role: None for role, name in chosen.items() if not name and getattr(usual, role)}
        return {"kind": "file", "path": path, "table": self.columns.table, "columns": columns}


def _choose_columns(table: Table, head: pd.DataFrame, text: Sequence[str], option: str) -> ColumnMap:
    """The proposed columns, with those of the text as the user names them."""
    proposed = propose_columns(head).columns
    if text:
        given = resolve_columns(table.columns, proposed.table, {"text": list(text)}, table.name)
        taken = {name for part in given.text for name in part}
        single = {role: getattr(proposed, role) for role in ROLES if role != "text"}
        kind = "review" if proposed.table == "product" and given.text != proposed.text else proposed.table
        proposed = ColumnMap(
            kind, given.text, **{role: None if name in taken else name for role, name in single.items()}
        )
    if not proposed.text:
        raise _no_text(table.name, table.columns, option)
    return proposed


def _no_text(name: str, header: Sequence[str], option: str) -> UserError:
    twice = [column for column, count in Counter(header).items() if column and count > 1]
    unread = f" (of {', '.join(map(repr, twice))} there are several, which are not read: rename them)" if twice else ""
    return UserError(f"{name}: no column holds texts{unread}; name one, or several in their order, with {option}")


def _read_rows(table: Table, columns: ColumnMap) -> pd.DataFrame:
    """At most `MOST_ROWS` rows in roles, each text once."""
    batches, count = [], 0
    for batch in table.batches(list(columns.names)):
        batches.append(by_role(batch, columns).assign(file=table.name))
        count += len(batch)
        if count >= MOST_ROWS:
            break
    if not count:
        raise UserError(f"{table.name}: it has no rows; take another file")
    rows = pd.concat(batches, ignore_index=True).head(MOST_ROWS)
    return rows.drop_duplicates([name for name in rows.columns if name.startswith("text_")], ignore_index=True)


def read_brand_table(path: Path, source: str, text: Sequence[str] = (), brand: Sequence[str] = ()) -> BrandTable:
    """Read a file of any format and find its columns.

    Args:
        path: the file.
        source: the name that the source has in params.yaml, for advice.
        text: columns of the text in their order; empty: they are found.
        brand: its names, which are nobody's.

    Raises:
        UserError: it cannot be read, or has no text.
    """
    option = TEXT_OPTIONS[source]
    options = ReadOptions(name=str(path), batch_rows=PROPOSAL_ROWS)
    with open_table(path, options) as table:
        unique = [name for name in table.columns if name and table.columns.count(name) == 1]
        head = next(table.batches(unique), None)
        if head is None:
            raise UserError(f"{path}: it has no rows; take another file")
        columns = _choose_columns(table, head, text, option)
        rows = _read_rows(table, columns)
        header, notes = table.columns, table.notes
    origin = {"table": columns.table, "columns": describe_columns(columns)}
    mapped = map_source(RawSource(source, origin, rows), BrandContext(names=tuple(brand), words=tuple(brand)))
    texts = mapped.rows[["text", "rating", "date"]]
    texts = texts[texts["text"].str.strip() != ""].drop_duplicates("text", ignore_index=True)
    if texts.empty:
        raise UserError(f"{path}: its text ({columns}) is empty in every row; name other columns with {option}")
    if texts["text"].str.contains(r"[^\W\d_]{2}").mean() < MIN_TEXTS:
        raise _no_text(str(path), header, option)
    is_product = columns.table == "product" and len(columns.text) > 1
    names = tuple(rows["text_1_1"].dropna().unique()) if is_product else ()
    return BrandTable(path, source, columns, header, texts, names, (*notes, *mapped.notes, *mapped.warnings))
