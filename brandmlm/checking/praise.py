"""The words that may be proposed, as a model sees them; and which of them suit a fault and a thing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import torch

from brandmlm.checking.english import evaluation
from brandmlm.checking.english.classes import DETERMINERS, PREPOSITIONS
from brandmlm.checking.english.fields import words
from brandmlm.checking.english.forms import degree, inflect, lemma, lemmas
from brandmlm.checking.english.subjects import SUBJECTS, kind_at, kind_of_doer
from brandmlm.checking.english.tokens import tokenize
from brandmlm.checking.judge import Fault
from brandmlm.modeling.predictor import Predictor


@dataclass(frozen=True)
class Form:
    """Words of one part of speech and form.

    A word of several tokens is taken to fit as well, and to mean the same, as those beside it in the lists.

    Attributes:
        words: as they would be in a sentence.
        places: of each lemma, the place of its word.
        ids: int64 (words,), tokens; 0 for a word of several.
        shares: float32 (words, words), the words that stand for each.
        alike: float32 (words, words), cosines of the model's output embeddings, 0 instead of less.
    """

    words: list[str]
    places: dict[str, int]
    ids: torch.Tensor
    shares: torch.Tensor
    alike: torch.Tensor

    def log_probabilities(self, row: torch.Tensor) -> torch.Tensor:
        """The words' log-probabilities, float32 (words,), of all tokens': float32 (vocabulary,)."""
        return self.shares @ row[self.ids]

    def bonus(self, first: float, later: float, lemmas: Sequence[str]) -> torch.Tensor:
        """A bonus for the words of a list: float32 (words,); less by the logarithm of a word's place there."""
        found = torch.zeros(len(self.words))
        for i, each in enumerate(lemmas):
            if each in self.places:
                found[self.places[each]] = first - later * torch.log(torch.tensor(i + 1.5))
        return found


def make_form(predictor: Predictor, words: Mapping[str, str], lists: Sequence[Sequence[str]]) -> Form:
    """The words that are tokens of the model, or whose lemma is one, or that are beside such a word in a list.

    Args:
        words: lemmas by word.
        lists: of lemmas that are praise for the same.
    """
    ids = predictor.vocabulary.mask_ids
    tokens = {word: next(iter(ids(word) or ids(base)), None) for word, base in words.items()}
    beside: dict[str, set[str]] = {}
    for each in lists:
        for base in each:
            beside.setdefault(base, set()).update(each)
    stand_ins = {
        word: [word] if tokens[word] is not None else
        [other for other in words if tokens[other] is not None and words[other] in beside.get(base, ())]
        for word, base in words.items()
    }  # fmt: skip
    kept = [word for word in words if stand_ins[word]]
    place = {word: i for i, word in enumerate(kept)}
    shares = torch.zeros(len(kept), len(kept))
    for word in kept:
        shares[place[word], [place[other] for other in stand_ins[word]]] = 1 / len(stand_ins[word])
    kept_ids = torch.tensor([tokens[word] or 0 for word in kept], dtype=torch.int64)
    return Form(
        kept, {words[word]: place[word] for word in kept}, kept_ids, shares, _alike(predictor, kept_ids, shares)
    )


