"""Fill the slots of a sentence frame; see `slots`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.templates import Frame, Templates
from brandmlm.data.corpus import LABELS
from brandmlm.data.synthesis.slots import LABEL_SLOTS, NOUN_SLOTS, SLOT_PATTERN, slots_of

ABOUT: Final = ("brand", "other", "none")  # whose products a sentence is about

_ARTICLE: Final = re.compile(r"\{a\}(?= (\S+))")

_SENTENCE_START: Final = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")

# Spelt with a vowel but spoken with a consonant (a unique, a useful, a European, a one-off), and the reverse (an hour).
# The words in "un-" (unimpressive, uninspired) are neither.
_CONSONANT_SOUND: Final = re.compile(r"uni(?![mn])|u[st][aeiu]|uk[eu]|eu|ewe|one(?![a-z])|once", re.IGNORECASE)

# An X before a consonant is spoken as "ex" (an Xbox).
_VOWEL_SOUND: Final = re.compile(r"[aeiou]|hon(?:est|or|our)|hour|heir|x(?=[bcdfgk-np-tvwz])", re.IGNORECASE)

# Names that begin with a letter by itself (X-ray, H&M, s.Oliver) and abbreviations of two or three capitals (HP, LG)
# are spelt out; longer ones with a vowel are mostly words (IKEA).
_SPELT: Final = re.compile(r"\w(?=[-.&/+])|\w$|[A-Z]{2,3}(?![^\W\d_])|(?![A-Z]*[AEIOUY])[A-Z]{2,}(?![a-z])")

_VOWEL_LETTERS: Final = "aefhilmnorsx8"

_VOWEL_NUMBER: Final = re.compile(r"8|1[18](?!\d)|1[18]\d{3}(?!\d)")  # eight, eleven, eighteen, eleven thousand

Filling = dict[str, str]  # word by slot


def article(word: str) -> str:
    """The article, "a" or "an", by the sound at the beginning of a word, name or number."""
    plain = unicodedata.normalize("NFKD", word.lstrip("\"'“‘(["))
    if plain[:1].isdigit():
        return "an" if _VOWEL_NUMBER.match(plain) else "a"
    if _SPELT.match(plain):
        return "an" if plain[0].lower() in _VOWEL_LETTERS else "a"
    return "an" if _VOWEL_SOUND.match(plain) and not _CONSONANT_SOUND.match(plain) else "a"


def fill_articles(text: str) -> str:
    """Fill each slot `{a}` of a text with the article of the word after it."""
    return _ARTICLE.sub(lambda match: article(match.group(1)), text)


class Filler:
    """Fills frames with the words of a lexicon and of the templates' own lists."""

    def __init__(self, lexicon: Lexicon, templates: Templates) -> None:
        self.words = {label: sorted(getattr(lexicon, label).used) for label in LABELS}
        self.brands = {"brand": sorted(lexicon.brand), "other": sorted(lexicon.other_brands)}
        self.lists = {name: sorted(words) for name, words in templates.lists.items()}
        self.plurals = {product.plural for product in lexicon.products if product.plural}
        self.nouns = {
            "product": sorted(product.singular for product in lexicon.products if product.number == "count"),
            "products": sorted(self.plurals),
            "goods": sorted(product.plural or product.singular for product in lexicon.products),
        }

    def abouts(self, frame: Frame) -> list[str]:
        """Whose products a frame can be about; see `ABOUT`."""
        if "brand" not in slots_of(frame):
            return ["none"]
        return [frame.about] if frame.about else ["brand", "other"]

    def labels(self, frame: Frame) -> tuple[str, ...]:
        """The labels that the sentences of a frame can have."""
        return next(LABEL_SLOTS[slot] for slot in slots_of(frame) if slot in LABEL_SLOTS)

    def choices(self, frame: Frame, about: str, label: str, word: str) -> list[list[Filling]]:
        """The independent choices that remain when the labelled word is given.

        Args:
            frame: A frame that passed `check_frames`.
            about: Whose products the sentence is about.
            label: The list of the labelled word.
            word: The labelled word.

        Returns:
            For each choice its options; each option fills one or two slots. Each combination is one sentence.
        """
        slots = slots_of(frame)
        choices = [_pick(slot, [word]) for slot in slots if slot in LABEL_SLOTS]
        if "also" in slots:
            choices.append(_pick("also", [other for other in self.words[label] if other != word]))
        rivals = self.brands["other"]
        if "brand" in slots:
            brands = self.brands[about]
            choices.append(_pairs("brand", brands, "rival", rivals) if "rival" in slots else _pick("brand", brands))
        elif "rival" in slots:
            choices.append(_pick("rival", rivals))
        noun = next((slot for slot in slots if slot in NOUN_SLOTS), None)
        plurals = self.nouns["products"]
        if "more_products" in slots:
            first = noun and _pairs(noun, self.nouns[noun], "more_products", plurals)
            choices.append(first or _pick("more_products", plurals))
        elif noun:
            choices.append(_pick(noun, self.nouns[noun]))
        choices += [_pick(slot, self.lists[slot]) for slot in slots if slot in self.lists]
        return choices

    def fill(self, frame: Frame, filling: Filling) -> str:
        """Return the sentence, with its verb, articles and capitals."""
        plural = any(filling.get(noun) in self.plurals for noun in NOUN_SLOTS)

        def replace(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot == "a":
                return match.group()
            first, bar, second = slot.partition("|")
            return (first if plural else second) if bar else filling[slot]

        text = fill_articles(SLOT_PATTERN.sub(replace, frame.text))
        return _SENTENCE_START.sub(lambda match: match.group().upper(), text)


def _pick(slot: str, words: Sequence[str]) -> list[Filling]:
    return [{slot: word} for word in words]


def _pairs(slot: str, words: Sequence[str], other: str, others: Sequence[str]) -> list[Filling]:
    return [{slot: first, other: second} for first in words for second in others if first != second]
