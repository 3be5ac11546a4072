"""Parts of speech and forms of English words: lemmas and inflections by lemminflect."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from lemminflect import getAllLemmas, getInflection, getLemma

PARTS: Final = ("ADJ", "ADV", "NOUN", "VERB")


@lru_cache(maxsize=65536)
def lemmas(word: str) -> dict[str, tuple[str, ...]]:
    """The lemmas of a word in lower case, by part of speech (`ADJ`, `ADV`, `NOUN`, `VERB`); none of an unknown one."""
    return {part: tuple(found) for part, found in getAllLemmas(word).items()}


def lemma(word: str, part: str) -> str | None:
    """The first lemma of a word as that part of speech."""
    found = lemmas(word).get(part)
    return found[0] if found else None


def guessed_lemma(word: str, part: str) -> str:
    """The lemma of a word that may be in no dictionary."""
    found = lemma(word, part) or next(iter(getLemma(word, part)), word)
    return str(found)


@lru_cache(maxsize=65536)
def inflect(base: str, tag: str) -> str | None:
    """The form of a lemma for a tag of the Penn Treebank (`JJR`, `VBZ`, ...); None if it has none."""
    found = getInflection(base, tag)
    return str(found[0]) if found else None


@lru_cache(maxsize=65536)
def degree(word: str) -> tuple[str, str]:
    """An adjective's base and the tag of its form: `JJ`, `JJR` or `JJS`."""
    if word.endswith(("er", "est", "r", "t")):
        for base in lemmas(word).get("ADJ", ()):
            for tag in ("JJR", "JJS"):
                if base != word and word in (getInflection(base, tag) or ()):
                    return base, tag
    for ending, tag in (("ier", "JJR"), ("iest", "JJS")):
        base = word.removesuffix(ending) + "y"
        if word.endswith(ending) and "ADJ" in lemmas(base):
            return base, tag
    return word, "JJ"


def verb_form(word: str) -> str:
    """The tag of a verb's form, by its ending; `VBD` stands for participles of the past, too."""
    base = lemma(word, "VERB") or word
    for tag in ("VB", "VBZ", "VBG", "VBD", "VBN"):
        if word in (getInflection(base, tag) or ()):
            return tag
    return "VB"


def is_plural(noun: str) -> bool:
    """Whether a noun is a plural form of another word."""
    base = lemma(noun, "NOUN")
    return base is not None and base != noun and noun in (getInflection(base, "NNS") or ())
