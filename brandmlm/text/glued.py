"""Restore the blanks that an export lost between sentences or blocks."""

from __future__ import annotations

import re
from typing import Final

from brandmlm.text.domains import TOP_DOMAINS
from brandmlm.text.sentences import CONTRACTIONS

# Words that begin sentences: after a lower-case letter they show a lost sentence end ("great pricesBecause").
_OPENERS = (
    "The|They|There|Then|This|That|These|Those|It|It's|We|We've|You|Your|He|She|His|Her|My|Our|Because|But|And|Also|"
    "After|Before|When|While|With|Without|Each|Every|Not|Never|No|Very|Just|Only|For|From|If|Is|In|On|At|As|So|An|Now"
)

# Without "By": "Nike Fly.By" is a shoe.
_LOWER_OPENERS = "the|they|this|that|and|but|very|highly|not|will|was|when|then|would|because|thanks?"

_SHORT_OPENERS = "It|We|My|No|So|In|At|On|As|If|He|Or|To|Do|An|Is|Of|Me|Up|Oh|Ok"

Rules = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(*rules: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)


# Rules in their order, in groups: a group is tried only where the cheap condition before it holds.
_GLUED: Final[tuple[tuple[re.Pattern[str], Rules], ...]] = (
    (
        re.compile(r"[!?.,);:](?=[^\W_])"),
        _compiled(
            # "ha!!Still", "u????Been", "ever...thanks"; never "don?t", "5?3", where an export replaced an apostrophe
            (rf"(!|\?(?!(?<=[^\W\d_]\?){CONTRACTIONS}\b|(?<=\d\?)\d))(?=[^\W_])", r"\1 "),
            (r"(\.{2,})(?=[^\W_])", r"\1 "),
            # "COMFORT.The", "27th.Out", 'delay".Then', "error.I", "wasn't.I"; never "U.S.A", "e.g", "3.5", "Nike.com"
            (rf"((?:[^\W_]{{2}}|[)\]\"'%]|['’]t)\.)(?=[A-Z][a-z]{{2}}|(?:{_SHORT_OPENERS}|I|A)(?![^\W_]))", r"\1 "),
            (r"((?<!\.)\b\d\.)(?=[A-Z][a-z]{2})", r"\1 "),
            (rf"([^\W\d_]{{3}}\.)(?=[A-Z]{{2,}}\b)(?!(?i:{TOP_DOMAINS})\b)", r"\1 "),
            # "feel.2 pockets"
            (r"([a-z]{3}\.)(?=\d)", r"\1 "),
            # "products.highly": in lower case only before words that are no domain
            (rf"([a-z]{{3}}\.)(?=(?:{_LOWER_OPENERS})\b)", r"\1 "),
            # "services,will", "(white)The", "Top:Hand"; never "1,000", "Ca,nt"
            (r"([^\W\d_]{2},)(?!(?:s|t|m|d|ll|re|ve|nt)\b)(?=[^\W\d_])", r"\1 "),
            (r"([^\W_]{2}[);:])(?=[A-Z][a-z]{2})", r"\1 "),
        ),
    ),
    (
        re.compile(r"[a-z](?=[A-Z])"),
        _compiled(
            # "pricesBecause", "happyI was", "editionShipping"; never "VaporMax", "iPhone", "eBay", "adiZero"
            (rf"(?<![^\W_])([a-z]{{3,}})(?=(?:{_OPENERS})\b)", r"\1. "),
            (r"(?<![^\W_])([a-z]{4,})(?=I(?:'[a-z]+)? [a-z])", r"\1. "),
            (r"(?<![^\W_])([a-z]{6,})(?=[A-Z][a-z]{3,}\b)", r"\1. "),
        ),
    ),
    (
        re.compile(r" [,!?.]"),
        _compiled(
            # "my shoes .quality is ok ,but"
            (r"(?<=[^\W_]) +(?=[,!?](?:[^\W_]|\s|$)|[!?]{2}|\.(?:\s|$))", ""),
            (r"(?<=[^\W_]) +\.(?=[A-Z]|[a-z]{3,}\b)(?!(?i:com|net|org)\b)", ". "),
        ),
    ),
)


def unglue(text: str) -> str:
    """Separate sentences that an export glued together. Adds blanks and full stops, deletes blanks only.

    Camel-case names stay whole ("VaporMax", "Dri-FIT", "McDonald"): two words are separated only where the first is in
    lower case throughout and the second opens a sentence or both are long.
    """
    for hint, rules in _GLUED:
        if hint.search(text):
            for pattern, replacement in rules:
                text = pattern.sub(replacement, text)
    return text


_HEADINGS = "Product Details|More Benefits|Benefits|Imported|Machine [Ww]ash|Hand [Ww]ash"

_BLOCK_SEAMS = (
    re.compile(rf"(?<=[^\s(\"'])(?=(?:{_HEADINGS}|(?:Shown|Style|Body|Fabric): ))"),
    re.compile(rf"((?:{_HEADINGS}))(?=[A-Z\d])"),
    re.compile(rf"(?<![^\W_])([A-Z]?[a-z]{{2,}})(?=(?:{_OPENERS}|A)\b)"),
    re.compile(r"(?<![^\W_])([a-z]{2,})(?=[A-Z])"),
    re.compile(r"[a-z]{2}(?=\d{1,3}(?:[-–]\d{1,3})?%)"),
)


def unglue_blocks(text: str) -> str:
    """Separate the paragraphs of a product page whose HTML was removed ("a snug fit.Product DetailsHood").

    Bolder than `unglue`: only for texts that lost the end of every block.

    Returns:
        Paragraphs with blank lines between them.
    """
    for seam in _BLOCK_SEAMS:
        text = seam.sub(lambda found: f"{found.group()}\n\n", text)
    return text
