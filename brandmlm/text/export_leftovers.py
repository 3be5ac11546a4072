"""Find and remove what the tools that exported a column left in its texts.

A mark that a person may type as well ("it s", a backslash in a path) is removed only if the whole column shows that a
tool wrote it: `find_leftovers` looks at a column, `remove_leftovers` repairs one raw text, before `repair`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

from brandmlm.text.sentences import CONTRACTIONS

# --- escapes: \n, \", \u2019 ------------------------------------------------------------------------------------------

_PATH = r"(?<!\w)[A-Za-z]:\\[^\s\"]*"  # C:\new\table.txt
_ESCAPE = re.compile(
    rf"{_PATH}|\\+r\\+n|\\+(?:u(?P<code>[\da-fA-F]{{4}})|x(?P<byte>[\da-fA-F]{{2}})|(?P<mark>[nrtbf\"'/&]))"
)
_CLEAR_ESCAPE = re.compile(rf"{_PATH}|(?P<clear>\\[nrt](?![a-z])|\\[\"'/]|\\u[\da-fA-F]{{4}})")
_ESCAPED: Final = {"n": "\n", "r": "\n", "t": " ", "b": " ", "f": " "}

# --- codes: _x000D_ ---------------------------------------------------------------------------------------------------

_BREAK = r"(?:_x000[dD]_|&#(?:13|x0?[dD])\b;?)(?:\r?\n|_x000[aA]_|&#(?:10|x0?[aA])\b;?)?"
_CODE = re.compile(rf"{_BREAK}|_x00(?P<code>[0-7][\da-fA-F])_")

# --- marks of players, shops and translators --------------------------------------------------------------------------

_MEDIA = re.compile(
    r"the media could not be loaded\.?|video player is loading\.?|this is a modal window\.?|"
    r"your browser does not support (?:html5 )?video\.?|(?:beginning|end) of dialog window\.?|"
    r"escape will cancel and close the window\.?|\[\[(?:videoid|asin|video)[:\w-]*(?: [^\]]{0,80})?\]\]|"
    r"\[this review was collected as part of a promotion\.?\]|\((?:translated by google|original)\)|"
    r"click to play video|(?:translate|show original) review(?: to english)?",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"\s*(?:\b(?:read|see|show) (?:more|less)|\s(?:report(?: abuse)?|helpful|verified purchase))\s*$", re.IGNORECASE
)

_MEDIA_HINTS: Final = (
    "media could",
    "video",
    "modal window",
    "dialog window",
    "escape will",
    "[[",
    "promotion",
    "transl",
    "original",
)

_LONGEST_BUTTON: Final = 40  # characters, with the blanks before it


def _may_hold_media(text: str) -> bool:
    plain = text.lower()
    return any(hint in plain for hint in _MEDIA_HINTS)


# --- lost apostrophes -------------------------------------------------------------------------------------------------

_NEGATED = "ain|aren|can|couldn|didn|doesn|don|hadn|hasn|haven|isn|mustn|needn|shouldn|wasn|weren|won|wouldn"
_SPLIT = re.compile(
    rf"\b(?:(?:{_NEGATED}) t|(?:it|that|he|she|what|there|here|who|let|where|how) s|i (?:m|ve|ll|d)|"
    r"(?:you|we|they) (?:re|ve|ll|d))\b",
    re.IGNORECASE,
)
_LONE_ENDING = re.compile(r" (?:[tsmdTSMD]|[vVrR][eE]|[lL]{2})\b")
_POSSESSIVE = re.compile(
    r"\b(?!(?:size|sizes|in|an|the|or|and|to|fit|fits|wear|take|medium|small|large|letter|is|was|my|of)\b)"
    r"([^\W\d_]{2,}) s\b"
    r"(?! ?(?:[,/&+-]|m\b|l\b|xs\b|xl\b|or\b|and\b|size))"
)
_APOSTROPHE = re.compile(rf"\b(?:(?:{_NEGATED})['’]t|(?:it|that|he|she|what|i)['’](?:s|m|ve|ll|d))\b", re.IGNORECASE)
_MARKED = re.compile(rf"(?<=[^\W\d_])(?:â\?\?|\?)(?={CONTRACTIONS}\b)")
_FEET = re.compile(r"(?<=\d)\?(\d{1,2})\?(?!\w)")
_TORN_QUOTES = re.compile(r"(?<!\w)â\?\?(\S[^â]{0,200}?)â\?\?")
_TORN_DASH = re.compile(r"(?<=\w) ?â\?\? ?(?=\w)")


@dataclass(frozen=True)
class ExportLeftovers:
    """What a column shows of the tools that exported it.

    Attributes:
        escapes: backslash escapes for line breaks, quotes and characters.
        codes: codes for control characters, as spreadsheets write them.
        media: sentences of video players and translators.
        buttons: the label of a button at the end ("Read more").
        split_contractions: a blank for each apostrophe ("don t").
        question_marks: a question mark for each apostrophe ("don?t").
    """

    escapes: bool = False
    codes: bool = False
    media: bool = False
    buttons: bool = False
    split_contractions: bool = False
    question_marks: bool = False

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


@dataclass
class LeftoverSurvey:
    """Counts the texts of a column that show leftovers; fed in batches."""

    texts: int = 0
    escapes: int = 0
    codes: int = 0
    media: int = 0
    buttons: int = 0
    split: int = 0  # with a blank for an apostrophe
    kept: int = 0  # with an apostrophe
    marked: int = 0  # with a question mark for one

    def add(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.texts += 1
            # Most texts have none of these; a cheap look before each search takes a tenth of its time.
            self.escapes += "\\" in text and any(found["clear"] for found in _CLEAR_ESCAPE.finditer(text))
            self.codes += ("_x00" in text or "&#" in text) and bool(_CODE.search(text))
            self.media += _may_hold_media(text) and bool(_MEDIA.search(text))
            self.buttons += bool(_BUTTON.search(text.rstrip()[-_LONGEST_BUTTON:]))
            self.split += bool(_LONE_ENDING.search(text) and _SPLIT.search(text))
            self.kept += ("'" in text or "’" in text) and bool(_APOSTROPHE.search(text))
            self.marked += "?" in text and bool(_MARKED.search(text))

    def merge(self, other: LeftoverSurvey) -> None:
        """Add the counts of another part of the column."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def settle(self) -> ExportLeftovers:
        """Which leftovers the column shows.

        One text in a thousand is enough for marks that nobody types. Apostrophes count as lost where more texts lost
        than kept them; the label of a button counts where it ends one text in twenty.
        """
        few = self.texts / 1000
        return ExportLeftovers(
            escapes=self.escapes > 0 and self.escapes >= few,
            codes=self.codes > 0,
            media=self.media > 0 and self.media >= few,
            buttons=self.buttons > 1 and self.buttons >= self.texts / 20,
            split_contractions=self.split > max(self.kept, few),
            question_marks=self.marked > 0 and self.marked >= few,
        )


