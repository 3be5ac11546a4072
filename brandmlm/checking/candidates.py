"""Words of fault, whatever is said with them: the lexicon's unwanted words, `english.evaluation`'s and VADER's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

from brandmlm.checking.english import classes, evaluation
from brandmlm.checking.english.clauses import Tokens, verb_lemma
from brandmlm.checking.english.forms import degree, is_plural, lemma, lemmas, verb_form
from brandmlm.checking.english.roles import in_noun_place, is_infinitive, reads_as_verb
from brandmlm.config.brand.lexicon import Lexicon

Part = Literal["ADJ", "ADV", "NOUN", "VERB"]

VALENCE: Final = -1.0  # VADER's, from -4 to 4, up to which a word finds fault; milder ones are mixed

_MOSTLY_FACTS: Final = frozenset({"basic", "late", "limited"})  # no faults unless a brand lists them

_PRODUCT_NOUNS: Final = frozenset({"product", "range", "design", "gear", "kit"})


@dataclass(frozen=True)
class Candidate:
    """A word or phrase of fault in a sentence.

    Attributes:
        place: its first token, behind an adverb of degree.
        size: its tokens, from there.
        lemma: as the lists have it.
        part: its part of speech here.
        tag: the form that another word would need (`JJ`, `JJR`, `JJS`, `JJM` behind "more",
            `RB`, `NN`, `NNS`, `VB`, `VBZ`, `VBD`, `VBG`).
        listed: whether the lexicon lists it.
        physical: whether it is of physical property, and so may be a fact.
        degree: whether the adverb before it ("more cramped", "painfully slow") is replaced with it.
    """

    place: int
    size: int
    lemma: str
    part: Part
    tag: str
    listed: bool = False
    physical: bool = False
    degree: bool = False

    @property
    def first(self) -> int:
        """The first token that is replaced."""
        return self.place - self.degree

    @property
    def end(self) -> int:
        """The token behind the last."""
        return self.place + self.size


class FaultWords:
    """The words of fault of a brand, and its products.

    Args:
        valences: score by word; below 0: bad.
    """

    def __init__(self, lexicon: Lexicon, valences: Mapping[str, float]) -> None:
        self._unwanted = {word.lower() for word in lexicon.unwanted.all}
        good = {word.lower() for word in (*lexicon.wanted.all, *lexicon.neutral.all)}
        self._neutral = {word.lower() for word in lexicon.neutral.all}
        names = {word.lower() for word in (*lexicon.brand, *lexicon.other_brands)}
        self._products = {form.lower() for each in lexicon.products for form in each.forms}
        self._innocent = (good | names | self._products) - self._unwanted
        self._valences = valences

    def is_neutral(self, word: str) -> bool:
        """Whether the lexicon lists a word as neutral, such as a colour."""
        return word in self._neutral

    def is_product(self, word: str) -> bool:
        """Whether a noun names what the brand sells, or what people call it."""
        return word in self._products or (lemma(word, "NOUN") or word) in self._products | _PRODUCT_NOUNS

    def names_fault(self, noun: str) -> bool:
        """Whether a noun is one of fault."""
        return bool({noun, lemma(noun, "NOUN") or noun} & evaluation.FAULTY_NOUNS)

    def is_bad(self, word: str) -> bool:
        """Whether a word alone is one of fault, so that it is never proposed."""
        base = degree(word)[0]
        verb, noun = lemma(word, "VERB") or "", lemma(word, "NOUN") or ""
        return bool(
            {word, base, verb, noun} & self._unwanted
            or (base in evaluation.FAULTY_ADJECTIVES | evaluation.PHYSICAL_ADJECTIVES and base not in self._innocent)
            or verb in evaluation.FAULTY_VERBS
            or {word, noun} & evaluation.FAULTY_NOUNS
            or self._valences.get(word, 0.0) < 0
        )

    def candidate(self, tokens: Tokens, i: int) -> Candidate | None:
        """What a token, or the phrase that begins with it, is as a word of fault."""
        token = tokens[i]
        roughs_it = i + 1 < len(tokens) and tokens[i + 1].lower == "it" and verb_form(token.lower) == "VB"
        if not token.is_word or token.lower in self._innocent or roughs_it:
            return None
        return (
            self._graded(tokens, i) or self._phrase(tokens, i) or self._hardship(tokens, i) or self._excess(tokens, i)
            or self._adjective(tokens, i) or self._word(tokens, i) or self._derived(tokens, i)
            or _stuck(tokens, i) or _simile(tokens, i) or _lack(tokens, i)
        )  # fmt: skip

    @cached_property
    def _phrases(self) -> dict[str, list[list[str]]]:
        listed = [word.split() for word in self._unwanted if " " in word]
        by_first: dict[str, list[list[str]]] = {}
        of_lists = [*evaluation.PHRASES.values(), *evaluation.ADJECTIVE_PHRASES.values()]
        for words in [*listed, *(phrase.split() for phrases in of_lists for phrase in phrases)]:
            by_first.setdefault(words[0], []).append(words)
        return {first: sorted(phrases, key=len, reverse=True) for first, phrases in by_first.items()}

    def _phrase(self, tokens: Tokens, i: int) -> Candidate | None:
        word = tokens[i].lower
        for first in {lemma(word, "VERB") or word, word}:
            for words in self._phrases.get(first, ()):
                size = _matched(tokens, i, words)
                if size:
                    joined = " ".join(words)
                    verb = any(joined in phrases for phrases in evaluation.PHRASES.values())
                    tag = verb_form(word) if verb else "JJ"
                    return Candidate(i, size, joined, "VERB" if verb else "ADJ", tag, joined in self._unwanted)
        return None

    def _graded(self, tokens: Tokens, i: int) -> Candidate | None:
        """An adjective and the adverb of degree before it that makes its form, or that finds fault, too."""
        word = tokens[i].lower
        if i + 1 == len(tokens):
            return None
        after = tokens[i + 1].lower
        if word in ("least", "less") and after in evaluation.PRAISING_ADJECTIVES | self._innocent:
            return Candidate(i + 1, 1, after, "ADJ", "JJS" if word == "least" else "JJR", degree=True)
        if word in ("more", "most"):
            found = self._adjective(tokens, i + 1)
            if found and found.part == "ADJ" and found.tag == "JJ":
                return replace(found, tag="JJM")
        if after in classes.DIMENSIONS:
            found = self._adjective(tokens, i)
            if found and found.part == "ADV" and not {word, found.lemma} & classes.AMELIORATED:
                listed = after in self._unwanted
                return Candidate(i + 1, 1, after if listed else found.lemma, "ADJ", "JJ", listed, degree=True)
        return None

    def _hardship(self, tokens: Tokens, i: int) -> Candidate | None:
        """What is said to be hard to use ("hard to open"); not what is hard to beat."""
        after = [token.lower for token in tokens[i + 1 : i + 3]]
        if (
            tokens[i].lower not in classes.HARD
            or after[:1] != ["to"]
            or len(after) < 2
            or "VERB" not in lemmas(after[1])
        ):
            return None
        if after[1] in classes.UNBEATEN:
            return None
        return Candidate(i, 3, "hard to use", "ADJ", "JJ")

    def _excess(self, tokens: Tokens, i: int) -> Candidate | None:
        """ "Too" and a dimension ("too short"), unless it is only too much for something ("too hot to ...")."""
        after = [token.lower for token in tokens[i + 1 : i + 3]]
        if tokens[i].lower != "too" or not after or after[0] not in classes.DIMENSIONS or after[-1] == "to":
            return None
        return Candidate(i, 2, after[0], "ADJ", "JJ", after[0] in self._unwanted, False)

    def _derived(self, tokens: Tokens, i: int) -> Candidate | None:
        """An adjective made of a word of fault ("flappy", "crack-prone") or of praise negated ("unintuitive")."""
        word = tokens[i].lower
        base, tag = degree(word)
        bad = evaluation.FAULTY_VERBS | evaluation.FAULTY_NOUNS
        good = evaluation.PRAISING_ADJECTIVES | self._innocent
        stem = base[:-1].removesuffix("i") if base.endswith("y") else ""
        made = (
            bool(stem)
            and len(stem) > 2
            and bool({stem, stem + "e", stem[:-1] if stem[-2:-1] == stem[-1:] else stem} & bad)
        )
        negative = any(base.startswith(prefix) and base[len(prefix) :] in good for prefix in _NEGATIVE_PREFIXES)
        prone = base.endswith("-prone") and base.removesuffix("-prone") in bad | evaluation.FAULTY_ADJECTIVES
        amiss = base.startswith("mis") and base.endswith("ed") and "VERB" in lemmas(base[3:])
        thin = base.endswith(("-thin", "-prone")) and base != "razor-thin"
        if base in _POSITIVE_PREFIXED or not (made or negative or prone or thin or amiss):
            participle = lemma(word, "VERB") in evaluation.FAULTY_VERBS and word.endswith(("ed", "ing"))
            if not participle or reads_as_verb(tokens, i):
                return None
        return Candidate(i, 1, base, "ADJ", tag, False, False)

    def _adjective(self, tokens: Tokens, i: int) -> Candidate | None:
        word = tokens[i].lower
        base, tag = degree(word)
        listed = bool({word, base} & self._unwanted)
        physical = base in evaluation.PHYSICAL_ADJECTIVES and (listed or base not in _MOSTLY_FACTS)
        if listed or physical or base in evaluation.FAULTY_ADJECTIVES or _is_faulty_compound(word):
            if base in self._innocent and not listed:
                return None
            if "VERB" in lemmas(word) and tag == "JJ" and not word.endswith(("ed", "ing")) and is_infinitive(tokens, i):
                return self._word(tokens, i)
            return Candidate(i, 1, word if word in self._unwanted else base, "ADJ", tag, listed, physical)
        if word.endswith("ly") and word not in classes.NEGATORS:
            for stem in _stems_of_adverb(word):
                listed = stem in self._unwanted
                if listed or stem in evaluation.FAULTY_ADJECTIVES:
                    return Candidate(i, 1, stem, "ADV", "RB", listed, stem in evaluation.PHYSICAL_ADJECTIVES)
        return None

    def _word(self, tokens: Tokens, i: int) -> Candidate | None:
        word = tokens[i].lower
        verb, noun = lemma(word, "VERB"), lemma(word, "NOUN")
        rated = self._rated(word)
        if verb and (verb in evaluation.FAULTY_VERBS or verb in self._unwanted or rated) and reads_as_verb(tokens, i):
            return Candidate(i, 1, verb, "VERB", verb_form(word), verb in self._unwanted, False)
        if (noun and {noun, word} & (evaluation.FAULTY_NOUNS | self._unwanted)) or (rated and noun):
            if in_noun_place(tokens, i):
                tag = "NNS" if is_plural(word) else "NN"
                return Candidate(i, 1, noun or word, "NOUN", tag, noun in self._unwanted, False)
            return None
        if (rated and "ADJ" in lemmas(word)) or (rated and verb and word.endswith(("ed", "ing"))):
            base, tag = degree(word)
            return Candidate(i, 1, base, "ADJ", tag, False, False)
        return None

    def _rated(self, word: str) -> bool:
        return self._valences.get(word, 0.0) <= VALENCE and word not in classes.NO_JUDGEMENT


def _stuck(tokens: Tokens, i: int) -> Candidate | None:
    """A verb that finds fault with some subjects ("the zip sticks"), unless a particle follows ("snaps into place")."""
    word = tokens[i].lower
    verb = lemma(word, "VERB") or ""
    following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    if (
        verb not in classes.STUCK
        or not i
        or following in classes.IN_PLACE
        or _is_in_place(tokens, i)
        or not reads_as_verb(tokens, i)
    ):
        return None
    if not {token.lower for token in tokens[max(0, i - 5) : i]} & classes.STUCK[verb]:
        return None
    return Candidate(i, 1, "jam", "VERB", verb_form(word))


def _is_in_place(tokens: Tokens, i: int) -> bool:
    return [token.lower for token in tokens[i + 1 : i + 3]] == ["in", "place"]


def _lack(tokens: Tokens, i: int) -> Candidate | None:
    """What is said to be missing ("offers no support", "has little grip")."""
    after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    if tokens[i].lower not in ("no", "little", "zero", "minimal") or not i or after not in evaluation.VIRTUES:
        return None
    if verb_lemma(tokens[i - 1]) not in ("offer", "give", "provide", "have", "deliver", "show", "bring"):
        return None
    return Candidate(i, 2, "lack", "NOUN", "NN")


def _simile(tokens: Tokens, i: int) -> Candidate | None:
    """What something is likened to ("feels like a brick", "as graceful as a brick")."""
    before = [token.lower for token in tokens[max(0, i - 5) : i]]
    if {"nothing", "little", "not", "less"} & set(before):
        return None
    if (
        tokens[i].lower not in evaluation.LIKENESSES
        or before[-1:] not in (["a"], ["an"])
        or not {"like", "as"} & set(before)
    ):
        return None
    return Candidate(i, 1, tokens[i].lower, "NOUN", "NN")


def _matched(tokens: Tokens, i: int, words: list[str]) -> int:
    """How many tokens a phrase takes that begins at one; 0 if it does not. Determiners may stand between its words."""
    j = i + 1
    for word in words[1:]:
        while j < len(tokens) and tokens[j].lower != word and tokens[j].lower in _SKIPPED:
            j += 1
        if j == len(tokens) or tokens[j].lower != word:
            return 0
        j += 1
    return j - i


_SKIPPED: Final = frozenset(
    {"its", "their", "your", "you", "the", "all", "everyone", "them", "us", "right", "quickly", "easily", "any", "much"}
)
_NEGATIVE_PREFIXES: Final = ("un", "in", "im", "ir", "dis", "non-", "non", "un-")
_POSITIVE_PREFIXED: Final = frozenset({"invaluable", "unbeatable", "unlike", "inspired", "unreal", "distrust"})
_LOOKS: Final = re.compile(r"(?P<first>[\w']+)-(?:looking|feeling|smelling|sounding|quality|made|fitting|tasting|cut)$")


def _is_faulty_compound(word: str) -> bool:
    found = _LOOKS.match(word)
    if not found:
        return False
    first = found["first"]
    poor = ("ill", "poorly", "badly", "low", "poor", "bad", "foul", "shoddily", "cheaply")
    if word.endswith("-cut"):
        return first in ("ill", "poorly", "badly", "shoddily", "cheaply")  # but "low-cut", "boxy-cut"
    return first in evaluation.FAULTY_ADJECTIVES | evaluation.PHYSICAL_ADJECTIVES or first in poor


def _stems_of_adverb(word: str) -> list[str]:
    stem = word[:-2]
    return [
        stem,
        stem + "le",
        *([stem[:-1] + "y"] if stem.endswith("i") else []),
        *([stem[:-2]] if stem.endswith("al") else []),
    ]
