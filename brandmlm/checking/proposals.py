"""Words that could take the place of a fault: those that v2 finds likely there, in the form that the place needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import inflect as inflection
import torch

from brandmlm.checking.english import evaluation
from brandmlm.checking.english.forms import degree, inflect
from brandmlm.checking.judge import Fault, Judge
from brandmlm.checking.sentences import Sentence
from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.modeling.predictor import Predictor

MOST: Final = 5

# Weights, in nats, chosen on the development sentences of bench/copy.
FIELD_BONUS: Final = 8.0  # for a contrary of the fault
WANTED_BONUS: Final = 0.7  # for a word that the lexicon lists as wanted
CONTRAST_WEIGHT: Final = 0.4  # of the word's likelihood as the fault's contrary ("not stiff but ...")
PRIOR_WEIGHT: Final = 0.2  # of its likelihood anywhere: a word that fits everywhere says little

_ARTICLE: Final = re.compile(r"\b(a|an)\s+$", re.IGNORECASE)
# Where any word may be: what is likely here says nothing of a place.
_ANYWHERE: Final = (
    "It is [MASK].", "These are [MASK].", "They [MASK] every day.", "Our [MASK] range is here.", "We offer [MASK].",
)  # fmt: skip
AROUND: Final = 400  # characters before and after a fault that the model reads
CONTRASTS_KEPT: Final = 2000  # faults whose contraries are remembered


@dataclass(frozen=True)
class Form:
    """Proposals of one part of speech and form: the words, their token ids, and their bonus in nats."""

    words: list[str]
    bases: list[str]  # their lemmas
    ids: torch.Tensor  # int64 (words,)
    bonus: torch.Tensor  # float32 (words,)


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
        self._article = inflection.engine()
        self._forms: dict[str, Form] = {}
        self._contrasts: dict[str, torch.Tensor] = {}
        self._prior = self._log_probabilities(_ANYWHERE).mean(0)

    def propose(self, places: Sequence[tuple[Sentence, Fault]]) -> list[Answer]:
        """What v2 says of each place."""
        if not places:
            return []
        logs = self._log_probabilities([_masked(sentence, fault) for sentence, fault in places])
        self._ask_contrasts([fault for _, fault in places])
        answers = []
        for row, (sentence, fault) in zip(logs, places, strict=True):
            ids = self._predictor.vocabulary.mask_ids(sentence.text[fault.start : fault.end].lower())
            rank = int((row > row[ids].max()).sum()) if ids else None
            answers.append(Answer(self._best(row, sentence, fault), rank))
        return answers

    def _log_probabilities(self, sentences: Sequence[str]) -> torch.Tensor:
        return self._predictor.probabilities(sentences).clamp_min(1e-12).log()

    def _ask_contrasts(self, faults: Sequence[Fault]) -> None:
        if len(self._contrasts) > CONTRASTS_KEPT:
            self._contrasts.clear()
        asked = list(dict.fromkeys(fault.lemma for fault in faults if fault.lemma not in self._contrasts))
        if asked and self._english:
            templates = [f"It is not {word} but {MASK}." for word in asked]
            kept = self._form("JJ").ids
            for word, row in zip(asked, self._log_probabilities(templates), strict=True):
                self._contrasts[word] = row[kept] - self._prior[kept]

    def _best(self, row: torch.Tensor, sentence: Sentence, fault: Fault) -> list[str]:
        form = self._form(fault.tag if self._english else "JJ")
        if not form.words:
            return []
        contraries = contraries_of(fault.lemma, fault.part)
        fits = torch.tensor([base in contraries for base in form.bases])
        score = row[form.ids] + form.bonus + FIELD_BONUS * fits - PRIOR_WEIGHT * self._prior[form.ids]
        if fault.tag == "JJ" and self._english:
            score = score + CONTRAST_WEIGHT * self._contrasts[fault.lemma]
        place = sentence.text[fault.start : fault.end]
        present = {word.lower for word in sentence.words}
        before = _ARTICLE.search(sentence.text[: fault.start]) if self._english else None
        found: list[str] = []
        for index in score.argsort(descending=True).tolist():
            word = form.words[index]
            if word in present or (before and self._article.a(word).split()[0] != before[1].lower()):
                continue
            found.append(_in_case(word, place))
            if len(found) == MOST:
                break
        return found

    def _form(self, tag: str) -> Form:
        if tag not in self._forms:
            self._forms[tag] = self._make_form(tag)
        return self._forms[tag]

    def _make_form(self, tag: str) -> Form:
        """All proposals of one form that are single tokens of the model, or whose base is one."""
        vocabulary = self._predictor.vocabulary
        found: dict[str, tuple[str, int, float]] = {}
        for base in sorted(self._bases(tag)):
            word = _in_form(base, tag) if self._english else base
            if word is None or self._judge.is_bad(word) or self._judge.is_bad(base):
                continue
            if ids := vocabulary.mask_ids(word) or vocabulary.mask_ids(base):
                found.setdefault(word, (base, ids[0], WANTED_BONUS * (base in self._wanted)))
        return Form(
            list(found),
            [base for base, _, _ in found.values()],
            torch.tensor([token for _, token, _ in found.values()], dtype=torch.int64),
            torch.tensor([bonus for _, _, bonus in found.values()], dtype=torch.float32),
        )

    def _bases(self, tag: str) -> frozenset[str] | set[str]:
        if not self._english:
            return self._wanted
        if tag.startswith("VB"):
            return evaluation.PRAISING_VERBS
        if tag.startswith("NN"):
            return evaluation.PRAISING_NOUNS
        praised = evaluation.PRAISING_ADJECTIVES.union(*(field.contraries for field in evaluation.ADJECTIVES.values()))
        return {word for word in praised if "-" not in word} | self._wanted


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


@lru_cache(maxsize=4096)
def contraries_of(fault: str, part: str) -> frozenset[str]:
    """The praise for what a fault finds fault with; for anything, if that is not known."""
    fields = {"VERB": evaluation.VERBS, "NOUN": evaluation.NOUNS}.get(part, evaluation.ADJECTIVES)
    of_part = {"VERB": evaluation.PHRASES}.get(part, evaluation.ADJECTIVE_PHRASES)
    found = [field.contraries for field in fields.values() if fault in field.faults]
    found += [fields[name].contraries for name, phrases in of_part.items() if fault in phrases]
    if not found and part in ("ADJ", "ADV"):
        found = [evaluation.ADJECTIVES["general"].contraries]
    return frozenset().union(*found)


@lru_cache(maxsize=4096)
def _in_form(base: str, tag: str) -> str | None:
    """A word's form; None if it has none that is one word."""
    if tag == "JJ":
        return base
    if tag in ("JJR", "JJS"):
        if _syllables(base) > 2 or (_syllables(base) == 2 and not base.endswith(("y", "le", "ow", "er"))):
            return None
        if degree(base)[1] != "JJ" or base.endswith(("ed", "ing", "less", "ful")):
            return None
        return inflect(base, tag)
    if tag == "RB":
        if base.endswith("y"):
            return base[:-1] + "ily" if _syllables(base) > 1 and not base.endswith("ly") else None
        return base[:-1] + "y" if base.endswith("le") else base + ("ally" if base.endswith("ic") else "ly")
    if tag in ("NN", "NNS"):
        return base  # most of these have no plural ("comfort"), and the singular of the others serves as well
    return inflect(base, tag)


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    return max(1, groups - silent)
