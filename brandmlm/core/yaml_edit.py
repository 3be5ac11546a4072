"""Edit a YAML document in place: comments, order, quotes, layout and line ends of the rest stay."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

# DVC writes params.yaml with lines of at most 80 characters (`dvc exp apply`); people write longer ones.
WIDTHS: Final = (sys.maxsize, 80)

_ITEM: Final = re.compile(r"[ ]*-[ ]+(?=[^\s\[{&*!|>])")  # of a list, a text on its line

_NOTE: Final = re.compile(r"([ \t]+#[^\r\n]*)")


def edit_yaml(text: str, change: Callable[[CommentedMap], None]) -> str | None:
    """Return the text with its document changed by `change`; None if ruamel.yaml would lay out the rest differently."""
    for width in WIDTHS:
        yaml = YAML()
        yaml.preserve_quotes, yaml.width = True, width
        document = yaml.load(text.replace("\r\n", "\n"))
        if _dump(yaml, document, text).rstrip() == text.rstrip():
            change(document)
            return _dump(yaml, document, text)
    return None


def _dump(yaml: YAML, document: CommentedMap, text: str) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue().replace("\n", "\r\n" if "\r\n" in text else "\n")


def move_item(text: str, item: str, places: Sequence[tuple[str, ...]], target: tuple[str, ...] | None) -> str | None:
    """Take an item out of the lists that have it, whatever its case, and put it at the end of another list.

    Lines of the document that do not hold the item stay as they are, comments among them; a comment on the item's own
    line goes with it.

    Args:
        places: keys of lists of texts.
        target: keys of the list that gets the item; None: none does.

    Returns:
        The edited text; None if the layout does not allow it: each item needs a line of its own, after a dash.
    """
    document = YAML().load(text)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    found = [
        _line_of(document, keys, number)
        for keys in places
        for number, each in enumerate(_at(document, keys))
        if str(each).casefold() == item.casefold()
    ]
    last = _line_of(document, target, len(_at(document, target)) - 1) if target else None
    for number in [*found, *([last] if last is not None else [])]:
        if not _ITEM.match(lines[number]):
            return None
    if last is not None:
        note = next((noted[1] for number in found if (noted := _NOTE.search(lines[number]))), "")
        dash = _ITEM.match(lines[last])
        assert dash is not None  # checked above
        lines[last] += f"{dash[0]}{_scalar(item)}{note}{end}"
    for number in sorted(found, reverse=True):
        # The new line may follow in the same entry, where the item moves to the end of its own list.
        lines[number] = lines[number].partition("\n")[2]
    return "".join(lines)


def _at(document: CommentedMap, keys: tuple[str, ...]) -> CommentedSeq:
    node: Any = document
    for key in keys:
        node = node[key]
    assert isinstance(node, CommentedSeq)
    return node


def _line_of(document: CommentedMap, keys: tuple[str, ...], number: int) -> int:
    line, _ = _at(document, keys).lc.item(number)
    return int(line)


def _scalar(text: str) -> str:
    """A text as YAML writes it, in quotes where it needs them."""
    yaml = YAML()
    yaml.width, yaml.allow_unicode = sys.maxsize, True
    stream = io.StringIO()
    yaml.dump([text], stream)
    return stream.getvalue().strip().removeprefix("- ")
