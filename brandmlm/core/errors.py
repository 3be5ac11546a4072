"""The error that a user can act on."""

from __future__ import annotations

from typing import Final

MAX_LINE: Final = 2000  # characters: values in messages come from files that others wrote


def printable(text: str) -> str:
    """The text with escapes for what controls a terminal or cannot be encoded: names of files may hold anything."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)


class UserError(Exception):
    """A mistake that the user can fix: one line that names the file, key or row and says what to do."""

    def __init__(self, message: str) -> None:
        line = printable(" ".join(message.split()))
        super().__init__(line if len(line) <= MAX_LINE else f"{line[: MAX_LINE // 2]} ... {line[-MAX_LINE // 2 :]}")
