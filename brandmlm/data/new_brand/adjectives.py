"""Find adjectives that people use of a product, by the frames in which they occur.

There is no part-of-speech tagger: an adjective is a word that follows a form of "be" with a thing as its subject ("it
is really X", "the speaker was X") before the end of the clause. Words that people use of themselves ("I am happy") or
as verbs ("we love") are left out. VADER's lexicon (Hutto and Gilbert, ICWSM-14) says on which side a word is. Where it
has no opinion, the stars of the rows do, for the unwanted side only: in most shops most rows have many stars, so that
many stars say little about a word.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.data.new_brand.tokens import END, FUNCTION_WORDS, is_word, word_set

MIN_VALENCE: Final = 1.0  # of VADER's -4 to 4, without a sign; weaker words are hardly opinions

FEW_STARS: Final = 2.0  # a row with as many or fewer is a complaint

MIN_COMPLAINTS: Final = 4  # rows that settle where a word without valence belongs

_BE: Final = word_set("is are was were 's ’s 're ’re seems seem seemed looks look looked feels felt sounds")
_I_AM: Final = word_set("'m ’m am")
_PERSONS: Final = word_set("i we he she you who everyone everybody wife husband son daughter kids family")
_PRONOUNS: Final = word_set("i we you they to")
_INTENSIFIERS: Final = word_set(
    "very so really too pretty quite extremely super rather absolutely simply incredibly truly totally"
)
_BETWEEN: Final = _INTENSIFIERS | word_set("not n't n’t just also still always as")
_PHRASE_STARTS: Final = word_set(", ! ? ; : ( a an and but") | {END}
_ENDS: Final = word_set(", ! ? ; : ) and but or for to when because as with if") | {END}


@dataclass(frozen=True)
class Adjectives:
    """The words that were found, on each side the most frequent first."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


@dataclass
class _Uses:
    """How often words occur in each frame."""

    things: Counter[str]
    persons: Counter[str]
    verbs: Counter[str]
    rated: Counter[str]  # rows with stars
    complaints: Counter[str]  # rows with few stars


def _subject(tokens: Sequence[str], place: int) -> str:
    """The last word before the verb form at a place but for adverbs: "i" of "i really was"."""
    while place > 0 and tokens[place - 1] in _BETWEEN:
        place -= 1
    return tokens[place - 1] if place else END


def _predicates(tokens: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The words at the end of a clause after a form of "be", or after an adverb that begins a phrase ("Very X!", "a
    very X ..."), and whether a person is the subject."""
    for place, token in enumerate(tokens):
        is_verb = token in _BE or token in _I_AM
        if is_verb or (token in _INTENSIFIERS and tokens[place - 1] in _PHRASE_STARTS):
            reach = place + 1
            while reach < len(tokens) and tokens[reach] in _BETWEEN:
                reach += 1
            ends = reach + 1 < len(tokens) and (tokens[reach + 1] in _ENDS or tokens[place - 1] in ("a", "an"))
            if ends:
                yield tokens[reach], token in _I_AM or (is_verb and _subject(tokens, place) in _PERSONS)


def _count(texts: Sequence[Sequence[str]], stars: Sequence[float | None]) -> _Uses:
    uses = _Uses(Counter(), Counter(), Counter(), Counter(), Counter())
    for tokens, rating in zip(texts, stars, strict=True):
        predicates = list(_predicates(tokens))
        uses.things.update(word for word, of_person in predicates if not of_person)
        uses.persons.update(word for word, of_person in predicates if of_person)
        uses.verbs.update(word for before, word in itertools.pairwise(tokens) if before in _PRONOUNS)
        if rating is not None:
            words = {word for word, _ in predicates}
            uses.rated.update(words)
            uses.complaints.update(words if rating <= FEW_STARS else ())
    return uses


def _is_comparative(word: str, valences: dict[str, float]) -> bool:
    """Whether a word is the comparative of one with a valence: "easier", "nicer", "worse"."""
    stems = (word[:-2], word[:-1], f"{word[:-3]}y", word[:-3])
    return word in ("better", "worse") or (word.endswith("er") and any(stem in valences for stem in stems))


def _side(word: str, uses: _Uses, valences: dict[str, float]) -> str | None:
    """The list of a word, if it has one."""
    valence = valences.get(word)
    if valence is not None:
        # Participles with a valence are feelings ("disappointed"), and whoever wrote the row had them.
        strong = abs(valence) >= MIN_VALENCE and not word.endswith("ed") and not _is_comparative(word, valences)
        return ("wanted" if valence > 0 else "unwanted") if strong else None
    rows, complaints = uses.rated[word], uses.complaints[word]
    is_complaint = complaints >= MIN_COMPLAINTS and complaints > rows / 2 and not word.endswith(("ed", "ing"))
    return "unwanted" if is_complaint else None


def find_adjectives(
    texts: Sequence[Sequence[str]],
    stars: Sequence[float | None],
    is_single: Callable[[str], bool],
    without: Collection[str] = (),
) -> Adjectives:
    """The adjectives in tokenized texts that occur at least twice.

    Args:
        texts: different ones; see `tokens.tokenize`.
        stars: the rating of each text, from 1 to 5, or None.
        is_single: whether a word is a single token of the base; others are never predicted.
        without: words that are something else, as the brand's name.
    """
    valences: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    uses = _count(texts, stars)
    found: dict[str, list[str]] = {"wanted": [], "unwanted": []}
    for word, count in sorted(uses.things.items(), key=lambda item: (-item[1], item[0])):
        is_adjective = count >= 2 and count > uses.persons[word] and count > uses.verbs[word]
        is_known = word in without or word in FUNCTION_WORDS or len(word) < 3 or not is_word(word)
        if is_adjective and not is_known and is_single(word) and (side := _side(word, uses, valences)):
            found[side].append(word)
    return Adjectives(tuple(found["wanted"]), tuple(found["unwanted"]))
