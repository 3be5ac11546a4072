"""Words that could take the place of a fault: those that v2 finds likely there, in the form that the place needs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import inflect as inflection
import torch

from brandmlm.checking.english import evaluation
from brandmlm.checking.judge import Fault, Judge
from brandmlm.checking.praise import COUNTED, Form, in_form, lists_of, make_form, praise_for
from brandmlm.checking.sentences import Sentence
from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.modeling.predictor import Predictor

MOST: Final = 5

# Weights, in nats: of a logistic regression, on the sentences of bench/copy, of whether their writers accept a word.
FITS: Final = 0.2  # of how much likelier v2 finds a word here than anywhere
CONTRARY: Final = 4.8  # of a contrary of the fault
PRAISE_OF_KIND: Final = 3.5  # of praise for things of this kind
LATER: Final = 1.2  # less for those later in their list, by the logarithm of the place
ALIKE: Final = 2.0  # less, by the cosine, for a word like one that is proposed already: another reading may be right

_ARTICLE: Final = re.compile(r"\b(a|an)\s+$", re.IGNORECASE)
# Where any word may be: what is likely here says nothing of a place.
_ANYWHERE: Final = (
    "It is [MASK].", "These are [MASK].", "They [MASK] every day.", "Our [MASK] range is here.", "We offer [MASK].",
)  # fmt: skip
AROUND: Final = 400  # characters before and after a fault that the model reads


@dataclass(frozen=True)
class Answer:
    """What v2 says of a place.

    Attributes:
        words: at most `MOST` proposals, best first, as they would be in the sentence.
        rank: how many tokens v2 finds likelier than the word that is there; None if that is no single token.
    """

    words: list[str]
    rank: int | None


class Proposer:
    """Proposes words with a brand's lexicon and its model."""

    def __init__(self, lexicon: Lexicon, judge: Judge, predictor: Predictor) -> None:
        self._predictor = predictor
        self._judge = judge
        self._english = lexicon.language == "en"
        self._wanted = {word.lower() for word in lexicon.wanted.all if " " not in word}
        self._unwanted = {word.lower() for word in lexicon.unwanted.all}
        self._article = inflection.engine()
        self._forms: dict[str, Form] = {}
        self._prior = self._log_probabilities(_ANYWHERE).mean(0)

    def propose(self, places: Sequence[tuple[Sentence, Fault]]) -> list[Answer]:
        """What v2 says of each place."""
        if not places:
            return []
        logs = self._log_probabilities([_masked(sentence, fault) for sentence, fault in places])
        answers = []
        for row, (sentence, fault) in zip(logs, places, strict=True):
            ids = self._predictor.vocabulary.mask_ids(sentence.text[fault.start : fault.end].lower())
            rank = int((row > row[ids].max()).sum()) if ids else None
            answers.append(Answer(self._best(row, sentence, fault), rank))
        return answers

    def _log_probabilities(self, sentences: Sequence[str]) -> torch.Tensor:
        return self._predictor.probabilities(sentences).clamp_min(1e-12).log()

    def _best(self, row: torch.Tensor, sentence: Sentence, fault: Fault) -> list[str]:
        before = _ARTICLE.search(sentence.text[: fault.start]) if self._english else None
        if before and fault.tag == "NN":
            fault = replace(fault, tag=COUNTED)
        form = self._form(fault.tag if self._english else "JJ")
        score = FITS * form.log_probabilities(row - self._prior)
        if self._english:
            contraries, of_kind = praise_for(sentence.text, fault)
            score += form.bonus(CONTRARY, LATER, contraries)
            score += form.bonus(PRAISE_OF_KIND, LATER, of_kind)
        place = sentence.text[fault.start : fault.end]
        present = {word.lower for word in sentence.words}
        found: list[str] = []
        for _ in form.words:
            index = int(score.argmax())
            word = form.words[index]
            score[index] = -math.inf
            if word in present or (before and self._article.a(word).split()[0] != before[1].lower()):
                continue
            found.append(_in_case(word, place))
            if len(found) == MOST:
                break
            score -= ALIKE * form.alike[index]
        return found

    def _form(self, tag: str) -> Form:
        if tag not in self._forms:
            lists = lists_of(tag) if self._english else []
            listed = frozenset[str]().union(*lists)
            words: dict[str, str] = {}
            for base in sorted(listed | self._unlisted(tag)):
                word = in_form(base, tag) if self._english else base
                if word is not None and not self._is_bad(word, base, base in listed):
                    words.setdefault(word, base)
            self._forms[tag] = make_form(self._predictor, words, lists)
        return self._forms[tag]

    def _unlisted(self, tag: str) -> frozenset[str] | set[str]:
        """Praise that is in no list of a property."""
        if not self._english:
            return self._wanted
        if tag.startswith(("VB", "NN")) or tag == "RB":
            return set()
        return {word for word in evaluation.PRAISING_ADJECTIVES if "-" not in word} | self._wanted

    def _is_bad(self, word: str, base: str, listed: bool) -> bool:
        """Whether a word must not be proposed; one that a list praises may have a bad sense elsewhere ("tough")."""
        if listed and not {word, base} & self._unwanted:
            return bool(self._judge.faults(f"It is {word}."))
        return self._judge.is_bad(word) or self._judge.is_bad(base)


def _masked(sentence: Sentence, fault: Fault) -> str:
    """The sentence with a mask in place of the fault; of a long one, what is around it."""
    start = max(0, fault.start - AROUND)
    end = min(len(sentence.text), fault.end + AROUND)
    part = Sentence(sentence.text[start:end], 0)
    return part.with_mask(fault.start - start, fault.end - start, MASK)


def _in_case(word: str, place: str) -> str:
    """A word in the case of the one whose place it takes."""
    if len(place) > 1 and place.isupper():
        return word.upper()
    return word.capitalize() if place[:1].isupper() else word
