"""The error that a user can act on."""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls, line separators, bidirectional overrides, halves of characters.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

MAX_LINE: Final = 2000  # characters: values in messages come from files that others wrote


def printable(text: str) -> str:
    """The text with escapes for what controls a terminal, turns text around or cannot be encoded.

    Names of files and words of models may hold anything.
    """
    return text if text.isprintable() else _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


class UserError(Exception):
    """A mistake that the user can fix: one line that names the file, key or row and says what to do."""

    def __init__(self, message: str) -> None:
        line = printable(" ".join(message.split()))
        super().__init__(line if len(line) <= MAX_LINE else f"{line[: MAX_LINE // 2]} ... {line[-MAX_LINE // 2 :]}")