def find_leftovers(texts: Iterable[str]) -> ExportLeftovers:
    """Look at all texts of a column and tell which leftovers they show; see `LeftoverSurvey.settle`."""
    survey = LeftoverSurvey()
    survey.add(texts)
    return survey.settle()


def _unescape(found: re.Match[str]) -> str:
    if code := found["code"] or found["byte"]:
        return chr(int(code, 16))
    if mark := found["mark"]:
        return _ESCAPED.get(mark, mark)
    return found.group() if ":" in found.group() else "\n"  # a path, or a line's end of two characters


def _decode(found: re.Match[str]) -> str:
    character = chr(int(found["code"] or "0D", 16))
    return character if character.isprintable() else "\n"


def _restore_apostrophes(text: str) -> str:
    text = _SPLIT.sub(lambda found: "'".join(found.group().rsplit(" ", 1)), text)
    return _POSSESSIVE.sub(r"\1's", text)


def remove_leftovers(text: str, leftovers: ExportLeftovers) -> str:
    """Remove from one raw text the leftovers that its column shows."""
    if leftovers.escapes and "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # \ud83d\ude0d is one emoji
    if leftovers.codes:
        text = _CODE.sub(_decode, text)
    if leftovers.media:
        text = _MEDIA.sub(" ", text)
    while leftovers.buttons and (shorter := _BUTTON.sub("", text)) != text:
        text = shorter
    if leftovers.question_marks:
        text = _TORN_QUOTES.sub(r'"\1"', _FEET.sub("'\\1\"", _MARKED.sub("'", text)))
        text = _TORN_DASH.sub(" - ", text)
    if leftovers.split_contractions:
        text = _restore_apostrophes(text)
    return text
