"""Unicode repair: mojibake, quotes, blanks, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import ftfy

_UNICODE = ftfy.TextFixerConfig(unescape_html=False, normalization="NFC")

_FOLDED: Final = ("<font>", "<wide>", "<narrow>", "<noBreak>")  # 𝗯𝗼𝗹𝗱 and ｗｉｄｅ letters; never ™, ² or ½


def _character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs" or character in "\t\n\r":
        return " "
    if category in ("Cc", "Cf", "Co", "Cs"):  # zero-width and soft-hyphen marks, byte-order marks, private symbols
        return ""
    if unicodedata.decomposition(character).startswith(_FOLDED):
        return unicodedata.normalize("NFKC", character)
    return "..." if character == "…" else character


# Around a word: what CSV makes of a quote, and an export made twice.
_DOUBLED_QUOTE = re.compile(r'(?<!")""(?=[^\W_])|(?<=[^\W_.!?,])""(?!")')


def fix_unicode(text: str) -> str:
    """Mojibake mended (ftfy), quotes straight and not doubled, every blank a plain one, zero-width marks gone, NFC.

    Compatibility characters stay, but for styled and wide letters: NFKC would glue ™ to a word as "TM" and make m² m2.
    """
    if not text.isascii():
        text = ftfy.fix_text(text, _UNICODE)
        text = unicodedata.normalize("NFC", "".join(map(_character, text)))
        text = re.sub(r"(?<=[^\W\d_])[´`](?=[^\W\d_])", "'", text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", _DOUBLED_QUOTE.sub('"', text))
