"""Replace the reviewer's own name by a placeholder, however the text spells it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from brandmlm.text.name_words import (
    CAPITALISED_WORDS,
    NICKNAME_WORDS,
    NO_NAMES,
    PARTICLES,
    SURNAMES_AS_WORDS,
    TITLES,
    WORDS_AS_NAMES,
)
from brandmlm.text.placeholders import NAME

# What introduces a name ("I am", "regards,", "- "), and what follows one ("here").
_BEFORE = re.compile(
    r"(?:\b(?:i am|i'm|im|name's|name is|named|this is|signed|sincerely|dear|call me|called me)\b[\s,.:-]{1,3}"
    r"|\b(?:regards|cheers|thanks|thank you|yours|love|best)\s?[,.!:-]\s?|(?:^|\s)[-–—~*]\s?)$",
    re.IGNORECASE,
)
_NAMING = re.compile(r"\b(?:name is|name's|signed|called me|call me)[\s,:]{1,2}$", re.IGNORECASE)
_TITLE_BEFORE = re.compile(r"\b(?:mr|mrs|ms|miss|dr|herr|frau|señora?|monsieur|madame|mme)\b\.?\s$", re.IGNORECASE)
_AFTER = re.compile(r"\s(?:here|speaking)\b", re.IGNORECASE)
_LOWER_BEFORE = re.compile(r"[a-z]{2,},? $")
_LOWER_AFTER = re.compile(r"'s\b|[,.!?]|$| [a-z]{2}| I\b")
_SENTENCE_END = re.compile(r"[.!?,]\s$")
_TEXT_END = re.compile(r"[.!]?$")

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_FIRST_WORDS = WORDS_AS_NAMES | NICKNAME_WORDS
_ORDINARY = _FIRST_WORDS | SURNAMES_AS_WORDS | PARTICLES
_POSSESSIVE = re.compile(r"['’][sS]$")
_BETWEEN = re.compile(r",? ?-? ?")
_BETWEEN_INITIALS = re.compile(r"\.?,? ?-? ?")
_WITHOUT_MARKS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


class _Word(NamedTuple):
    """A word of a text that is a part of the name (all its places in the name) or the initial of one."""

    start: int
    end: int
    places: frozenset[int]
    initial: bool


def _fold(text: str) -> str:
    """Return a text in lower case without accents and apostrophes."""
    text = text.casefold()
    if not text.isascii():
        plain = unicodedata.normalize("NFD", text.translate(_WITHOUT_MARKS))
        text = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return text.replace("'", "").replace("’", "")


def brand_words(names: Iterable[str]) -> frozenset[str]:
    """Return the words of a brand and its products as `scrub_name` compares them."""
    return frozenset(_fold(word) for name in names for word in _WORD.findall(name))


@lru_cache(maxsize=1024)
def _spellings(name: str) -> tuple[frozenset[str], ...]:
    """Return the spellings of each part of an author's name, first name first; none where a shop hides the name."""
    parts = [part.casefold() for part in _WORD.findall(name) if part.casefold() not in TITLES]
    if any(_fold(part) in NO_NAMES for part in parts):
        return ()
    if "," in name and len(parts) > 1:  # "Smith, John"
        parts = [*parts[1:], parts[0]]
    return tuple(
        frozenset({_fold(part), _fold(part.translate(_SPELT_OUT)), re.sub("(?<=[aou])e", "", _fold(part))})
        for part in parts
    )


def _name_words(text: str, parts: tuple[frozenset[str], ...]) -> list[_Word]:
    """Find the words that are parts of the name, the whole name in one word, or initials."""
    first_letters = {spelling[0] for part in parts for spelling in part}
    glued = {first + last for first in parts[0] for last in parts[-1]} if len(parts) > 1 else set()
    found = []
    for match in _WORD.finditer(text):
        start, word = match.start(), _POSSESSIVE.sub("", match.group())
        end = start + len(word)
        if text[start - 1 : start] == "[" and text[end : end + 1] == "]":  # a placeholder
            continue
        folded = _fold(word)
        places = frozenset(place for place, part in enumerate(parts) if folded in part and len(folded) > 1)
        if folded in glued:
            places = frozenset(range(len(parts)))
        if places:
            found.append(_Word(start, end, places, False))
        elif folded in first_letters and (text[end : end + 1] == "." or word not in ("I", "A", "a", "i")):
            found.append(_Word(start, end, places, True))
    return found


