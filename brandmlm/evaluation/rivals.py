"""The same claim about a rival."""

from __future__ import annotations

import hashlib
import re

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.data.synthesis.filling import fill_articles


def ask_of_rival(text: str, lexicon: Lexicon) -> str:
    """The text with the brand's name replaced by a rival's, and the article before it by that name's.

    A hash of the text chooses among the lexicon's other brands. A text without the brand's name is returned unchanged.
    """
    names = "|".join(map(re.escape, sorted(lexicon.brand, key=len, reverse=True)))
    rival = lexicon.other_brands[int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(lexicon.other_brands)]

    def swap(match: re.Match[str]) -> str:
        article = match["article"]
        if not article:
            return rival
        named = fill_articles(f"{{a}} {rival}") if lexicon.language == "en" else f"{article} {rival}"
        return named[:1].upper() + named[1:] if article[0].isupper() else named

    return re.sub(rf"(?<!\w)(?:(?P<article>an?) )?(?:{names})(?!\w)", swap, text, flags=re.IGNORECASE)
