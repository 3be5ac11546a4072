"""Unicode repair: mojibake, quotes, blanks, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import ftfy

from brandmlm.text.sentences import CONTRACTIONS

_FTFY = ftfy.TextFixerConfig(unescape_html=False, normalization="NFC")

_STYLED: Final = ("<font>", "<wide>", "<narrow>", "<noBreak>")  # 𝗯𝗼𝗹𝗱 and ｗｉｄｅ letters; never ™, ² or ½
_INVISIBLE: Final = ("Cc", "Cf", "Co", "Cs")  # zero-width and soft-hyphen marks, byte-order marks, private symbols

_REPLACED_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])\ufffd(?={CONTRACTIONS}\b)")
_ACCENT_AS_APOSTROPHE = re.compile(r"(?<=[^\W\d_])[´`](?=[^\W\d_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# Around a word: CSV doubles a quote, and a repeated export leaves it doubled.
_DOUBLED_QUOTE = re.compile(r'(?<!")""(?=[^\W_])|(?<=[^\W_.!?,])""(?!")')


class _PlainCharacters(dict[int, str]):
    """What each character becomes, as a table for `str.translate`; filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain_character(chr(code))
        return plain


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs" or character in "\t\n\r":
        return " "
    if category in _INVISIBLE:
        return ""
    if unicodedata.decomposition(character).startswith(_STYLED):
        return unicodedata.normalize("NFKC", character)
    return "..." if character == "…" else character


_PLAIN: Final = _PlainCharacters()


def fix_unicode(text: str) -> str:
    """Repair mojibake (ftfy), straighten quotes, undouble them, remove invisible characters, normalize to NFC.

    Every blank becomes a plain one. Compatibility characters stay, except for styled and wide letters: NFKC would glue
    ™ to a word as "TM" and turn m² into m2.
    """
    if not text.isascii():
        text = ftfy.fix_text(text, _FTFY)
        text = unicodedata.normalize("NFC", text.translate(_PLAIN))
        text = _ACCENT_AS_APOSTROPHE.sub("'", _REPLACED_APOSTROPHE.sub("'", text))
    if '""' in text:
        text = _DOUBLED_QUOTE.sub('"', text)
    return text if text.isprintable() else _CONTROL.sub(" ", text)
