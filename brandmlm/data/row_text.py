"""One text from the columns of a row, by the kind of table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from brandmlm.text.sentences import join_sentences, join_title, words


def _review(parts: Sequence[str]) -> str:
    """The title and the body, neither repeating the other; more parts follow as sentences."""
    return join_title(parts[0], join_sentences(list(parts[1:])))


def _product(parts: Sequence[str]) -> str:
    """The description; the name before it where the description does not spell it out, as most do.

    With more than two parts, all but the last make up the name, which tells for whom the product is.
    """
    *names, description = parts
    name = " ".join(filter(None, names))
    named = len(parts) == 2 and f" {' '.join(words(name))} " in f" {' '.join(words(description))} "
    return description if named else join_sentences([name, description])


def _text(parts: Sequence[str]) -> str:
    return join_sentences(list(parts))


_JOIN: Final[dict[str, Callable[[Sequence[str]], str]]] = {"review": _review, "product": _product, "text": _text}


def join_parts(table: str, parts: Sequence[str]) -> str:
    """The text of a row from the repaired parts of it; empty parts do no harm.

    Args:
        table: `review`, `product` or `text`.
        parts: in the order of the map; for a product the description last.
    """
    return _JOIN[table](parts) if len(parts) > 1 else "".join(parts)
