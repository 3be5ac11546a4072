"""Whom a word of a sentence is about: us, another firm, or the reader."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import Final

from brandmlm.checking.english.classes import (
    AUXILIARIES,
    COUNTERFEITS,
    DETERMINERS,
    EARLIER,
    EDITIONS,
    FIRMS,
    GENERIC,
    LINKING,
    OTHERS,
    OURS,
    RIVAL_NOUNS,
    YOURS,
)
from brandmlm.checking.english.clauses import Owner, Tokens, clause_end, clause_start, verb_lemma
from brandmlm.checking.english.forms import is_plural, lemmas

_COMPARING: Final = frozenset(["than", "unlike", "versus", "vs", "beside", "beyond", "against"])
_COMPARED: Final = frozenset(("next to", "compared to", "compared with", "close to", "similar to", "set against"))
_FRONTED: Final = frozenset(
    ["unlike", "compared", "versus", "where", "while", "whereas", "although", "though", "if", "instead"]
)
_ANTECEDENT: Final = frozenset(
    [
        "they",
        "them",
        "their",
        "theirs",
        "it",
        "its",
        "he",
        "she",
        "those",
        "these",
        "one",
        "ones",
        "that",
        "which",
        "who",
    ]
)
_WORN: Final = frozenset(
    [
        "old",
        "last",
        "other",
        "current",
        "usual",
        "previous",
        "former",
        "worn-out",
        "existing",
        "everyday",
        "favourite",
        "favorite",
    ]
)

_SURELY_EARLIER: Final = frozenset({"previous", "earlier", "former", "outgoing", "preceding"})


def _many(noun: str) -> bool:
    return is_plural(noun) or (noun.endswith("s") and not noun.endswith("ss") and "NOUN" in lemmas(noun))


def _in_relative_clause(tokens: Tokens, i: int) -> bool:
    """Whether "we" begins a clause that only says which ("the pair we borrowed")."""
    before = tokens[i - 1].lower if i else ""
    return tokens[i].lower == "we" and "NOUN" in lemmas(before) and before not in AUXILIARIES | DETERMINERS


class Owners:
    """Finds the owner of words by the names of a brand and of its rivals.

    Args:
        brand: the brand's names.
        rivals: those of other brands.
    """

    def __init__(self, brand: Collection[str], rivals: Collection[str]) -> None:
        self._brand = [name.lower().split() for name in brand]
        self._rivals = [name.lower().split() for name in rivals]

    def owner(self, tokens: Tokens, place: int) -> Owner:
        """Whom a token is about: the nearest owner before it; without any, us."""
        if self._is_of_rival(tokens, place) or self._of_counterfeits(tokens, place):
            return "theirs"
        fronted = self._of_fronted_comparison(tokens, place)
        if fronted:
            return fronted
        for i in range(place - 1, -1, -1):
            mark = self.mark(tokens, i)
            if mark == "theirs" and self._is_compared(tokens, i, place):
                continue
            if mark == "ours" and _in_relative_clause(tokens, i):
                continue
            if mark == "theirs" or mark == "ours":
                return mark
            if mark is None and self._opens_subject(tokens, i, place):
                break
        return "theirs" if self._has_after(tokens, place) else "ours"

    def _of_counterfeits(self, tokens: Tokens, place: int) -> bool:
        """Whether a general remark on fakes, or one on cheaper goods that ours are set against, leads to a token."""
        start = clause_start(tokens, place)
        words = [token.lower for token in tokens[start : clause_end(tokens, place)]]
        if len(words) < 3 or start > place or self.names_us(tokens, start, place):
            return False
        if words[0] in COUNTERFEITS and is_plural(words[1]):
            return bool(set(words) & GENERIC)
        against = self.names_us(tokens, place, len(tokens)) or "but" in words[place - start :]
        return words[0] in ("cheaper", "lesser") and is_plural(words[1]) and against

    def _is_of_rival(self, tokens: Tokens, place: int) -> bool:
        """Whether a rival is named as the owner just behind ("our unfashionable cousins at Reebok")."""
        for i in range(place + 1, min(len(tokens) - 1, place + 5)):
            if not tokens[i].is_word or verb_lemma(tokens[i]) in LINKING or tokens[i].lower in AUXILIARIES:
                return False
            if tokens[i].lower in ("at", "from", "of", "by") and self.mark(tokens, i + 1) == "theirs":
                return True
        return False

    def names_us(self, tokens: Tokens, start: int, end: int) -> bool:
        """Whether some of the tokens name us."""
        return any(self.mark(tokens, i) == "ours" for i in range(start, end))

    def mark(self, tokens: Tokens, i: int) -> Owner | None:
        """The owner that a token names."""
        word = tokens[i].lower
        base = word.removesuffix("'s").removesuffix("'")
        if self._begins(self._rivals, tokens, i) or (base in RIVAL_NOUNS and not self._is_name(tokens, i)):
            return "theirs"
        if word == "others":
            return "theirs"
        if self._begins(self._brand, tokens, i) or word in OURS:
            return "ours"
        if word in ("they", "their", "theirs") and self._opposes_ours(tokens, i):
            return "theirs"
        after = [token.lower for token in tokens[i + 1 : i + 4]]
        surely = word in _SURELY_EARLIER and bool(after) and "NOUN" in lemmas(after[0])
        kept = bool(i) and tokens[i - 1].lower in ("its", "our")  # "returns in its original shape"
        earlier = surely or (word in EARLIER and bool(after) and after[0] in EDITIONS and not kept)
        some = word in ("some", "many", "certain") and not (i and tokens[i - 1].is_word) and any(map(_many, after[:3]))
        dated = len(word) == 4 and word.isdigit() and bool(after) and after[0] in EDITIONS
        past = some or dated or (word == "old" and len(after) > 1 and after[1] in ("was", "were", "had"))
        if earlier or past or base in ("predecessor", "predecessors", "forerunner", "prototype", "prototypes"):
            return "theirs"
        firms = any(each.removesuffix("'s").removesuffix("'") in FIRMS for each in after[:2])
        superlative = word in ("most", "other") and i and tokens[i - 1].lower in ("the", "our", "its", "no")
        if word in ("most", "other") and i and tokens[i - 1].lower in ("in", "on", "for", "at", "with", "to"):
            return None if not firms else "theirs"  # "in most cities"
        if (
            word in OTHERS
            and not superlative
            and not self._is_name(tokens, i)
            and (firms or any(_many(each) for each in after[:3]))
        ):
            return "theirs"
        if word in ("some", "many", "any", "every", "certain", "these", "those", "big", "few", "cheap") and firms:
            return "theirs"
        if word in ("your", "their", "my", "his", "her") and after and after[0] in _WORN:
            return "theirs"
        return "yours" if word in YOURS else None

    def _is_name(self, tokens: Tokens, i: int) -> bool:
        """Whether a word with a capital follows the brand, as the names of its products do ("Nike Rival")."""
        before = tokens[max(0, i - 2) : i]
        return tokens[i].text[:1].isupper() and any(self._begins(self._brand, [token], 0) for token in before)

    def _opposes_ours(self, tokens: Tokens, i: int) -> bool:
        """Whether a clause that begins with "they" is set against one of ours ("Their caps sag; ours ...")."""
        if i and not tokens[i - 1].is_strong_mark:
            return False
        end = next((j for j in range(i, len(tokens)) if tokens[j].lower in (",", ";", ":", "–", "—", ".")), len(tokens))
        return i < end < len(tokens) - 1 and not i and self.names_us(tokens, end + 1, min(len(tokens), end + 4))

    @staticmethod
    def _begins(names: Sequence[Sequence[str]], tokens: Tokens, i: int) -> bool:
        """Whether one of the names begins at a token, in the possessive or not."""
        for name in names:
            words = [token.lower for token in tokens[i : i + len(name)]]
            if words and [*words[:-1], words[-1].removesuffix("'s").removesuffix("'")] == list(name):
                return True
        return False

    @staticmethod
    def _is_compared(tokens: Tokens, i: int, place: int) -> bool:
        """Whether an owner is only what ours is compared with, and the comparison is over before a later token."""
        before = [token.lower for token in tokens[max(0, i - 4) : i]]
        compared = set(before) & _COMPARING or any(f"{a} {b}" in _COMPARED for a, b in itertools.pairwise(before))
        if not compared:
            return False
        between = [token.lower for token in tokens[i + 1 : place]]
        return any(word in (",", "and", "but") for word in between)

    @staticmethod
    def _opens_subject(tokens: Tokens, i: int, place: int) -> bool:
        """Whether a new subject of ours begins behind a strong mark, which ends the search."""
        if not tokens[i].is_strong_mark:
            return False
        first = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        between = {token.lower for token in tokens[i + 1 : place]}
        return first in DETERMINERS and not between & _ANTECEDENT - {"that", "this", "these", "those", "which", "who"}

    def _of_fronted_comparison(self, tokens: Tokens, place: int) -> Owner | None:
        """The owner of a comparison before the main clause ("Unlike the stiff collars on Puma polos, ours ...")."""
        start = max((i for i in range(place) if tokens[i].is_strong_mark), default=-1) + 1
        if tokens[start].lower not in _FRONTED:
            return None
        end = next((i for i in range(start, len(tokens)) if tokens[i].lower == ","), -1)
        if not start <= place < end:
            return None
        marks = [self.mark(tokens, i) for i in range(start, end)]
        if "theirs" in marks and "ours" not in marks:
            return "theirs"
        return "theirs" if tokens[start].lower in ("unlike", "compared") and "ours" not in marks else None

    def _has_after(self, tokens: Tokens, place: int) -> bool:
        """Whether the word's own phrase names a rival ("the cheap glue of other brands", "a clumsy Puma shoe")."""
        for i in range(place + 1, min(clause_end(tokens, place), place + 6)):
            word = tokens[i].lower
            if word in (",", "and", "but") or verb_lemma(tokens[i]) in LINKING or word in AUXILIARIES:
                return False
            if word in ("than", "unlike", "to", "by", "with", "against"):
                return False
            mark = self.mark(tokens, i)
            if mark:
                return mark == "theirs"
        return False