def _runs(text: str, found: list[_Word]) -> Iterator[list[_Word]]:
    """Group words that only blanks, commas, dots and hyphens separate."""
    run: list[_Word] = []
    for word in found:
        between = _BETWEEN_INITIALS if run and run[-1].initial else _BETWEEN
        if run and not between.fullmatch(text[run[-1].end : word.start]):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _is_introduced(text: str, start: int, end: int) -> bool:
    """Whether the words around a word make it a name."""
    before, after = text[max(0, start - 30) : start], text[end : end + 12]
    signature = bool(_TEXT_END.fullmatch(after) and (not before or _SENTENCE_END.search(before)))
    return signature or bool(_BEFORE.search(before) or _TITLE_BEFORE.search(before) or _AFTER.match(after))


def _is_first_name(text: str, word: _Word, parts: int) -> bool:
    """Whether one word alone is the reviewer's first name."""
    folded = _fold(text[word.start : word.end])
    if (parts > 1 and folded not in _FIRST_WORDS and len(folded) > 2) or folded.upper() == folded.lower():
        return True
    if _NAMING.search(text[max(0, word.start - 20) : word.start]):
        return True
    if not text[word.start].isupper():
        return False
    inside = _LOWER_BEFORE.search(text[: word.start]) and _LOWER_AFTER.match(text[word.end :])
    if parts > 1 and inside and text[word.start + 1].islower() and folded not in CAPITALISED_WORDS | NICKNAME_WORDS:
        return True
    return _is_introduced(text, word.start, word.end)


def _is_name(text: str, run: list[_Word], parts: int, brand: Collection[str]) -> bool:
    """Whether a run of name words names the reviewer."""
    full = [word for word in run if not word.initial]
    folded = [_fold(text[word.start : word.end]) for word in full]
    if not full or all(word in brand or word in PARTICLES for word in folded):
        return False
    if len(frozenset().union(*(word.places for word in full))) > 1:
        plain = all(word in _ORDINARY or len(word) < 3 for word in folded)
        return not plain or all(text[word.start].isupper() for word in full)
    if len(run) > len(full):  # "J. Smith"
        return any(text[word.start].isupper() for word in full)
    word = full[0]
    if 0 in word.places:
        return _is_first_name(text, word, parts)
    return text[word.start].isupper() and _is_introduced(text, word.start, word.end)


def _may_hold(text: str, name: str) -> bool:
    """Whether a text can have a name in any case; True beyond ASCII, where a letter may have more than two forms."""
    return not (text.isascii() and name.isascii()) or name.lower() in text.lower()


def scrub_name(text: str, name: str, brand: Collection[str] = ()) -> str:
    """Replace the reviewer's own name by a placeholder.

    Found are the full name in any case, order and accentuation, with initials, and the first name alone. A first name
    that is an ordinary word ("Grace", "Mark"), a surname alone and the one word of a one-word name need a sentence that
    introduces them ("I am Grace", "Regards, Mark", "Mr Smith").

    Args:
        text: one repaired field.
        name: as the author's column has it; "Amazon Customer" and the like name nobody.
        brand: words that are never a name alone, from `brand_words`: a reviewer called Jordan leaves "Air Jordan".
    """
    account = re.search(r"[\d_]", name) and len(name) > 3 and " " not in name.strip()
    if account and _may_hold(text, name.strip()):  # compiling costs more than all the rest
        text = re.sub(rf"(?<!\w){re.escape(name.strip())}(?!\w)", NAME, text, flags=re.IGNORECASE)
    parts = _spellings(name)
    folded = _fold(text) if parts else ""
    if not any(spelling in folded for part in parts for spelling in part if len(spelling) > 1):
        return text
    for run in reversed(list(_runs(text, _name_words(text, parts)))):
        if _is_name(text, run, len(parts), brand):
            end = run[-1].end
            if run[-1].initial and re.match(r"\. [^\W\d_]", text[end : end + 3]):
                end += 1
            text = text[: run[0].start] + NAME + text[end:]
    return text
