"""Which columns of a table are the text, the rating, the date, the author and the group of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brandmlm.core.errors import UserError
from brandmlm.data.column_names import (
    AUTHORS,
    BODIES,
    DATES,
    DESCRIPTIONS,
    PRODUCT_NAMES,
    RATINGS,
    ROLES,
    SUBTITLES,
    TABLES,
    TITLES,
    first_of,
    nearest,
    plain_name,
)
from brandmlm.data.tables.reading import list_names

# What `columns` in params.yaml holds: a column's name, or null for none; for the text a list of names, in which a list
# names columns of which the first that is filled counts.
Columns = Mapping[str, str | Sequence[str | Sequence[str]] | None]


@dataclass(frozen=True)
class ColumnMap:
    """Columns by what they mean, named as in the header."""

    table: str  # review, product or text: how the parts of the text are joined
    text: tuple[tuple[str, ...], ...]  # by part; of a part's columns the first that is filled counts
    rating: str | None = None
    date: str | None = None
    author: str | None = None
    group: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        single = (self.rating, self.date, self.author, self.group)
        text = (name for part in self.text for name in part)
        return tuple(dict.fromkeys([*text, *(name for name in single if name)]))

    def __str__(self) -> str:
        """The map as a line for a person."""
        single = {role: getattr(self, role) for role in ROLES if role != "text"}
        parts = [f"text = {' + '.join(' or '.join(map(repr, part)) for part in self.text)}"]
        return ", ".join(parts + [f"{role} = {name!r}" for role, name in single.items() if name])


def usual_text(table: str, header: Sequence[str]) -> tuple[str, ...]:
    """The columns that hold the text by their usual names; empty where none does."""
    if table == "product":
        name = first_of(PRODUCT_NAMES, header)
        subtitle = first_of(SUBTITLES, header)
        found = (name, subtitle if name else None, first_of(DESCRIPTIONS, header, [name or ""]))
    elif table == "review":
        body = first_of(BODIES, header)
        found = (first_of(TITLES, header, [body or ""]), body, None)
    else:
        named = [name for name in header if name]
        found = (first_of((*BODIES, *DESCRIPTIONS), header) or (named[0] if len(named) == 1 else None), None, None)
    return tuple(name for name in found if name)


class _Resolver:
    """Finds columns in one header; its errors name the file and the setting."""

    def __init__(self, header: Sequence[str], name: str, key: str) -> None:
        self.header, self.name, self.key = header, name, key

    def setting(self, role: str) -> str:
        return f"{self.key}.columns.{role}" if self.key else f"columns.{role}"

    def find(self, wanted: object, role: str) -> str:
        """The column of this name, but for case, blanks and underscores where none has it exactly."""
        if not isinstance(wanted, str) or not wanted.strip():
            raise UserError(f"{self.setting(role)}: {wanted!r} is no name of a column; write one of {self.listed()}")
        exact = [name for name in self.header if name == wanted.strip()]
        found = exact or [name for name in self.header if name and plain_name(name) == plain_name(wanted)]
        if len(found) == 1:
            return found[0]
        if len(set(found)) > 1:
            raise UserError(
                f"{self.setting(role)}: {wanted!r} fits {' and '.join(map(repr, found))} of {self.name}; write one of "
                "them as it is"
            )
        if found:
            raise UserError(f"{self.name}: column {found[0]!r} occurs twice in the header; rename or remove one")
        near = nearest(wanted, self.header)
        like = f"; like it: {', '.join(map(repr, near))}" if near else ""
        raise UserError(
            f"{self.setting(role)}: {self.name} has no column {wanted!r}{like}; it has {self.listed()}; correct it"
        )

    def listed(self) -> str:
        return list_names(self.header)

    def text(self, asked: object, table: str) -> tuple[tuple[str, ...], ...]:
        """The text's columns by part; those with the usual names where the user names none."""
        parts = [asked] if isinstance(asked, str) else list(asked) if isinstance(asked, Sequence) else []
        choices = [list(part) if isinstance(part, Sequence) and not isinstance(part, str) else [part] for part in parts]
        if not choices:
            return tuple((name,) for name in self.usual(table))
        return tuple(tuple(self.find(name, "text") for name in part) for part in choices)

    def usual(self, table: str) -> tuple[str, ...]:
        found = usual_text(table, self.header)
        if not found:
            raise UserError(
                f"{self.name}: none of its columns is known as the text of a {table} table; set "
                f"{self.setting('text')} to one or more of {self.listed()}"
            )
        return tuple(self.find(name, "text") for name in found)


def resolve_columns(
    header: Sequence[str], table: str, columns: Columns | None = None, name: str = "the table", key: str = ""
) -> ColumnMap:
    """Find the columns of a table.

    Roles that the user does not mention are found by their usual names; `group` is taken only when mentioned, and a
    product table has no date or author unless they are. No role but the text is needed.

    Args:
        header: the names of the columns.
        table: `review` (title and body), `product` (name and description) or `text` (one column).
        columns: the user's map, from roles to names; null for a role that the table does not have.
        name: the file, for messages.
        key: the source in params.yaml, for messages.

    Raises:
        UserError: a name is not in the header or fits several columns, or no text is found.
    """
    if table not in TABLES:
        raise UserError(f"{key or 'table'}: {table!r} is no kind of table; write {', '.join(TABLES)}")
    columns = columns or {}
    finder = _Resolver(header, name, key)
    unknown = next((role for role in columns if role not in ROLES), None)
    if unknown is not None:
        raise UserError(f"{finder.setting(str(unknown))}: no such role; the roles are {', '.join(ROLES)}")
    text = finder.text(columns.get("text"), table)
    known = {"rating": RATINGS} if table == "product" else {"rating": RATINGS, "date": DATES, "author": AUTHORS}
    taken, single = [name for part in text for name in part], dict[str, str | None]()
    for role in ROLES[1:]:
        if role in columns:
            single[role] = None if columns[role] is None else finder.find(columns[role], role)
        else:
            single[role] = first_of(known.get(role, ()), header, taken)
        taken.append(single[role] or "")
    return ColumnMap(table, text, **single)
