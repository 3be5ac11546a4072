"""Comments in a text that allow phrases: `<!-- brand-mlm: allow heavy, stiff -->`, or a line `# brand-mlm: allow x`.

A comment holds for its own line and the next one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_COMMENT: Final = re.compile(
    r"<!--[ \t]*brand-mlm:[ \t]*allow[ \t]+(?P<html>[^\n]*?)[ \t]*-->|"
    r"^[ \t]*(?:#|//)[ \t]*brand-mlm:[ \t]*allow[ \t]+(?P<line>[^\n]*?)[ \t]*$",
    re.MULTILINE,
)


def allowed_phrases(source: str) -> dict[int, frozenset[str]]:
    """The phrases that comments allow, in lower case, by line from 1."""
    found: dict[int, frozenset[str]] = {}
    for comment in _COMMENT.finditer(source):
        phrases = frozenset(
            " ".join(phrase.lower().split()) for phrase in (comment["html"] or comment["line"] or "").split(",")
        )
        line = source.count("\n", 0, comment.start()) + 1
        for each in (line, line + 1):
            found[each] = found.get(each, frozenset()) | phrases
    return found


def blank_comments(text: str) -> str:
    """Blank these comments: they are no prose."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)


def is_allowed(allowed: Mapping[int, frozenset[str]], line: int, phrase: str) -> bool:
    """Whether a comment allows a phrase on its line."""
    return " ".join(phrase.lower().split()) in allowed.get(line, frozenset())
