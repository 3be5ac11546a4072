"""Word lists as text, and fields of words that judge the same property."""

from __future__ import annotations

import re
from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """The words of a list, in no order."""
    return frozenset(re.findall(r"[\w'-]+", text))


def ordered(text: str) -> tuple[str, ...]:
    """The words of a list; those of a phrase are joined by `_`."""
    return tuple(word.replace("_", " ") for word in text.split())


class Field(NamedTuple):
    """Words of fault that judge the same property, and words of praise for it: first those that fit most things."""

    faults: frozenset[str]
    contraries: tuple[str, ...]
    alone: tuple[str, ...] = ()  # of verbs: where no object follows


def phrases(text: str) -> tuple[str, ...]:
    """The phrases of a list, which commas separate."""
    return tuple(text.split(", "))


def field(faults: str, contraries: str, alone: str = "") -> Field:
    """A field, from lists."""
    return Field(words(faults), ordered(contraries), ordered(alone))
