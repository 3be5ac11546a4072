"""What excuses a word of fault whatever its part of speech: denials, complaints, names, set phrases, routine."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from brandmlm.checking.candidates import Candidate, FaultWords
from brandmlm.checking.english import classes, evaluation
from brandmlm.checking.english.clauses import (
    clause_end,
    clause_start,
    in_list,
    negated,
    verb_lemma,
)
from brandmlm.checking.english.forms import degree, lemmas, verb_form
from brandmlm.checking.english.ownership import Owners
from brandmlm.checking.english.tokens import tokenize


class Situation:
    """A sentence being judged, and what is going on in it."""

    def __init__(self, words: FaultWords, owners: Owners, sentence: str) -> None:
        self._words = words
        self._owners = owners
        self._sentence = sentence
        self.tokens = tokenize(sentence)

    def _is_denied(self, candidate: Candidate) -> bool:
        i, tokens = candidate.first, self.tokens
        if candidate.lemma == "wrong" and [token.lower for token in tokens[i + 1 : i + 3]] in (
            ["to", "call"],
            ["to", "say"],
        ):
            return True
        if self._sentence.rstrip("\"'”’) ").endswith("?") and classes.DOUBTED.match(self._sentence):
            return True  # "Who said light has to be flimsy?"
        if not negated(tokens, i, finite=candidate.part == "VERB" and candidate.tag == "VBZ"):
            return False
        if self._question != "no" and classes.AFFIRMED.match(self._sentence):
            return False  # "Who wouldn't want a jersey this drab?"
        start = clause_start(tokens, i)
        hater = next((j for j in range(start, i) if verb_lemma(tokens[j]) in classes.DISLIKING | {"dread"}), None)
        if hater is None or negated(tokens, hater):
            return True
        return not self._owners.names_us(tokens, hater + 1, clause_end(tokens, i))  # "you will hate our bulky ..."

    def _is_complaint(self, i: int) -> bool:
        start, place = self.tokens[self._segment(i)].start, self.tokens[i]
        before = self._sentence[start : place.end]
        apology = classes.APOLOGIES.search(self._sentence[start:])
        return bool(
            (apology and start + apology.start() <= place.start)
            or classes.CUSTOMER_REPORTS.search(before)
            or (classes.AFTER_APOLOGY.search(self._sentence, place.end) and "our" not in before.lower().split())
        )

    def _situation(self, candidate: Candidate) -> str | None:
        """Why a word is no fault whatever its part of speech: a name, a set phrase, an opposite, a repaired fault."""
        i, tokens = candidate.place, self.tokens
        word = tokens[i]
        after = [token.lower for token in tokens[i + candidate.size : i + candidate.size + 9]]
        if i and word.text[:1].isupper() and not self._is_title and not tokens[i - 1].is_strong_mark:
            follows = tokens[i + 1].text if i + 1 < len(tokens) else ""
            if not candidate.listed or (follows[:1].isupper() and not self._owners.names_us(tokens, i + 1, i + 2)):
                return "name"
        if (
            after[:1] == ["in"]
            and candidate.size == 1
            and word.lower in ("broken", "worn", "break", "breaking", "wear", "wearing")
        ):
            return "set phrase"
        if candidate.lemma in classes.WEARIED and after[:1] and after[0] in ("of", "with", "by", "about"):
            return "reader"
        near = {token.lower for token in tokens[max(0, i - 8) : i + 9]}
        if {"or", "and"} & near and any(word.lower in pair and pair <= near for pair in classes.OPPOSITES):
            return "options"
        if i and tokens[i - 1].lower == "from" and word.lower.endswith("ing"):
            return "prevented"
        ours = self._owners.names_us(tokens, clause_start(tokens, i), i)
        repaired = next((j for j, each in enumerate(after) if each in classes.REPAIRED), None)
        if repaired and not ours and after[repaired - 1] in ("is", "are", "be", "been", "were", "was", "get", "gets"):
            return "repaired"
        if classes.PERSONS & {token.lower for token in tokens[clause_start(tokens, i) : i]} and not ours:
            return "person"
        if not i and word.lower.endswith("ing") and len(tokens) > 1 and verb_form(tokens[1].lower) == "VBZ":
            return "activity"
        return "question" if self._asks_of_problem else self._routine(candidate, after)

    def _is_urged(self) -> bool:
        """Whether the question is why one should bear something ("Why suffer in stiff boots?")."""
        second = self.tokens[1].lower if len(self.tokens) > 1 else ""
        return self._first == "why" and verb_form(second) == "VB" and second not in classes.URGED

    def _routine(self, candidate: Candidate, after: list[str]) -> str | None:
        """Why a word belongs to a service's routine: care, warnings, returns, forms, notices, labels."""
        i, tokens, base = candidate.place, self.tokens, candidate.lemma
        start = clause_start(tokens, i)
        first = tokens[start].lower
        every = {verb_lemma(token) for token in tokens} | {token.lower for token in tokens}
        if self._is_quoted(candidate):
            return "quoted"
        if classes.FIXES.match(self._sentence):
            return "repaired"
        previous = [token.lower for token in tokens[max(0, i - 2) : i]]
        if previous[-1:] and previous[-1] in classes.TRANSACTIONS:
            return "notice"
        if ("it's" in previous or previous == ["it", "is"]) and after[:1] and after[0] in ("when", "if", "that", "how"):
            return "general"
        if previous == ["get"] and base in classes.DARED:
            return "dare"
        asked = [token.lower for token in tokens[start : start + 2]]
        if candidate.part == "NOUN" and classes.DESCRIBING & set(asked) and i - start <= 4:
            return "report"
        if first in classes.CARING and i - start <= 4 and not self._owners.names_us(tokens, start, i):
            return "care"
        reason = any(
            token.lower in ("as", "because", "since", "or", "this", "which", "can") for token in tokens[start:i]
        )
        if self._first in classes.WARNINGS and (reason or start) and not self._owners.names_us(tokens, 0, i):
            return "warning"
        if base in classes.AGEING_STYLE and (classes.AGEING_SIGNS - {base}) & every:
            return "fact"
        if {"goodbye", "farewell"} & set(after[:5]) or after[:2] == ["out", "of"] or self._is_removed(candidate):
            return "removal"
        goods = bool(classes.GOODS & {token.lower for token in tokens[start:i]})
        mishap = base in classes.STATES | classes.MISHAPS | classes.FORM_STATES
        if (mishap or (goods and candidate.part == "ADJ")) and classes.RETURNING & every:
            return None if classes.GLAD & every or "our" in every else "returns"
        around = tokens[max(0, i - 4) : i + 5]
        if base in classes.SHADES and any(self._words.is_neutral(token.lower) for token in around):
            return "fact"  # "smoke grey and dusty cactus"
        if base in classes.FORM_STATES | classes.MISHAPS and classes.FORM_NOUNS & set(after[:1]):
            return "form"
        if base in classes.MISHAPS and classes.CAUSES.search(self._sentence):
            return "notice"
        if base in classes.INTENSIFYING and after[:1] and degree(after[0])[0] in evaluation.PRAISING_ADJECTIVES:
            return "intensifier"
        if base in classes.AMELIORATED and re.search("[🔥😍💯🤩🙌]", self._sentence):
            return "slang"
        return "world" if not start and classes.BRINGING_ON.search(self._sentence, tokens[i].end) else None

    def _is_removed(self, candidate: Candidate) -> bool:
        """Whether a fault is kept out, beaten, lost, or bitten into by the grip of a sole."""
        i, tokens = candidate.place, self.tokens
        start, end = clause_start(tokens, i), clause_end(tokens, i)
        after = [token.lower for token in tokens[candidate.end : end]]
        before = [verb_lemma(token) for token in tokens[start:i]]
        held = next((j for j, word in enumerate(before) if word in classes.HOLDING), None)
        if held is not None and (set(after) & classes.AWAY or any(map(" ".join(after).__contains__, classes.AT_BAY))):
            return True
        first = next((word for word in before if word not in ("and", "to", "help", "helps")), "")
        if first in classes.ATTACKING | classes.REMOVING and all(
            "NOUN" in lemmas(token.lower) or "ADJ" in lemmas(token.lower) or token.lower in classes.JOINING
            for token in tokens[start + 1 : i]
        ):
            return not self._owners.names_us(tokens, start, i)
        if candidate.lemma in classes.BITING | {"shed"}:
            return bool((classes.GROUND | {"it", "water", "rain", "sweat", "moisture"}) & set(after[:4]))
        if candidate.lemma == "regret" and after[:1] in (["not"], ["missing"]):
            return True
        if candidate.lemma == "lose" and candidate.part == "VERB":
            return bool(after) and bool(classes.BALLAST & set(after[:3]))
        return False

    def _is_quoted(self, candidate: Candidate) -> bool:
        """Whether a word is in a short quotation, of a label or of somebody else's."""
        place = self.tokens[candidate.place]
        quotations = re.finditer(r"(?<!\w)[\"“'‘]([^\"“”'‘’]{1,40})[\"”'’](?!\w)", self._sentence)
        return any(found.start() < place.start < found.end() and len(found[1].split()) <= 3 for found in quotations)

    @cached_property
    def _is_title(self) -> bool:
        """Whether the words begin with capitals throughout, so that these mark no names."""
        small = classes.DETERMINERS | classes.PREPOSITIONS | classes.COORDINATORS
        words = [token.text for token in self.tokens if token.is_word and token.lower not in small]
        return 10 * sum(word[0].isupper() for word in words) > 7 * len(words)

    @cached_property
    def _asks_of_problem(self) -> bool:
        """Whether the sentence is a question without a verb, of a trouble that is then solved ("Smelly socks?")."""
        words = [token.lower for token in self.tokens if token.is_word]
        return (
            self._question == "open"
            and len(words) <= 9
            and (self._first not in classes.LONGING or self._is_urged())
            and not set(words) & classes.AUXILIARIES
            and not self._owners.names_us(self.tokens, 0, len(self.tokens))
        )

    def _segment(self, i: int) -> int:
        """The first token of a word's part of the sentence: after a strong mark, or a comma and a clause of ours."""
        for j in range(i - 1, -1, -1):
            word = self.tokens[j].lower
            if word in ";:—–.!?…":
                opening = classes.OPENING.match(self._sentence[: self.tokens[j].start])
                return 0 if opening else j + 1
            if j == 1 and word == "," and self.tokens[0].lower in ("sorry", "apologies"):
                return 0
            after = [token.lower for token in self.tokens[j + 1 : j + 3]]
            if word == "," and (
                (after[:1] and after[0] in classes.OURS)
                or (after[0] in ("and", "but", "so") and after[-1] in classes.OURS)
            ):
                return j + 1
        return 0

    def _in_condition(self, i: int) -> bool:
        start = clause_start(self.tokens, i)
        if (
            self._first in ("should", "were", "had")
            and self._question == "no"
            and any(token.lower == "," for token in self.tokens[i:])
        ):
            return True  # "Should a seam come loose, ..."
        for j in range(i - 1, start - 1, -1):
            word = self.tokens[j].lower
            if word == "," and not (j and (self._words.candidate(self.tokens, j - 1)) and in_list(self.tokens, j, i)):
                return False
            wears = word in ("when", "once", "before", "until") and any(
                verb_lemma(token) in classes.BECOMING for token in self.tokens[j + 1 : i]
            )
            if wears and not self._owners.names_us(self.tokens, j, i):
                return True
            if word in ("if", "unless", "whether", "whenever", "however", "till", "until") or (
                word == "case" and j and self.tokens[j - 1].lower == "in"
            ):
                return not self._owners.names_us(self.tokens, j, i)
        return False

    @cached_property
    def _first(self) -> str:
        return next((token.lower for token in self.tokens if token.is_word), "")

    @cached_property
    def _question(self) -> Literal["no", "polar", "open"]:
        if not self._sentence.rstrip("\"'”’)").endswith("?"):
            return "no"
        first = self._first
        own = any(token.lower in ("i", "my", "me", "i've", "i'm") for token in self.tokens)
        auxiliary = first in classes.AUXILIARIES or first.removesuffix("n't") in classes.AUXILIARIES
        return "polar" if auxiliary or own or first in ("ever", "anyone", "any") else "open"
