"""Decide which words of a sentence speak ill of us.

A word is a candidate if the brand's lexicon lists it as unwanted, in any form, or if it finds fault (`candidates`). It
is excused (`excuses`) where it is denied, said of another firm, of the reader or of the world, a technical fact, or the
customer's own complaint that is being answered. These rules are for English; in another language, the words that the
lexicon lists are found wherever they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from brandmlm.checking.candidates import FaultWords, Part
from brandmlm.checking.english.ownership import Owners
from brandmlm.checking.english.tokens import tokenize
from brandmlm.checking.excuses import Reading
from brandmlm.config.brand.lexicon import Lexicon


@dataclass(frozen=True)
class Fault:
    """A phrase that speaks ill of us.

    Attributes:
        start: offset of its first character in the sentence.
        end: offset behind its last.
        lemma: the word as the lists have it.
        part: its part of speech here.
        tag: the form that another word would need: see `Candidate`.
        listed: whether the lexicon lists it.
    """

    start: int
    end: int
    lemma: str
    part: Part
    tag: str
    listed: bool


class Judge:
    """Finds the faults of sentences, for a brand.

    Args:
        valences: score by word; below 0: bad.
    """

    def __init__(self, lexicon: Lexicon, valences: Mapping[str, float]) -> None:
        self._english = lexicon.language == "en"
        self._unwanted = {word.lower() for word in lexicon.unwanted.all}
        self._owners = Owners(lexicon.brand, lexicon.other_brands)
        self.words = FaultWords(lexicon, valences)

    def faults(self, sentence: str) -> list[Fault]:
        """The faults of a sentence, in its order."""
        if not self._english:
            found = [token for token in tokenize(sentence) if token.lower in self._unwanted]
            return [Fault(token.start, token.end, token.lower, "ADJ", "JJ", True) for token in found]
        reading = Reading(self.words, self._owners, sentence)
        faults, i = [], 0
        while i < len(reading.tokens):
            candidate = self.words.candidate(reading.tokens, i)
            if candidate and not reading.excuse(candidate):
                start, end = reading.tokens[candidate.first].start, reading.tokens[candidate.end - 1].end
                faults.append(Fault(start, end, candidate.lemma, candidate.part, candidate.tag, candidate.listed))
            i = candidate.end if candidate else i + 1
        return faults

    def is_bad(self, word: str) -> bool:
        """Whether a word alone finds fault, so that it is never proposed."""
        return word in self._unwanted or (self._english and self.words.is_bad(word))
