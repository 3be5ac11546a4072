"""Detect the encoding of a text file: UTF-8, UTF-16 or UTF-32 by byte-order mark, or else UTF-8 or windows-1252."""

from __future__ import annotations

import codecs
from typing import Final

from brandmlm.core.errors import UserError

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _line(data: bytes, offset: int) -> int:
    """The number, from 1, of the line that holds a byte."""
    return data.count(b"\n", 0, offset) + 1


def _legacy_encoding(data: bytes, error: UnicodeDecodeError, name: str) -> str:
    """The encoding of bytes that are not valid UTF-8.

    In windows-1252 text nearly every letter beyond ASCII is invalid UTF-8. If most of them are valid, the file is UTF-8
    with damage, and decoding it as windows-1252 would garble all of it.
    """
    text = data.decode("utf-8", errors="replace")
    broken = text.count("�")
    well_formed = len(text) - broken - sum(map(str.isascii, text))
    if well_formed > broken:
        raise UserError(
            f"{name}: line {_line(data, error.start)}: damaged UTF-8 (byte 0x{data[error.start]:02x}); "
            "export the file again or correct that line"
        )
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"  # it has the five bytes that windows-1252 does not define
    return "cp1252"


def find_encoding(data: bytes, name: str) -> str:
    """Return Python's name of a text's encoding. Raises UserError if it is UTF-8 with damage."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _legacy_encoding(data, error, name)
    return "utf-8"


def decode(data: bytes, name: str) -> str:
    """Decode a text file. Raises UserError, which begins with `name`, if the bytes are not text."""
    if not data:
        raise UserError(f"{name}: the file is empty; export or download it again")
    encoding = find_encoding(data, name)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name}: line {_line(data, error.start)}: not {encoding.removesuffix('-sig').upper()}, "
            "which its byte-order mark announces; save it as UTF-8"
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise UserError(
            f"{name}: line {text.count(chr(10), 0, nul) + 1}: a NUL byte, so this is not a text file "
            "(or UTF-16 without its byte-order mark); save it as UTF-8 CSV"
        )
    return text
