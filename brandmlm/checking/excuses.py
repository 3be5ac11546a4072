"""Why a word of fault in a sentence speaks ill of nobody of ours."""

from __future__ import annotations

from brandmlm.checking.candidates import Candidate
from brandmlm.checking.english import classes, evaluation
from brandmlm.checking.english.clauses import (
    clause_end,
    clause_start,
    head_of,
    is_adverb,
    linking_verb,
    noun_phrase,
    subject,
    verb_lemma,
)
from brandmlm.checking.english.forms import degree, is_plural, lemma, lemmas, verb_form
from brandmlm.checking.english.subjects import is_service
from brandmlm.checking.english.tokens import MACRO, Token
from brandmlm.checking.situations import Situation

# "Fail further", "Suffer in style": what no reader is told to do.
_IMPERATIVE_FAULTS = (
    frozenset[str]().union(*(evaluation.VERBS[field].faults for field in ("lose", "body", "service")))
    - classes.SHIFTERS
    - classes.ATTACKING
) | {"lose"}


class Reading(Situation):
    """A sentence being judged, word by word."""

    def excuse(self, candidate: Candidate) -> str | None:
        """Why a candidate is no fault; None if it is one."""
        i, tokens = candidate.place, self.tokens
        if self._is_denied(candidate):
            return "denied"
        situation = self._situation(candidate)
        if situation:
            return situation
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

    def _excuse_adjective(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        phrase = noun_phrase(tokens, i) if candidate.size == 1 else []
        verb = linking_verb(tokens, i)
        if phrase and not (verb is not None and not candidate.physical and i == verb + 1 and len(phrase) > 3):
            return self._excuse_attribute(candidate, [token.lower for token in phrase])
        if self._question == "polar" or (
            self._question == "open"
            and (self._first.endswith("ing") or self._first == "which")
            and not self._owners.names_us(tokens, 0, len(tokens))
        ):
            return "question"
        following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        if (candidate.lemma in classes.STATES and following in ("in", "by")) or (
            candidate.lemma in classes.SHADES and self._words.is_neutral(following)
        ):
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
        if candidate.lemma == "worn" and after in ("on", "by", "in", "with", "for", "over", "under", "at", "to"):
            return "fact"
        if verb is None:
            return self._excuse_fragment(candidate)
        return self._excuse_predicate(candidate, verb)

    def _excuse_attribute(self, candidate: Candidate, phrase: list[str]) -> str | None:
        head = phrase[-1]
        if self._words.is_neutral(head) and candidate.lemma in classes.SHADES:
            return "fact"  # "burnt orange"
        i = candidate.place
        before = self._determiner(i)
        if before in classes.YOURS and not self._is_sold(candidate, phrase):
            return "yours"
        if before in classes.YOURS:
            return None
        if candidate.lemma in classes.FITS and head in classes.FIT_NOUNS:
            return "fact"
        if candidate.lemma == "cheap" and head in classes.PRICED:
            return "fact"
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
        at_work = head in ("hand", "hands") and candidate.lemma in evaluation.ADJECTIVES["service"].faults
        named = self._owners.names_us(self.tokens, i, i + len(phrase))  # "the stiff Nike Calm Slide"
        named = named or bool(not i and classes.SINCE.search(self._sentence))
        ours = ours or named
        if self._is_world(head) and not (ours or at_work or self._is_offered(i, len(phrase)) or self._is_said_of_us(i)):
            return "world"
        asked = self._question == "open" and self._first in ("which", "what", "how", "where", "when")
        if asked and not self._owners.names_us(self.tokens, 0, len(self.tokens)):
            return "question"
        superlative = candidate.tag == "JJS" and before == "the"
        served = before == "our" and is_service(head)
        told = superlative or named or served or self._words.is_product(head) or head in classes.PERCEIVED_NOUNS
        if candidate.physical and not told:
            return "fact"
        if (
            candidate.physical
            and not (named or served)
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

    def _is_said_of_us(self, i: int) -> bool:
        """Whether a noun and its attribute are said of a product of ours ("Our app is a tedious way to ...")."""
        tokens, verb = self.tokens, i - 1
        while verb > 0 and (tokens[verb].lower in classes.DETERMINERS or is_adverb(tokens[verb])):
            verb -= 1
        if verb < 1 or verb_lemma(tokens[verb]) not in ("be", "remain", "become", "make"):
            return False
        return self._is_ours(subject(tokens, verb), clause_start(tokens, verb), verb)

    def _is_ours(self, phrase: list[Token], start: int, end: int) -> bool:
        words = [token.lower for token in phrase]
        return self._owners.names_us(self.tokens, start, end) or (
            words[:1] in (["this"], ["these"], ["the"]) and self._words.is_product(head_of(phrase))
        )

    def _is_world(self, head: str) -> bool:
        singular = lemma(head, "NOUN") or head
        return bool({head, singular, head.removesuffix("s")} & classes.WORLD_NOUNS) and not self._words.is_product(head)

    def _is_offered(self, i: int, size: int) -> bool:
        """Whether we offer what the attribute is of, or it is said to be ours behind it."""
        tokens, start = self.tokens, clause_start(self.tokens, i)
        offered = any(verb_lemma(token) in classes.OFFERING for token in tokens[max(start, i - 6) : i])
        end = i + size + 1
        behind = end < len(tokens) and tokens[end].lower in ("for", "of", "at", "from", "in")
        return (
            (offered and self._owners.names_us(tokens, 0, i))
            or (
                start and self._owners.names_us(tokens, max(0, start - 3), start)  # "Nike: mediocre mornings"
            )
            or (behind and self._owners.names_us(tokens, end, min(len(tokens), end + 3)))
        )

    def _is_sold(self, candidate: Candidate, phrase: list[str]) -> bool:
        """Whether what is called "your" has just been bought from us ("your boring order has shipped")."""
        if {"new", "replacement", "next"} & set(phrase[:-1]):
            return True
        glad = bool(classes.GLAD & {token.lower for token in self.tokens[: candidate.place]})
        if candidate.lemma in classes.STATES | classes.MISHAPS and not glad:
            return False
        if classes.DEALINGS & set(phrase) or {"new", "replacement", "next"} & set(phrase):
            return True
        at = candidate.place + len(phrase)
        capital = any(token.text[:1].isupper() for token in self.tokens[at : at + 2])
        named = self._words.is_product(phrase[-1]) or phrase[-1] == MACRO or capital
        after = self.tokens[candidate.place + 1 : clause_end(self.tokens, candidate.place)]
        return named and any(verb_lemma(token) in classes.FULFILMENT for token in after)

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
        after = [token.lower for token in tokens[i + 1 : i + 9]]
        if candidate.lemma == "worn" and (
            after[:1] and (after[0] in classes.PREPOSITIONS or "ADJ" in lemmas(after[0]))
        ):
            return "fact"
        if candidate.lemma in classes.CUTS | {"baggy", "oversized", "slouchy"} and classes.CUTS & set(after):
            return "fact"
        if (
            not i
            and len(tokens) > 1
            and (tokens[1].lower in classes.NEGATORS or verb_lemma(tokens[1]) in ("be", "meet"))
        ):
            return "topic"
        causing = next((j for j in range(i - 1, max(-1, i - 7), -1) if verb_lemma(tokens[j]) in classes.CAUSING), None)
        modal = causing and tokens[causing - 1].lower in ("can", "may", "might", "could")
        if modal and not self._owners.names_us(tokens, clause_start(tokens, i), i):
            return "possibility"
        if causing is not None:
            between = [token.lower for token in tokens[causing + 1 : i]]
            found = verb_lemma(tokens[causing]) in ("find", "call") and bool(between)
            if found and self._owners.names_us(tokens, causing + 1, i):
                return None
            return "world" if found and (between[-1] in classes.WORLD_NOUNS or between[-1].endswith("ing")) else None
        if candidate.physical and not candidate.listed and self._praised_beside(i):
            return "fact"
        if candidate.physical and not (i == clause_start(tokens, i) and i == 0):
            previous = tokens[i - 1].lower if i else ""
            listed = previous in ("and", ",", "too", "so") and i >= 2 and self._words.candidate(tokens, i - 2)
            gapped = i >= 3 and tokens[i - 2].lower in classes.DETERMINERS and tokens[i - 3].lower in ("and", ",")
            if not (listed or gapped):  # "is stiff and the lining rough"
                return "fact"
        if i and tokens[i - 1].lower in ("a", "an", "the", "some") and tokens[i].lower.endswith("ing"):
            return "noun"  # "after a soaking"
        if i and tokens[i - 1].lower in classes.PREPOSITIONS - {"to", "of", "with", "by", "as"}:
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
        own = words[:1] == ["your"] and (
            self._words.is_product(head) or head == MACRO or head in classes.DEALINGS
            or bool({"new", "replacement", "next"} & set(words))
        )  # fmt: skip
        if words == ["it"] and candidate.lemma in classes.WEATHER and self._is_of_weather(verb):
            return "weather"
        if self._is_readers(words) and not own:
            ahead = {token.lower for token in tokens[max(0, verb - 3) : verb]}
            if any(verb_lemma(token) in classes.CAUSING for token in tokens[max(0, verb - 3) : verb]):
                return None  # "makes you look frumpy"
            return None if ahead & {"will", "you'll", "'ll"} else "yours"
        start = clause_start(tokens, verb)
        caused = next((j for j in range(verb - 1, start, -1) if verb_lemma(tokens[j]) in classes.CAUSING), verb)
        about_us = self._owners.names_us(tokens, start, caused) or self._owners.names_us(
            tokens, verb - len(phrase), verb
        )
        made = caused < verb and verb_lemma(tokens[caused]) == "make" and head_of(subject(tokens, caused))
        about_us = about_us or bool(made and made not in classes.WORLD_NOUNS)  # "the shoe makes race day feel ..."
        if head in classes.WORLD_NOUNS and not self._words.is_product(head) and not about_us and not own:
            return "world"
        modal = any(tokens[j].lower in ("can", "may", "might", "could") for j in range(max(0, verb - 2), verb))
        if modal and not self._owners.names_us(tokens, clause_start(tokens, verb), verb):
            return "possibility"
        if candidate.physical and not candidate.listed and self._praised_beside(candidate.place):
            return "fact"
        return None

    def _is_of_weather(self, verb: int) -> bool:
        before = {token.lower for token in self.tokens[max(0, verb - 4) : verb]}
        return bool(before & {"when", "whenever", "if", "while", "until", "even", "though", "once", "because", "as"})

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
        if candidate.lemma in classes.DISLIKING and after[:1] == ["by"]:
            return None
        if candidate.lemma in classes.DISLIKING:
            own = any(
                word in ("our", "this", "these", "it", "them") or self._words.is_product(word) for word in after[:4]
            )
            return None if own or self._owners.names_us(tokens, i, min(len(tokens), i + 5)) else "dislike"
        if candidate.tag == "VB" and i == clause_start(tokens, i) and candidate.lemma not in _IMPERATIVE_FAULTS:
            return "instruction"
        spoils = after[:1] in (["your"], ["you"]) and self._words.is_product(head_of(subject(tokens, i)))
        if candidate.lemma in classes.ATTACKING and _takes_object(after) and not spoils:
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
            ahead = {token.lower for token in tokens[max(0, i - 2) : i]}
            return None if harms or ahead & {"will", "you'll"} else "yours"
        head = head_of(phrase)
        activity = bool(words) and words[-1].endswith("ing") and not set(words) & classes.DETERMINERS
        named = self._owners.names_us(tokens, max(clause_start(tokens, i), i - len(words)), i)
        if (activity and not named and not self._words.is_product(words[-1])) or words[-2:] == ["where", "it"]:
            return "world"
        if words and words[0] in ("they", "it") and not self._owners.names_us(tokens, 0, i):
            first = next(j for j, token in enumerate(tokens) if token is phrase[0])
            head = next((token.lower for token in reversed(tokens[:first]) if "NOUN" in lemmas(token.lower)), head)
        if head in classes.WORLD_NOUNS and not named and not self._words.is_product(head):
            return "world"
        if self._words.names_fault(head):
            return "general"  # "Pain fades."
        before = tokens[clause_start(tokens, i) : i]
        modal = any(token.lower in ("can", "may", "might", "could") for token in before[-2:]) or any(
            verb_lemma(token) == "cause" for token in before
        )
        if modal and not self._owners.names_us(tokens, clause_start(tokens, i), i):
            return "possibility"
        return None

    def _excuse_noun(self, candidate: Candidate) -> str | None:
        i, tokens = candidate.place, self.tokens
        if self._question != "no":
            return "question"
        if candidate.lemma in classes.AMELIORATED and not candidate.listed:
            return "ameliorated"
        if self._determiner(i) in classes.YOURS:
            return "yours"
        if any(
            token.lower in ("through", "past", "beyond", "behind", "from", "against", "over")
            for token in tokens[max(0, i - 3) : i]
        ):
            return "removal"
        if any(verb_lemma(token) in classes.REMOVING for token in tokens[max(0, i - 4) : i]):
            return "removal"
        described = {token.lower for token in tokens[max(0, i - 5) : i]}
        if not i and tokens[1:2] and verb_form(tokens[1].lower) == "VBZ" and "VERB" in lemmas(tokens[1].lower):
            return "general"  # "Pain fades."
        if classes.DESCRIPTIONS & described and {"of", "with", "where", "showing"} & described:
            return "report"
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
        if (
            "ADJ" in lemmas(after)
            and after not in classes.PREPOSITIONS
            and not after.endswith(("ed", "made", "cut", "sewn", "built", "knit"))
        ):
            return "intensifier"
        if self._question == "polar":
            return "question"
        first = tokens[clause_start(tokens, i)].lower
        orders = "VERB" in lemmas(first) and verb_form(first) == "VB" and not self._owners.names_us(tokens, 0, i)
        return "instruction" if orders else None


def _takes_object(after: list[str]) -> bool:
    return bool(after) and (
        after[0] in classes.DETERMINERS or after[0] in ("through", "past") or bool(lemmas(after[0]).keys() & {"NOUN"})
    )
