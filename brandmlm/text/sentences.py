"""Words of a text; texts joined to sentences."""

from __future__ import annotations

import re
from typing import Final

from brandmlm.text.placeholders import PLACEHOLDER

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# What follows the apostrophe of a contraction, as a regular expression.
CONTRACTIONS: Final = "(?:[sSmMdDtT]|ll|LL|re|RE|ve|VE)"

# A text that ends in a word, a quote or a unit needs a full stop; one that ends in a dash or an emoji does not.
_OPEN_END = re.compile(r"(?<![.!?:;,…])[)\]\"'”’]$|[^\W_]$|[%€$£°™®]$")


def squeeze(text: str) -> str:
    """Turn white space of every kind into single blanks, with none at the ends."""
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation and placeholders."""
    return _WORD.findall(PLACEHOLDER.sub(" ", text).casefold())


def join_sentences(texts: list[str]) -> str:
    """Join texts, each but the last closed with a full stop where nothing closes it. Empty texts are left out."""
    kept = [text for text in map(squeeze, texts) if text]
    closed = [f"{text}." if _OPEN_END.search(text[-2:]) else text for text in kept[:-1]]
    return " ".join([*closed, *kept[-1:]])


def join_title(title: str, body: str) -> str:
    """Join a repaired title and body into one text in which neither repeats the other.

    A title is left out if the body opens with it, whole or cut off ("I bought a pair…"); the body is left out if the
    title opens with it. A title whose last three words or more open the body loses these words. All others become
    "Title. Body".
    """
    if not title or not body:
        return title or body
    cut_off = title.endswith(("...", "…"))
    places = list(_WORD.finditer(title))
    in_title = [place.group().casefold() for place in places]
    in_body = [word.casefold() for word in _WORD.findall(body)]

    def opens_body(size: int) -> bool:
        """Whether the title's last `size` words open the body; the last word of a cut-off title may be cut, too."""
        ours, theirs = in_title[len(in_title) - size :], in_body[:size]
        equal = ours[:-1] == theirs[:-1] and len(ours) == len(theirs)
        return equal and (ours[-1] == theirs[-1] or (cut_off and theirs[-1].startswith(ours[-1])))

    if in_title and opens_body(len(in_title)):
        return body
    if in_body and in_title[: len(in_body)] == in_body:
        return title
    for size in range(len(in_title) - 1, 2, -1):
        if opens_body(size):
            return f"{title[: places[len(places) - size].start()].rstrip()} {body}"
    return join_sentences([title, body])
