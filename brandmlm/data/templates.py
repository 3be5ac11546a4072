"""Slots of sentence frames and the sentences they make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from brandmlm.config.brand.fields import MASK, alternatives
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.brand.templates import Frame, Templates
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import LABELS

# The lists from which a slot for the labelled word is filled.
LABEL_SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "adjective": LABELS,
    "quality": ("wanted", "unwanted"),
    **{label: (label,) for label in LABELS},
}

NOUN_SLOTS: Final = ("product", "products", "goods")

SLOTS: Final = (*LABEL_SLOTS, "also", "brand", "rival", *NOUN_SLOTS, "more_products", "a")

ABOUT: Final = ("brand", "other", "none")

_SLOT: Final = re.compile(r"\{([^{}]*)\}")

_ARTICLE: Final = re.compile(r"\{a\}(?= (\S+))")

_SENTENCE_START: Final = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")

# Spelt with a vowel but spoken with a consonant (a unique, a useful, a European, a one-off), and the reverse (an hour).
# The words in "un-" (unimpressive, uninspired) are neither.
_CONSONANT_SOUND: Final = re.compile(r"uni(?![mn])|u[st][aeiu]|eu|one(?![a-z])|once", re.IGNORECASE)

_VOWEL_SOUND: Final = re.compile(r"[aeiou]|hon(?:est|or|our)|hour|heir", re.IGNORECASE)

Filling = dict[str, str]


def article(word: str) -> str:
    """The article, a or an, by the sound that a word begins with."""
    return "an" if _VOWEL_SOUND.match(word) and not _CONSONANT_SOUND.match(word) else "a"


def normal(text: str) -> str:
    """The form in which sentences are compared with probes: no case, no final punctuation, single blanks."""
    return " ".join(text.casefold().split()).rstrip(" .!?…,;:")


def slots_of(frame: Frame) -> list[str]:
    """The slots of a frame in their order, each once."""
    return list(dict.fromkeys(_SLOT.findall(frame.text)))


class Filler:
    """What the slots of frames can take, given a lexicon and the templates' own lists.

    Raises UserError (naming `path`, the templates' file) for a frame that cannot be filled or would be mislabelled.
    """

    def __init__(self, lexicon: Lexicon, templates: Templates, path: Path) -> None:
        self.words = {label: sorted(getattr(lexicon, label).used) for label in LABELS}
        self.brands = {"brand": sorted(lexicon.brand), "other": sorted(lexicon.other_brands)}
        self.lists = {name: sorted(words) for name, words in templates.lists.items()}
        self.plurals = {product.plural for product in lexicon.products if product.plural}
        self.nouns = {
            "product": sorted(product.singular for product in lexicon.products if product.number == "count"),
            "products": sorted(self.plurals),
            "goods": sorted(product.plural or product.singular for product in lexicon.products),
        }
        self.path = path
        reserved = [word for label in LABELS for word in getattr(lexicon, label).all]
        names = [*lexicon.brand, *lexicon.other_brands]
        either = "|".join(map(re.escape, sorted([*reserved, *names])))
        self._reserved = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
        self._check_lists()
        for frame in templates.frames:
            self._check(frame)

    def _check_lists(self) -> None:
        for name, words in self.lists.items():
            if name in SLOTS:
                raise UserError(f"{self.path}: lists.{name}: this name is a slot of its own; give the list another")
            for word in words:
                self._check_literal(f"lists.{name}", word)

    def _check_literal(self, place: str, text: str) -> None:
        found = self._reserved.search(text)
        if found:
            raise UserError(
                f"{self.path}: {place}: {found.group()!r} is a word of the lexicon; write a slot in its place "
                "or another word, else sentences would be labelled or counted wrongly"
            )

    def _check(self, frame: Frame) -> None:
        place = f"frames {frame.id!r}"
        slots = slots_of(frame)
        known = [*SLOTS, *sorted(self.lists)]
        for slot in slots:
            if slot.count("|") == 1:
                if not any(noun in slots for noun in NOUN_SLOTS):
                    raise UserError(
                        f"{self.path}: {place}: {{{slot}}} has no noun to agree with; add {{product}}, {{products}} or "
                        "{goods}"
                    )
            elif slot not in known:
                raise UserError(
                    f"{self.path}: {place}: slot {{{slot}}} is not in the lexicon; "
                    f"known slots: {', '.join(known)} and the form {{are|is}}"
                )
            elif slot in NOUN_SLOTS and not self.nouns[slot]:
                raise UserError(f"{self.path}: {place}: the lexicon has no product for slot {{{slot}}}; add one there")
        rest = _SLOT.sub(" ", frame.text)
        if "{" in rest or "}" in rest:
            raise UserError(f"{self.path}: {place}: a brace without its partner; close it or remove it")
        self._check_literal(place, rest)
        if sum(slot in LABEL_SLOTS for slot in slots) != 1:
            raise UserError(
                f"{self.path}: {place}: a frame has exactly one slot for the labelled word; "
                f"take one of {_braced(LABEL_SLOTS)}"
            )
        if sum(slot in NOUN_SLOTS for slot in slots) > 1:
            raise UserError(
                f"{self.path}: {place}: two different slots for its noun; keep one of "
                f"{_braced(NOUN_SLOTS)}, and {{more_products}} beside it"
            )
        if frame.about and "brand" not in slots:
            raise UserError(f"{self.path}: {place}: `about` without slot {{brand}}; remove it or add the slot")

    def abouts(self, frame: Frame) -> list[str]:
        """Whose products a frame can speak of."""
        if "brand" not in slots_of(frame):
            return ["none"]
        return [frame.about] if frame.about else ["brand", "other"]

    def labels(self, frame: Frame) -> tuple[str, ...]:
        return next(LABEL_SLOTS[slot] for slot in slots_of(frame) if slot in LABEL_SLOTS)

    def choices(self, frame: Frame, about: str, label: str, word: str) -> list[list[Filling]]:
        """The independent choices left when the labelled word is settled: per choice its partial fillings."""
        slots = slots_of(frame)
        made = [_pick(slot, [word]) for slot in slots if slot in LABEL_SLOTS]
        if "also" in slots:
            made.append(_pick("also", [other for other in self.words[label] if other != word]))
        rivals = self.brands["other"]
        if "brand" in slots:
            brands = self.brands[about]
            made.append(_pairs("brand", brands, "rival", rivals) if "rival" in slots else _pick("brand", brands))
        elif "rival" in slots:
            made.append(_pick("rival", rivals))
        noun = next((slot for slot in slots if slot in NOUN_SLOTS), None)
        plurals = self.nouns["products"]
        if "more_products" in slots:
            first = noun and _pairs(noun, self.nouns[noun], "more_products", plurals)
            made.append(first or _pick("more_products", plurals))
        elif noun:
            made.append(_pick(noun, self.nouns[noun]))
        made += [_pick(slot, self.lists[slot]) for slot in slots if slot in self.lists]
        return made

    def fill(self, frame: Frame, filling: Filling) -> str:
        """The sentence, with verb, article and capitals in order."""
        plural = any(filling.get(noun) in self.plurals for noun in NOUN_SLOTS)

        def take(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot == "a":
                return match.group()
            first, bar, second = slot.partition("|")
            return (first if plural else second) if bar else filling[slot]

        text = _ARTICLE.sub(lambda match: article(match.group(1)), _SLOT.sub(take, frame.text))
        return _SENTENCE_START.sub(lambda match: match.group().upper(), text)


def _braced(slots: Iterable[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in slots)


def _pick(slot: str, words: Sequence[str]) -> list[Filling]:
    return [{slot: word} for word in words]


def _pairs(slot: str, words: Sequence[str], other: str, others: Sequence[str]) -> list[Filling]:
    return [{slot: first, other: second} for first in words for second in others if first != second]


def probe_test(probes: Sequence[str], lexicon: Lexicon) -> Callable[[str], bool]:
    """Says of a normalised sentence whether it equals a probe (a sentence with a mask) whose mask is filled with any
    one word or with a phrase of the lexicon."""
    words = {*lexicon.brand, *lexicon.other_brands, *(form for product in lexicon.products for form in product.forms)}
    words.update(word for label in LABELS for word in getattr(lexicon, label).all)
    phrases = {word.casefold() for word in words if " " in word}
    ends: dict[str, set[str]] = {}  # what follows the mask, by what stands before it
    for probe in probes:
        # A probe may end in its mask, whose bracket normalising leaves alone.
        before, _, after = normal(probe).partition(MASK.casefold())
        ends.setdefault(before, set()).add(after)

    def is_probe(sentence: str) -> bool:
        return any(
            sentence.endswith(after)
            and (filling := sentence[start : len(sentence) - len(after)])
            and (" " not in filling or filling in phrases)
            for start in range(len(sentence))
            for after in ends.get(sentence[:start], ())
        )

    return is_probe


def asked_sentences(path: Path) -> list[str]:
    """The sentences that a model will be asked: the probes and the behaviour suite's."""
    suites = load_behaviour(path).parts.values()
    patterns = [pattern for suite in suites for _, patterns in suite for pattern in patterns]
    return [*(probe.text for probe in load_probes(path)), *(text for each in patterns for text in alternatives(each))]
