"""Questions to a person who makes a new brand, and what they are shown to answer them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table

from brandmlm.config.brand.fields import WORD_PATTERN, compose
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.core.errors import UserError
from brandmlm.data.new_brand.products import product_of
from brandmlm.data.new_brand.reading import BrandTable, read_brand_table
from brandmlm.data.new_brand.words import drop, folded, put

SHOWN_ROWS: Final = 5

HELP: Final = "drop WORD …, want WORD …, unwant WORD …, sell NOUN …; Enter goes on"


def ask(question: str, default: str = "") -> str:
    """The answer to a question. Raises UserError at the end of the input."""
    try:
        return Prompt.ask(question, default=default, show_default=bool(default)).strip()
    except EOFError:
        raise UserError("the answers ended before the questions; add --yes to accept what is proposed") from None


def agree(question: str) -> bool:
    """Whether the answer is yes, as it is without one. Raises UserError at the end of the input."""
    try:
        return Confirm.ask(question, default=True)
    except EOFError:
        raise UserError("the answers ended before the questions; add --yes to accept what is proposed") from None


def show_table(console: Console, table: BrandTable) -> None:
    """The column map, and the first rows as the pipeline will read them."""
    console.print(f"{table.path}: {table.columns.table} table, {table.columns}", markup=False, highlight=False)
    for note in table.notes:
        console.print(f"  {note}", markup=False, highlight=False)
    grid = Table(show_lines=True)
    roles = ["text", *(role for role in ("rating", "date") if getattr(table.columns, role))]
    for role in roles:
        grid.add_column(role, overflow="fold", ratio=1 if role == "text" else None, no_wrap=role != "text")
    for row in table.rows.head(SHOWN_ROWS).to_dict("records"):
        text = str(row["text"])
        cells = [text if len(text) <= 200 else f"{text[:199]}…"]
        cells += ["–" if pd.isna(row[role]) else str(row[role]) for role in roles[1:]]
        grid.add_row(*(cell.replace("[", r"\[") for cell in cells))
    console.print(grid)


def confirm_columns(console: Console, table: BrandTable, brand: Sequence[str]) -> BrandTable:
    """The table, read again until the person agrees with the columns of its text."""
    while not agree("Are the rows read right?"):
        columns = ", ".join(name for name in table.header if name)
        answer = ask(f"Columns of the text, in quotes where they have blanks (there are {columns})".replace("[", r"\["))
        try:
            table = read_brand_table(table.path, table.name, shlex.split(answer), brand)
        except (UserError, ValueError) as error:
            console.print(str(error), markup=False)
            continue
        show_table(console, table)
    return table


def show_lexicon(console: Console, lexicon: Lexicon, before: Lexicon | None = None) -> None:
    """The words of a lexicon that training will use; only the lists that differ from those of one before."""
    shown = _lists(before) if before else {}
    for title, words in _lists(lexicon).items():
        if words != shown.get(title):
            console.print(f"{title} ({len(words)}): {', '.join(words)}", markup=False, highlight=False)


def _lists(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    return {
        "sells": tuple(product.plural or product.singular for product in lexicon.products),
        "wanted": lexicon.wanted.used,
        "unwanted": lexicon.unwanted.used,
        "compared with": lexicon.other_brands,
    }


def _apply(lexicon: Lexicon, order: str, words: Sequence[str]) -> Lexicon:
    """A lexicon after one order. Raises UserError if the order is none, or a word is none or the name of a brand."""
    if not words:
        raise UserError(f"{order!r} has no words; write one of: {HELP}")
    listed = folded(lexicon.words)
    for word in words:
        if not re.fullmatch(WORD_PATTERN, word):
            raise UserError(f"{word!r} is no word: single blanks, no brackets, braces or bars")
        if word.casefold() in folded((*lexicon.brand, *lexicon.other_brands)):
            raise UserError(f"{word!r} is the name of a brand")
        match order:
            case "drop":
                if word.casefold() not in listed:
                    raise UserError(f"{word!r} is in no list")
                lexicon = drop(lexicon, word)
            case "want":
                lexicon = put(lexicon, word.lower(), "wanted")
            case "unwant":
                lexicon = put(lexicon, word.lower(), "unwanted")
            case "sell":
                product = product_of(word.lower())
                rest = drop(drop(lexicon, product.singular or product.plural), product.plural or product.singular)
                lexicon = rest.model_copy(update={"products": (product, *rest.products)})
            case _:
                raise UserError(f"{order!r} is none of: {HELP}")
    return lexicon


def sort_words(console: Console, lexicon: Lexicon, answer: Callable[[str], str] = ask) -> Lexicon:
    """The lexicon after a person's changes."""
    show_lexicon(console, lexicon)
    while line := answer(f"Change the words ({HELP})"):
        before = lexicon
        try:
            order, *words = shlex.split(line.replace(",", " "))
            lexicon = _apply(lexicon, order.lower(), words)
        except (UserError, ValueError) as error:
            console.print(str(error), markup=False)
            continue
        show_lexicon(console, lexicon, before)
    return lexicon


def check_names(names: Sequence[str]) -> None:
    """Raise UserError if a brand's name cannot be a word of a lexicon."""
    for name in names:
        if not re.fullmatch(WORD_PATTERN, name):
            raise UserError(f"{name!r}: a name has single blanks and no brackets, braces or bars; correct it")


def ask_rivals(console: Console, found: Sequence[str]) -> list[str]:
    """The names of the competitors; none: those of the template stay."""
    hint = f" (names in the rows: {', '.join(found)})" if found else ""
    question = f"Whom is the brand compared with? Names with commas between; Enter: invented ones{hint}"
    while True:
        names = [compose(name.strip()) for name in ask(question.replace("[", r"\[")).split(",") if name.strip()]
        try:
            check_names(names)
        except UserError as error:
            console.print(str(error), markup=False)
            continue
        return names
