"""Words and sentences: joining, splitting and spacing."""

from __future__ import annotations

import re
from typing import Final

from brandmlm.text.personal_data import TOP_DOMAINS
from brandmlm.text.placeholders import PLACEHOLDER

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# A piece that ends so wants a full stop; one that ends in punctuation, a dash or an emoji does not.
_OPEN_END = re.compile(r"(?<![.!?:;,…])[)\]\"'”’]$|[^\W_]$|[%€$£°™®]$")


def squeeze(text: str) -> str:
    """White space of every kind to single blanks, none at the ends."""
    return " ".join(text.split())


def words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation and placeholders."""
    return _WORD.findall(PLACEHOLDER.sub(" ", text).casefold())


def join_sentences(parts: list[str]) -> str:
    """Put pieces of text one after another, each but the last closed with a full stop where nothing closes it."""
    kept = [part for part in map(squeeze, parts) if part]
    closed = [f"{part}." if _OPEN_END.search(part[-2:]) else part for part in kept[:-1]]
    return " ".join([*closed, *kept[-1:]])


# Words that begin sentences: behind a small letter they betray a lost sentence end ("great pricesBecause").
_OPENERS = (
    "The|They|There|Then|This|That|These|Those|It|It's|We|We've|You|Your|He|She|His|Her|My|Our|Because|But|And|Also|"
    "After|Before|When|While|With|Without|Each|Every|Not|Never|No|Very|Just|Only|For|From|If|Is|In|On|At|As|So|An|Now"
)

# "By" is left out: "Nike Fly.By" is a shoe.
_LOWER_OPENERS = "the|they|this|that|and|but|very|highly|not|will|was|when|then|would|because|thanks?"

_SHORT_OPENERS = "It|We|My|No|So|In|At|On|As|If|He|Or|To|Do|An|Is|Of|Me|Up|Oh|Ok"

_GLUED: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # "ha!!Still", "u????Been", "ever...thanks"
        (r"([!?])(?=[^\W_])", r"\1 "),
        (r"(\.{2,})(?=[^\W_])", r"\1 "),
        # "COMFORT.The", "27th.Out", 'delay".Then', "error.I", "wasn't.I"; never "U.S.A", "e.g", "3.5", "Nike.com"
        (rf"((?:[^\W_]{{2}}|[)\]\"'%]|['’]t)\.)(?=[A-Z][a-z]{{2}}|(?:{_SHORT_OPENERS}|I|A)(?![^\W_]))", r"\1 "),
        (r"((?<!\.)\b\d\.)(?=[A-Z][a-z]{2})", r"\1 "),
        (rf"([^\W\d_]{{3}}\.)(?=[A-Z]{{2,}}\b)(?!(?i:{TOP_DOMAINS})\b)", r"\1 "),
        # "feel.2 pockets"
        (r"([a-z]{3}\.)(?=\d)", r"\1 "),
        # "products.highly": in small letters only before words that are no domain
        (rf"([a-z]{{3}}\.)(?=(?:{_LOWER_OPENERS})\b)", r"\1 "),
        # "services,will", "(white)The", "Top:Hand"; never "1,000", "Ca,nt"
        (r"([^\W\d_]{2},)(?!(?:s|t|m|d|ll|re|ve|nt)\b)(?=[^\W\d_])", r"\1 "),
        (r"([^\W_]{2}[);:])(?=[A-Z][a-z]{2})", r"\1 "),
        # "pricesBecause", "happyI was", "editionShipping"; never "VaporMax", "iPhone", "eBay", "adiZero"
        (rf"(?<![^\W_])([a-z]{{3,}})(?=(?:{_OPENERS})\b)", r"\1. "),
        (r"(?<![^\W_])([a-z]{4,})(?=I(?:'[a-z]+)? [a-z])", r"\1. "),
        (r"(?<![^\W_])([a-z]{6,})(?=[A-Z][a-z]{3,}\b)", r"\1. "),
        # "my shoes .quality is ok ,but"
        (r"(?<=[^\W_]) +(?=[,!?](?:[^\W_]|\s|$)|[!?]{2}|\.(?:\s|$))", ""),
        (r"(?<=[^\W_]) +\.(?=[A-Z]|[a-z]{3,}\b)(?!(?i:com|net|org)\b)", ". "),
    )
)  # fmt: skip


def unglue(text: str) -> str:
    """Put the blanks back that an export lost between sentences. Adds blanks and full stops, deletes blanks only.

    Camel-case names stay whole ("VaporMax", "Dri-FIT", "McDonald"): two words are taken apart only where the first is
    in small letters throughout and the second opens a sentence or both are long.
    """
    for pattern, replacement in _GLUED:
        text = pattern.sub(replacement, text)
    return text


_HEADINGS = "Product Details|More Benefits|Benefits|Imported|Machine [Ww]ash|Hand [Ww]ash"

_EXPORT_SEAMS = (
    re.compile(rf"(?<=[^\s(\"'])(?=(?:{_HEADINGS}|(?:Shown|Style|Body|Fabric): ))"),
    re.compile(rf"((?:{_HEADINGS}))(?=[A-Z\d])"),
    re.compile(rf"(?<![^\W_])([A-Z]?[a-z]{{2,}})(?=(?:{_OPENERS}|A)\b)"),
    re.compile(r"(?<![^\W_])([a-z]{2,})(?=[A-Z])"),
    re.compile(r"[a-z]{2}(?=\d{1,3}(?:[-–]\d{1,3})?%)"),
)


def unglue_blocks(text: str) -> str:
    """Paragraphs of a product page whose HTML was removed without leaving blanks ("a snug fit.Product DetailsHood").

    Bolder than `unglue`: only for texts where every block's end was lost. Returns paragraphs with blank lines between.
    """
    for seam in _EXPORT_SEAMS:
        text = seam.sub(lambda found: f"{found.group()}\n\n", text)
    return text


def join_title(title: str, body: str) -> str:
    """A review's title and body as one text in which neither repeats the other. Both repaired.

    A title that the body opens with, whole or cut off ("I bought a pair…"), is left out; a title whose last three words
    or more open the body loses these; a body that the title opens with is left out; else "Title. Body".
    """
    if not title or not body:
        return title or body
    cut_off = title.endswith(("...", "…"))
    places = list(_WORD.finditer(title))
    in_title = [word.casefold() for word in (place.group() for place in places)]
    in_body = [word.casefold() for word in _WORD.findall(body)]

    def opens(size: int) -> bool:
        """Whether the title's last `size` words open the body; the last word of a cut-off title may be cut, too."""
        ours, theirs = in_title[len(in_title) - size :], in_body[:size]
        whole = ours[:-1] == theirs[:-1] and len(ours) == len(theirs)
        return whole and (ours[-1] == theirs[-1] or (cut_off and theirs[-1].startswith(ours[-1])))

    if in_title and opens(len(in_title)):
        return body
    if in_body and in_title[: len(in_body)] == in_body:
        return title
    for size in range(len(in_title) - 1, 2, -1):
        if opens(size):
            return f"{title[: places[len(places) - size].start()].rstrip()} {body}"
    return join_sentences([title, body])
