"""HTML to plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from brandmlm.text.sentences import join_sentences, squeeze

_BLOCK_TAGS: Final = (
    "address", "article", "aside", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
)  # fmt: skip
_SILENT_TAGS: Final = ("head", "noscript", "script", "style", "template", "title")
_INLINE_TAGS: Final = (
    "a", "abbr", "b", "big", "body", "button", "cite", "code", "del", "em", "font", "html", "i", "iframe", "img",
    "input", "ins", "label", "link", "mark", "meta", "o:p", "picture", "q", "s", "select", "small", "source", "span",
    "strike", "strong", "sub", "sup", "svg", "time", "tt", "u", "video", "wbr",
)  # fmt: skip

# Known tags only: people write "<3", "size < 10" and "<John>".
_TAG_NAMES = "|".join(sorted((*_BLOCK_TAGS, *_SILENT_TAGS, *_INLINE_TAGS), key=len, reverse=True))
_TAG_BODY = rf"/?(?:{_TAG_NAMES})(?=[\s/>])[^<>]*>"
_TAG = re.compile(rf"<{_TAG_BODY}|<!--", re.IGNORECASE)
_NO_TAG = re.compile(rf"<(?!{_TAG_BODY}|!--)", re.IGNORECASE)

_ENTITY_BODY = r"(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,30});"
_ENTITY = re.compile(f"&{_ENTITY_BODY}")
_NO_ENTITY = re.compile(f"&(?!{_ENTITY_BODY})")

_PARAGRAPH = re.compile(r"\n\s*\n")


def _text_pieces(soup: BeautifulSoup) -> Iterator[str]:
    """Yield the text of parsed HTML, with a blank line where a block begins and where it ends.

    One pass over the tree: inserting the blank lines into it would take quadratic time.
    """
    waiting: list[PageElement | str] = [soup]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Tag):
            if node.name not in _SILENT_TAGS:
                edge = ["\n\n"] if node.name in _BLOCK_TAGS else []
                waiting += [*edge, *reversed(node.contents), *edge]
        elif type(node) in (str, NavigableString):  # a comment is a subclass
            yield str(node)


def _strip_layer(text: str) -> str:
    """Remove one layer of HTML; blocks become paragraphs with a blank line between them."""
    if _TAG.search(text):
        text = squeeze(_PARAGRAPH.sub("<br>", text))
        soup = BeautifulSoup(_NO_ENTITY.sub("&amp;", _NO_TAG.sub("&lt;", text)), "lxml")
        return "".join(_text_pieces(soup))
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)


def html_to_text(text: str) -> str:
    """Convert HTML, escaped once or several times, to text; the end of a block is the end of a sentence.

    Paragraphs of text without markup also end sentences; single line breaks become blanks.
    """
    # Exports escape text that is escaped already ("&amp;lt;p&amp;gt;"). Every layer is shorter than the one before.
    while (_TAG.search(text) or _ENTITY.search(text)) and (stripped := _strip_layer(text)) != text:
        text = stripped
    return join_sentences(_PARAGRAPH.split(text))
