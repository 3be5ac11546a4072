"""Whether a word that may be a verb, a noun or an adjective is one where it is: by its neighbours."""

from __future__ import annotations

from typing import Final

from brandmlm.checking.english.classes import (
    AUXILIARIES,
    COLLECTIVES,
    COORDINATORS,
    DETERMINERS,
    LINKING,
    NEGATORS,
    PREPOSITIONS,
    PRONOUNS,
    SUBORDINATORS,
)
from brandmlm.checking.english.clauses import Tokens, is_adverb, verb_lemma
from brandmlm.checking.english.forms import is_plural, lemma, lemmas, verb_form
from brandmlm.checking.english.tokens import MACRO, Token

_BEFORE_INFINITIVES: Final = frozenset(
    ("to", "will", "can", "may", "might", "could", "would", "should", "must", "i", "you", "we", "they", "don't")
)

_BEHIND_NOUNS: Final = PREPOSITIONS | COORDINATORS | AUXILIARIES | SUBORDINATORS | PRONOUNS | DETERMINERS


def reads_as_verb(tokens: Tokens, i: int) -> bool:
    """Whether a form that may be a verb is one here, by its neighbours."""
    form = verb_form(tokens[i].lower)
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    if form == "VBZ" and following and _is_plain_verb(following.lower):
        return False  # "Plasticky buckles fasten"
    before = i - 1
    while before >= 0 and is_adverb(tokens[before]):
        before -= 1
    if before < 0 or tokens[before].is_strong_mark:
        return form in ("VB", "VBG") and not (following and _is_finite(following))
    last = tokens[before].lower
    pronoun = last.partition("'")[0] in PRONOUNS  # "we'd"
    relative = before > 0 and "NOUN" in lemmas(tokens[before - 1].lower)
    if (not before and last in ("which", "what")) or (last == "that" and not relative):
        return False
    if pronoun or last in ("to", "that", "which", "who", MACRO) or last in AUXILIARIES or last.endswith("n't"):
        return True
    if last in DETERMINERS | PREPOSITIONS:
        return False
    if last in ("and", "or", ","):
        return (
            form == "VBZ"
            or (form != "VBG" and "NOUN" not in lemmas(tokens[i].lower))
            or _has_verb(tokens, before)
            or _has_plain_verb(tokens, before)
        )
    if form == "VB":
        return is_plural(last) or last in COLLECTIVES or last in NEGATORS or _ends_subject(tokens, before, following)
    if form == "VBZ" and _has_verb(tokens, before) and "NOUN" not in lemmas(last):
        return False
    return set(lemmas(last)) != {"ADJ"} and not (following and following.is_word and verb_lemma(following) in LINKING)


def _ends_subject(tokens: Tokens, before: int, following: Token | None) -> bool:
    """Whether a noun just before a base form ends a longer subject in the plural ("the straps on our bag fray")."""
    if "NOUN" not in lemmas(tokens[before].lower) or (
        following and following.lower not in PREPOSITIONS | {"where", "when", "."}
    ):
        return False
    subject = tokens[max(0, before - 5) : before]
    return any(is_plural(token.lower) for token in subject) and not _has_verb(tokens, before)


def _has_plain_verb(tokens: Tokens, end: int) -> bool:
    """Whether a plural subject and a base form are before a conjunction ("headbands soak up sweat and ...")."""
    return any(
        "VERB" in lemmas(tokens[j].lower) and verb_form(tokens[j].lower) == "VB" and is_plural(tokens[j - 1].lower)
        for j in range(max(1, end - 8), end)
    )


def _is_plain_verb(word: str) -> bool:
    return set(lemmas(word)) == {"VERB"} and verb_form(word) == "VB"


def _is_finite(token: Token) -> bool:
    word = token.lower
    return word in AUXILIARIES or (lemma(word, "VERB") is not None and verb_form(word) in ("VBZ", "VBD"))


def _has_verb(tokens: Tokens, end: int) -> bool:
    """Whether one of the tokens just before a place is a verb, or calls for one."""
    return any(
        set(lemmas(token.lower)) == {"VERB"} or token.lower in ("to", "will") for token in tokens[max(0, end - 4) : end]
    )


def in_noun_place(tokens: Tokens, i: int) -> bool:
    """Whether a word that may be a noun is not the modifier of another ("pain relief", "stress test")."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if after is None or not after.is_word or after.lower in _BEHIND_NOUNS:
        return True
    return "NOUN" not in lemmas(after.lower) or verb_lemma(after) in LINKING


def is_infinitive(tokens: Tokens, i: int) -> bool:
    """Whether a token follows what only a base form of a verb can follow."""
    before = i - 1
    while before >= 0 and is_adverb(tokens[before]):
        before -= 1
    fronts = {token.lower for token in tokens[max(0, before - 4) : max(0, before)]}
    if before >= 0 and tokens[before].lower == "to" and "from" in fronts:
        return False  # "from muddy pitches to dirty alleys"
    return before >= 0 and tokens[before].lower in _BEFORE_INFINITIVES
