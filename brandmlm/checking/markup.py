"""Blank what is no prose in a text: every character keeps its place, and so does every line."""

from __future__ import annotations

import html
import re
from typing import Final

# Comments first, and elements whose content is no prose; then any tag. Block tags end a sentence, inline ones do not.
_UNSHOWN: Final = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style|code|pre|template)\b.*?(?:</\1\s*>|\Z)", re.S | re.I)
_TAG: Final = re.compile(r"</?([a-zA-Z][\w:-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<![^<>]*>", re.S)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "em",
        "font",
        "i",
        "ins",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "tt",
        "u",
        "wbr",
    ]
)

_FRONT_MATTER: Final = re.compile(r"\A---\n.*?\n---(?=\n|\Z)", re.S)
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.S | re.M)
_CODE: Final = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.S)
_LINK: Final = re.compile(
    r"(!?\[)((?:[^\[\]\\\n]|\\.|\[[^\[\]\n]*\])*)(\](?:\([^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[[^\]\n]*\]))"
)
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*$", re.M)
_MARKER: Final = re.compile(r"^([ \t]*)(#{1,6}(?=\s)|[-*+](?=\s)|\d{1,9}[.)](?=\s)|>+|\|)", re.M)
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~)(?=\S)|(?<=\S)(\*{1,3}|_{1,3}|~~)(?!\w)")
_RULE: Final = re.compile(r"^[ \t|:=*_-]{3,}$", re.M)
_BAR: Final = re.compile(r"\|")

_URL: Final = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")

# Placeholders of shops' and support desks' tools: {{name}}, {name}, {% if %}, ${name}, %name%, [Order], <<name>>.
MACRO: Final = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\$?\{[\w. |:'\"-]{1,60}\}|%\w{2,40}%|<<[\w. -]{1,40}>>|\[[\w. #:-]{1,40}\](?![(\[:])", re.S
)

# Stands for a macro: a letter that no word has, so that a sentence keeps a noun where the macro was.
STAND_IN: Final = "\ue000"


def blank_html(text: str) -> str:
    """Blank tags, comments and what is not shown; entities become their character, padded with blanks.

    The tag of a block (a paragraph, a list item, a table cell) leaves a line separator, which ends a sentence.
    """

    def tag(found: re.Match[str]) -> str:
        block = (found[1] or "").lower() not in _INLINE
        blank = _blank(found)
        return "\u2028" + blank[1:] if block and not blank.startswith("\n") else blank

    return _ENTITY.sub(_decode, _TAG.sub(tag, _UNSHOWN.sub(_blank, text)))


def blank_markdown(text: str) -> str:
    """Blank code, addresses, marks of headings, lists and emphasis, and the HTML inside; table cells are sentences."""
    for pattern in (_FRONT_MATTER, _FENCE, _CODE, _REFERENCE, _RULE):
        text = pattern.sub(_blank, text)
    text = _LINK.sub(lambda found: " " * len(found[1]) + found[2] + _spaces(found[3]), text)
    text = _MARKER.sub(lambda found: found[1] + "\u2028" + " " * (len(found[2]) - 1), text)
    text = _EMPHASIS.sub(_blank, text)
    return blank_html(_BAR.sub("\u2028", text))


def blank_macros(text: str) -> str:
    """Put `STAND_IN` and blanks in the place of macros, and blanks in that of addresses."""
    text = MACRO.sub(lambda found: STAND_IN + _blank(found)[1:], text)
    return _URL.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    return _spaces(found[0])


def _spaces(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _decode(found: re.Match[str]) -> str:
    character = html.unescape(found[0])
    return character.ljust(len(found[0])) if len(character) == 1 and character.isprintable() else " " * len(found[0])
