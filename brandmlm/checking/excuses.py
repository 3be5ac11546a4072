"""Why a word of fault in a sentence speaks ill of nobody of ours."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from brandmlm.checking.candidates import Candidate, FaultWords
from brandmlm.checking.english import classes, evaluation
from brandmlm.checking.english.clauses import (
    clause_end,
    clause_start,
    head_of,
    is_adverb,
    linking_verb,
    negated,
    noun_phrase,
    subject,
    verb_lemma,
)
from brandmlm.checking.english.forms import degree, is_plural, lemmas
from brandmlm.checking.english.ownership import Owners
from brandmlm.checking.english.tokens import MACRO, tokenize

# "Fail further", "Suffer in style": what no reader is told to do.
_IMPERATIVE_FAULTS = evaluation.VERBS["lose"].faults | evaluation.VERBS["body"].faults


class Reading:
    """A sentence being judged."""

    def __init__(self, words: FaultWords, owners: Owners, sentence: str) -> None:
        self._words = words
        self._owners = owners
        self._sentence = sentence
        self.tokens = tokenize(sentence)

    def excuse(self, candidate: Candidate) -> str | None:
        """Why a candidate is no fault; None if it is one."""
        i, tokens = candidate.place, self.tokens
        if negated(tokens, i):
            return "denied"
        if self._is_complaint(i):
            return "complaint"
        owner = self._owners.owner(tokens, i)
        if owner == "theirs":
            return "rival"
        if self._in_condition(i):
            return "condition"
        if candidate.part == "ADJ":
            return self._excuse_adjective(candidate)
        if candidate.part == "VERB":
            return self._excuse_verb(candidate)
        if candidate.part == "NOUN":
            return self._excuse_noun(candidate)
        return self._excuse_adverb(candidate)

    def _is_complaint(self, i: int) -> bool:
        start = self._segment(i)
        before = self._sentence[self.tokens[start].start : self.tokens[i].end]
        return bool(classes.APOLOGIES.search(before) or classes.CUSTOMER_REPORTS.search(before))

    def _segment(self, i: int) -> int:
        """The first token of a word's part of the sentence: after a strong mark, or a comma and a clause of ours."""
        for j in range(i - 1, -1, -1):
            word = self.tokens[j].lower
            if word in ";:—–.!?…":
                return j + 1
            after = [token.lower for token in self.tokens[j + 1 : j + 3]]
            if word == "," and (
                (after[:1] and after[0] in classes.OURS)
                or (after[0] in ("and", "but", "so") and after[-1] in classes.OURS)
            ):
                return j + 1
        return 0

    def _in_condition(self, i: int) -> bool:
        start = clause_start(self.tokens, i)
        for j in range(i - 1, start - 1, -1):
            word = self.tokens[j].lower
            if word == ",":
                return False
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

    def _excuse_adjective(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        phrase = noun_phrase(tokens, i) if candidate.size == 1 else []
        verb = linking_verb(tokens, i)
        if phrase and not (verb is not None and not candidate.physical and i == verb + 1 and len(phrase) > 3):
            return self._excuse_attribute(candidate, [token.lower for token in phrase])
        if self._question == "polar" or (
            self._question == "open"
            and self._first.endswith("ing")
            and not self._owners.names_us(tokens, 0, len(tokens))
        ):
            return "question"
        following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        if (candidate.lemma in classes.STATES and following in ("in", "by")) or self._words.is_neutral(following):
            return "fact"  # "broken in", "worn by", "dusty pink"
        if (
            candidate.size == 1
            and i + 1 < len(tokens)
            and is_adverb(tokens[i])
            and "ADJ" in lemmas(tokens[i + 1].lower)
        ):
            return "intensifier"
        after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        if after == {"cheap": "to"}.get(candidate.lemma, "enough") and (candidate.physical or after == "to"):
            return "fact"  # "cheap to post", "thin enough to fold"
        if verb is None:
            return self._excuse_fragment(candidate)
        return self._excuse_predicate(candidate, verb)

    def _excuse_attribute(self, candidate: Candidate, phrase: list[str]) -> str | None:
        head = phrase[-1]
        if self._words.is_neutral(head) and not candidate.listed:
            return "fact"  # "burnt orange"
        i = candidate.place
        before = self._determiner(i)
        if before in classes.YOURS:
            return "yours"
        after = self.tokens[i + len(phrase) + 1].lower if i + len(phrase) + 1 < len(self.tokens) else ""
        if before in ("a", "an") and (
            after in ("can", "may", "might") or (candidate.physical and candidate.tag == "JJR")
        ):
            return "possibility"
        if candidate.physical and not before and i and self.tokens[i - 1].lower == "even":
            return "fact"
        ours = before == "our" or self._words.is_product(head)
        if not before and is_plural(head) and candidate.lemma in classes.STATES:
            return "state"
        if head in classes.WORLD_NOUNS and not self._words.is_product(head):
            return "world"
        asked = self._question == "open" and self._first in ("which", "what", "how", "where", "when")
        if asked and not self._owners.names_us(self.tokens, 0, len(self.tokens)):
            return "question"
        if candidate.physical and not (self._words.is_product(head) or head in classes.PERCEIVED_NOUNS):
            return "fact"
        if (
            candidate.physical
            and len(phrase) > 1
            and not self._words.is_product(phrase[0])
            and phrase[0] not in classes.PERCEIVED_NOUNS
        ):
            return "fact"
        if not candidate.listed and candidate.lemma in classes.AMELIORATED and not ours:
            return "ameliorated"
        if self._question == "polar" and not ours:
            return "question"
        return None

    def _determiner(self, i: int) -> str:
        """The determiner of an adjective's noun phrase."""
        for j in range(i - 1, max(-1, i - 6), -1):
            word = self.tokens[j].lower
            if word in classes.DETERMINERS:
                return word
            if (
                word in classes.PREPOSITIONS
                or (not self.tokens[j].is_word and word != ",")
                or word in classes.AUXILIARIES
            ):
                break
        return ""

    def _excuse_fragment(self, candidate: Candidate) -> str | None:
        """A predicative adjective without a linking verb: a headline, a list, the object of a verb."""
        i, tokens = candidate.place, self.tokens
        if (
            not i
            and len(tokens) > 1
            and (tokens[1].lower in classes.NEGATORS or verb_lemma(tokens[1]) in ("be", "meet"))
        ):
            return "topic"
        causing = next((j for j in range(i - 1, max(-1, i - 7), -1) if verb_lemma(tokens[j]) in classes.CAUSING), None)
        if causing is not None:
            between = [token.lower for token in tokens[causing + 1 : i]]
            found = verb_lemma(tokens[causing]) in ("find", "call") and bool(between)
            return "world" if found and (between[-1] in classes.WORLD_NOUNS or between[-1].endswith("ing")) else None
        if candidate.physical and not candidate.listed and self._praised_beside(i):
            return "fact"
        if candidate.physical and not (i == clause_start(tokens, i) and i == 0):
            previous = tokens[i - 1].lower if i else ""
            if not (previous in ("and", ",", "too", "so") and i >= 2 and self._words.candidate(tokens, i - 2)):
                return "fact"
        if i and tokens[i - 1].lower in classes.DETERMINERS and tokens[i].lower.endswith("ing"):
            return "noun"  # "after a soaking"
        if i and tokens[i - 1].lower in classes.PREPOSITIONS - {"to", "of", "with", "by"}:
            return "fact"
        return None

    def _praised_beside(self, i: int) -> bool:
        """Whether the next adjective of a list is one of praise ("thin, flexible and quick to dry")."""
        after = [token.lower for token in self.tokens[i + 1 : i + 3]]
        return (
            len(after) == 2
            and after[0] in (",", "and", "but", "yet")
            and degree(after[1])[0] in evaluation.PRAISING_ADJECTIVES
        )

    def _excuse_predicate(self, candidate: Candidate, verb: int) -> str | None:
        tokens = self.tokens
        phrase = subject(tokens, verb)
        words = [token.lower for token in phrase]
        head = head_of(phrase)
        own = words[:1] == ["your"] and (self._words.is_product(head) or head == MACRO)
        if self._is_readers(words) and not own:
            ahead = {token.lower for token in tokens[max(0, verb - 3) : verb]}
            if any(verb_lemma(token) in classes.CAUSING for token in tokens[max(0, verb - 3) : verb]):
                return None  # "makes you look frumpy"
            return None if ahead & {"will", "you'll", "'ll"} else "yours"
        if head in classes.WORLD_NOUNS and not self._words.is_product(head) and "our" not in words:
            return "world"
        modal = any(tokens[j].lower in ("can", "may", "might", "could") for j in range(max(0, verb - 2), verb))
        if modal and not self._owners.names_us(tokens, clause_start(tokens, verb), verb):
            return "possibility"
        if candidate.physical and not candidate.listed and self._praised_beside(candidate.place):
            return "fact"
        return None

    @staticmethod
    def _is_readers(words: list[str]) -> bool:
        return bool(words) and (words[-1] in classes.YOURS or words[0] in ("your", "my", "i", "you"))

    def _excuse_verb(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        if self._question == "polar" or (
            self._question == "open" and not self._owners.names_us(tokens, 0, len(tokens)) and not subject(tokens, i)
        ):
            return "question"
        after = [token.lower for token in tokens[i + candidate.size : i + candidate.size + 5]]
        if (
            [token.lower for token in tokens[max(0, i - 1) : i]] == ["to"]
            and i > 2
            and tokens[0].lower.startswith("it")
        ):
            return "general"  # "it's okay to fail"
        if candidate.lemma in classes.DISLIKING:
            own = any(
                word in ("our", "this", "these", "it", "them") or self._words.is_product(word) for word in after[:4]
            )
            return None if own or self._owners.names_us(tokens, i, min(len(tokens), i + 5)) else "dislike"
        if candidate.tag == "VB" and i == clause_start(tokens, i) and candidate.lemma not in _IMPERATIVE_FAULTS:
            return "instruction"
        if candidate.lemma in classes.ATTACKING and _takes_object(after):
            return "attack"
        if candidate.lemma in classes.SHIFTERS and any(
            self._words.candidate(tokens, j) or tokens[j].lower in classes.WORLD_NOUNS
            for j in range(i + 1, min(len(tokens), i + 4))
        ):
            return "removal"
        phrase = subject(tokens, i)
        words = [token.lower for token in phrase]
        if self._is_readers(words):
            harms = head_of(phrase) in classes.WORLD_NOUNS and self._owners.names_us(tokens, i, clause_end(tokens, i))
            return None if harms else "yours"
        head = head_of(phrase)
        activity = bool(words) and words[-1].endswith("ing") and not set(words) & classes.DETERMINERS
        if (activity and not self._words.is_product(words[-1])) or words[-2:] == ["where", "it"]:
            return "world"
        if words and words[0] in ("they", "it") and not self._owners.names_us(tokens, 0, i):
            first = next(j for j, token in enumerate(tokens) if token is phrase[0])
            head = next((token.lower for token in reversed(tokens[:first]) if "NOUN" in lemmas(token.lower)), head)
        if head in classes.WORLD_NOUNS and not self._words.is_product(head):
            return "world"
        modal = any(tokens[j].lower in ("can", "may", "might", "could") for j in range(max(0, i - 2), i))
        if modal and not self._owners.names_us(tokens, clause_start(tokens, i), i):
            return "possibility"
        return None

    def _excuse_noun(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        if self._question != "no":
            return "question"
        if self._determiner(i) in classes.YOURS:
            return "yours"
        if any(
            token.lower in ("through", "past", "beyond", "behind", "from", "against", "over")
            for token in tokens[max(0, i - 3) : i]
        ):
            return "removal"
        if any(verb_lemma(token) in classes.REMOVING for token in tokens[max(0, i - 4) : i]):
            return "removal"
        after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        if after in ("is", "are", "can", "may", "happen", "happens") and not self._owners.names_us(tokens, 0, i):
            return "general"
        return None

    def _excuse_adverb(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        if i == clause_start(tokens, i) and after == ",":
            return "comment"  # "Sadly, ..."
        if after in classes.DIMENSIONS and not {candidate.lemma, tokens[i].lower} & classes.AMELIORATED:
            return None  # "unbearably hot"
        if "ADJ" in lemmas(after) and not after.endswith(("ed", "made", "cut", "sewn", "built", "knit")):
            return "intensifier"
        if self._question == "polar":
            return "question"
        return None


def _takes_object(after: list[str]) -> bool:
    return bool(after) and (
        after[0] in classes.DETERMINERS or after[0] in ("through", "past") or bool(lemmas(after[0]).keys() & {"NOUN"})
    )