def _alike(predictor: Predictor, ids: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    layer = predictor.model.get_output_embeddings()
    assert isinstance(layer.weight, torch.Tensor)
    vectors = shares @ layer.weight.detach()[ids].float().cpu()
    vectors = torch.nn.functional.normalize(vectors - vectors.mean(0), dim=-1)
    return (vectors @ vectors.T).clamp_min(0)


def lists_of(tag: str) -> list[tuple[str, ...]]:
    """The lists of praise of a part of speech."""
    if tag.startswith("VB"):
        of_verbs = evaluation.VERBS.values()
        lists = [words for field in of_verbs for words in (field.contraries, field.alone) if words]
        return [*lists, *(kind.deeds for kind in SUBJECTS if kind.deeds)]
    if tag == COUNTED:
        return [evaluation.COUNTABLE, evaluation.LIKENED]
    if tag == "RB":
        return [evaluation.MANNERS, evaluation.SERVING]
    if tag.startswith("NN"):
        return [field.contraries for field in evaluation.NOUNS.values()]
    fields = [field.contraries for field in evaluation.ADJECTIVES.values()]
    return [*fields, *(kind.praise for kind in SUBJECTS), evaluation.MANNERS]


@lru_cache(maxsize=4096)
def contraries_of(fault: str, part: str, alone: bool = False) -> tuple[str, ...]:
    """The praise for what a fault finds fault with, best first; for anything, if that is not known.

    Args:
        alone: of a verb, whether it has no object.
    """
    if part == "ADV":
        return evaluation.MANNERS
    fields = {"VERB": evaluation.VERBS, "NOUN": evaluation.NOUNS}.get(part, evaluation.ADJECTIVES)
    of_part = {"VERB": evaluation.PHRASES}.get(part, evaluation.ADJECTIVE_PHRASES)
    judged = [field for field in fields.values() if fault in field.faults]
    judged += [fields[name] for name, phrases in of_part.items() if fault in phrases and name in fields]
    if not judged:
        judged = [fields[{"VERB": "wear", "NOUN": "fault"}.get(part, "general")]]
    found = [field.alone if alone and field.alone else field.contraries for field in judged]
    # Word by word of each list, so that the first of one is not behind the last of another.
    ranks: dict[str, int] = {}
    for contraries in found:
        for i, word in enumerate(contraries):
            ranks[word] = min(i, ranks.get(word, i))
    return tuple(sorted(ranks, key=lambda word: ranks[word]))


def praise_for(sentence: str, fault: Fault) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The contraries of a fault, and the praise for things like that of which it is said; both best first."""
    tokens = tokenize(sentence)
    if fault.part != "ADJ":
        after = next((token.lower for token in tokens if token.start >= fault.end), "")
        before = {lemma(token.lower, "VERB") for token in tokens if token.is_word} & _SERVED
        if fault.part == "ADV" and before:
            return evaluation.SERVING, ()
        if fault.part == "NOUN" and fault.tag == COUNTED:
            return evaluation.LIKENED if fault.lemma in evaluation.LIKENESSES else evaluation.COUNTABLE, ()
        alone = not _is_object(after)
        place = next(i for i, token in enumerate(tokens) if token.end > fault.start)
        doer = kind_of_doer(tokens, place) if fault.part == "VERB" and alone else None
        contraries = contraries_of(fault.lemma, fault.part, alone)
        if doer and not any(fault.lemma in evaluation.VERBS[name].faults for name in ("skin", "grip", "wet", "smell")):
            contraries = tuple(dict.fromkeys((*doer.deeds, *contraries)))
        return contraries, ()
    contraries = contraries_of(fault.lemma, fault.part)
    kind = kind_at(tokens, next(i for i, token in enumerate(tokens) if token.end > fault.start))
    if kind is None:
        return contraries, ()
    if kind.people:
        contraries = (*(word for word in contraries if word in kind.praise), *kind.praise)
        contraries = tuple(dict.fromkeys(contraries))
    return contraries, kind.praise


COUNTED: Final = "NNC"  # of a noun behind "a"
ANALYTIC: Final = "JJM"  # of an adjective behind "more" or "most"
_SERVED: Final = words(
    "process ship pay answer reply handle refund deliver respond arrive pack treat welcome serve dispatch send repair "
    "resolve dry load open greet"
)


def _is_object(word: str) -> bool:
    if word in DETERMINERS | {"you", "us", "them", "me", "everyone", "people"}:
        return True
    return "NOUN" in lemmas(word) and word not in PREPOSITIONS | {"when", "whenever", "easily", "fast", "mid"}


@lru_cache(maxsize=4096)
def in_form(base: str, tag: str) -> str | None:
    """A word's form; None if it has none that is one word."""
    if tag == "JJ":
        return base
    if tag == ANALYTIC:
        return base if _syllables(base) > 1 and in_form(base, "JJR") is None else None
    first, _, rest = base.partition(" ")
    if rest and tag.startswith("VB"):
        form = inflect(first, tag)
        return form and f"{form} {rest if tag == 'VBZ' else rest.replace('its', 'their')}"
    if tag in ("JJR", "JJS"):
        if _syllables(base) > 2 or (_syllables(base) == 2 and not base.endswith(("y", "le", "ow", "er"))):
            return None
        if degree(base)[1] != "JJ" or base.endswith(("ed", "ing", "less", "ful")):
            return None
        return inflect(base, tag)
    if tag == "RB" and base in _ADVERBS:
        return _ADVERBS[base]
    if tag == "RB":
        if base.endswith("y"):
            return base[:-1] + "ily" if _syllables(base) > 1 and not base.endswith("ly") else None
        return base[:-1] + "y" if base.endswith("le") else base + ("ally" if base.endswith("ic") else "ly")
    if tag in ("NN", "NNS", COUNTED):
        return base  # most of these have no plural ("comfort"), and the singular of the others serves as well
    return inflect(base, tag)


_ADVERBS: Final = {"good": "well", "fast": "fast", "long": "long"}


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    return max(1, groups - silent)
