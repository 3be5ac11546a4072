"""Find the encoding of a text file; read its lines with the bytes that do not decode marked, not lost."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import chardet

from brandmlm.data.tables.formats import HEAD_BYTES
from brandmlm.data.tables.options import ReadOptions

MAX_LINE: Final = 1 << 24  # characters; a longer line is no row of a table

_CHUNK: Final = 1 << 20  # bytes
_SAMPLE: Final = 200_000  # bytes that chardet looks at

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What tables that are not Unicode come in.
_LEGACY: Final = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp866"),
    *("iso8859-2", "iso8859-5", "koi8-r", "koi8-u", "mac-roman"),
    *("cp932", "euc_jis_2004", "gb18030", "big5hkscs", "cp949"),
)

# Below these, chardet's guess is worth less than the experience that most such files are windows-1252.
_LEAST_CONFIDENCE: Final = 0.1
_LEAST_ADVANTAGE: Final = 1.5

_NO_ENCODINGS: Final = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape")

# A byte that does not decode becomes the lone surrogate U+DC00 + byte, which no text holds.
_DAMAGE = re.compile("[\udc00-\udcff]")
_ERRORS: Final = "brandmlm-mark"


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_ERRORS, _mark)


@dataclass(frozen=True)
class Encoding:
    codec: str  # Python's name
    damaged: bool  # whether some bytes do not decode or are NUL
    note: str | None = None  # what to tell the user where it was guessed

    @property
    def title(self) -> str:
        """The usual name."""
        if self.codec.startswith("cp125"):
            return f"windows-{self.codec[2:]}"
        return {"utf-8-sig": "UTF-8", "latin-1": "ISO-8859-1"}.get(self.codec, self.codec.upper())


def read_lines(path: Path, encoding: Encoding, options: ReadOptions) -> Iterator[str]:
    """The lines of a text with their ends (\\n, \\r or \\r\\n), damage marked.

    Raises:
        UserError: a line is longer than `MAX_LINE`.
    """
    with path.open(encoding=encoding.codec, errors=_ERRORS, newline="") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                raise options.error(
                    f"line {number}: more than {MAX_LINE:,} characters, so this is no table; export the file again"
                )
            yield line


def read_chunks(path: Path, encoding: Encoding, size: int) -> Iterator[str]:
    """A text in pieces of at most `size` characters, every line's end as \\n, damage marked."""
    with path.open(encoding=encoding.codec, errors=_ERRORS) as file:
        while chunk := file.read(size):
            yield chunk


def find_damage(text: str, encoding: Encoding) -> str | None:
    """Why a row is no text: a byte that does not decode, a NUL; None where it is sound."""
    if not encoding.damaged:
        return None
    found = _DAMAGE.search(text)
    if found:
        return f"byte 0x{ord(found.group()) - 0xDC00:02x} is not {encoding.title}"
    return "a NUL byte" if "\0" in text else None


def _count_damage(text: str) -> int:
    try:
        text.encode()
    except UnicodeEncodeError:
        return len(_DAMAGE.findall(text))
    return 0


@dataclass(frozen=True)
class _Survey:
    """A whole file decoded once."""

    well_formed: int  # characters beyond ASCII
    broken: int  # bytes that do not decode
    nuls: int


def _survey(path: Path, codec: str) -> _Survey:
    decoder = codecs.getincrementaldecoder(codec)(_ERRORS)
    well_formed = broken = nuls = 0
    with path.open("rb") as file:
        while True:
            data = file.read(_CHUNK)
            text = decoder.decode(data, not data)
            nuls += text.count("\0")
            if not text.isascii():
                damage = _count_damage(text)
                broken += damage
                well_formed += len(text) - damage - len(text.encode("ascii", "ignore"))
            if not data:
                return _Survey(well_formed, broken, nuls)


def _check_codec(options: ReadOptions) -> str:
    name = options.encoding or ""
    try:
        codec = codecs.lookup(name)
        "a".encode(name)  # refuses codecs that are none of text, such as base64
        if codec.name.replace("-", "_") in _NO_ENCODINGS:
            raise LookupError
    except (LookupError, ValueError):
        raise options.error(
            f"no encoding is called {name!r}; set {options.setting('encoding')} to utf-8, cp1250, cp932, …"
        ) from None
    return "utf-8-sig" if codec.name == "utf-8" else codec.name


def _unmarked_unicode(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte-order mark, told by where the NUL bytes of its ASCII characters are."""
    quarters = [head[place::4] for place in range(4)]
    sparse = [quarter.count(0) > 0.7 * len(quarter) for quarter in quarters]
    layouts = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return layouts.get((sparse[0], sparse[1], sparse[2], sparse[3])) if len(head) >= 4 else None


def _refuse_binary(head: bytes, options: ReadOptions) -> None:
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in head)
    if controls > max(4, 0.05 * len(head)):
        raise options.error(
            "this is binary data of an unknown kind, not a table; save the table as CSV UTF-8, Excel or Parquet"
        )


def _guess_legacy(path: Path) -> tuple[str, int, str]:
    """The likely code page of a text that is not UTF-8, with the first line that shows it, decoded."""
    sample, first, shown = b"", 0, b""
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_SAMPLE), b""), start=1):
            if not line.isascii():
                if not first:
                    first, shown = number, line
                sample += line
            if len(sample) >= _SAMPLE:
                break
    found = chardet.detect_all(sample, ignore_threshold=True, compat_names=False, include_encodings=_LEGACY)
    names = ((str(one["encoding"]).lower(), float(one["confidence"] or 0)) for one in found)
    confidence = {"cp1252": 0.0} | {name: value for name, value in names if name in _LEGACY}
    best = max(confidence, key=lambda name: confidence[name])
    least = max(_LEAST_CONFIDENCE, _LEAST_ADVANTAGE * confidence["cp1252"])
    codec = best if confidence[best] >= least else "cp1252"
    if codec == "cp1252" and _survey(path, codec).broken:
        codec = "latin-1"  # has the five bytes that windows-1252 leaves open
    text = shown.decode(codec, "replace")
    place = next((at for at, letter in enumerate(text) if not letter.isascii()), 0)
    return codec, first, text[max(0, place - 20) : place + 20].strip()


def find_encoding(path: Path, options: ReadOptions) -> Encoding:
    """The encoding of a text file: as the user says, by its byte-order mark, else UTF-8, else guessed.

    In text of a legacy code page nearly every letter beyond ASCII breaks UTF-8. Where most of them are well-formed,
    the file is damaged UTF-8; any other reading would garble all of it.

    Raises:
        UserError: the encoding in the options does not exist, or the file is no text.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if options.encoding:
        codec = _check_codec(options)
        found = _survey(path, codec)
        return Encoding(codec, damaged=bool(found.broken or found.nuls))
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    unmarked = None if marked else _unmarked_unicode(head)
    if not marked and not unmarked:
        _refuse_binary(head, options)
    codec, note = marked or unmarked or "utf-8", None
    found = _survey(path, codec)
    if unmarked:
        note = f"{options.name}: no byte-order mark; read as {codec.upper()}, a guess"
    elif not marked and found.broken and found.broken >= found.well_formed:
        codec, line, example = _guess_legacy(path)
        found = _survey(path, codec)
        note = (
            f"{options.name}: not UTF-8; read as {Encoding(codec, False).title}, a guess (line {line}: {example!r}); "
            f"if letters are wrong, set {options.setting('encoding')}"
        )
    return Encoding(codec, bool(found.broken or found.nuls), note)
