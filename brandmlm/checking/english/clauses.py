"""What governs a word of a sentence: negations, clauses, noun phrases, subjects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from brandmlm.checking.english.classes import (
    AUXILIARIES,
    CAUSING,
    COORDINATORS,
    DETERMINERS,
    LINKING,
    NEGATORS,
    PREPOSITIONS,
    PRONOUNS,
    SHIFTER_PHRASES,
    SHIFTERS,
    SUBORDINATORS,
)
from brandmlm.checking.english.forms import is_plural, lemma, lemmas
from brandmlm.checking.english.tokens import Token

Tokens = Sequence[Token]

_PSEUDO: Final = frozenset(
    {"only", "just", "doubt", "wonder", "matter", "merely", "simply", "surprise", "mention", "least"}
)
_STOPS: Final = frozenset(
    {"but", "because", "although", "though", "whereas", "while", "since", "which", "who", "than", "just", "so"}
)
_COMPARING: Final = frozenset({"compare", "beat", "match", "top", "rival", "like"})  # "nothing beats our ..."
_CONTRASTING: Final = frozenset({"always", "still", "ever", "often", "instead", "simply"})
_FUNCTION: Final = DETERMINERS | PRONOUNS | PREPOSITIONS | COORDINATORS | SUBORDINATORS | AUXILIARIES
_AFTER_SHIFTERS: Final = frozenset(
    ["free", "proof", "resistant", "protection", "relief", "prevention", "control", "guard", "away", "-free", "-proof"]
)
_DEGREES: Final = frozenset(
    [
        "too",
        "so",
        "very",
        "really",
        "quite",
        "rather",
        "little",
        "pretty",
        "more",
        "most",
        "less",
        "extremely",
        "truly",
        "always",
        "still",
        "ever",
        "even",
        "also",
        "just",
        "both",
        "as",
        "how",
        "consistently",
        "notoriously",
        "simply",
        "never",
        "often",
        "sometimes",
        "slightly",
        "overly",
        "incredibly",
        "utterly",
        "completely",
    ]
)


def is_adverb(token: Token) -> bool:
    """Whether a token only modifies what follows."""
    word = token.lower
    parts = set(lemmas(word))
    adverb = word.endswith("ly") and not parts & {"NOUN", "VERB"} and word != "only" and parts != {"ADJ"}
    adverb = adverb and (bool(parts) or token.text[0].islower())  # "Alphafly"
    return word in _DEGREES or adverb


def verb_lemma(token: Token) -> str:
    """The lemma of a token if it is a verb, its auxiliaries without negation."""
    word = token.lower.removesuffix("n't")
    return {"is": "be", "are": "be", "was": "be", "were": "be", "am": "be", "been": "be", "being": "be"}.get(
        word, lemma(word, "VERB") or lemma(word, "AUX") or word
    )


def clause_start(tokens: Tokens, place: int) -> int:
    """The first token of the clause in which a token stands: behind a strong mark."""
    return next((i + 1 for i in range(place - 1, -1, -1) if tokens[i].is_strong_mark), 0)


def clause_end(tokens: Tokens, place: int) -> int:
    """The strong mark that ends the clause in which a token stands, or the number of tokens."""
    return next((i for i in range(place, len(tokens)) if tokens[i].is_strong_mark), len(tokens))


def in_list(tokens: Tokens, comma: int, place: int) -> bool:
    """Whether nothing but words of the same list stands between a comma or conjunction and a word."""
    between = tokens[comma + 1 : place]
    if len(between) > 6 or any(token.lower in _CONTRASTING for token in between):
        return False
    joins = (",", "or", "nor", "and")
    return all(
        token.lower in joins or is_adverb(token) or "ADJ" in lemmas(token.lower)
        or (token.is_word and token.lower not in _FUNCTION and (not i or between[i - 1].lower in joins))
        for i, token in enumerate(between)
    )  # fmt: skip


def negated(tokens: Tokens, place: int, *, finite: bool = False) -> bool:
    """Whether a negation or another word that turns the meaning around governs a token.

    Args:
        finite: whether it is a finite verb in the third person, which "no" and a noun before "and" do not govern.
    """
    if place + 1 < len(tokens) and tokens[place + 1].lower in _AFTER_SHIFTERS:
        return True
    crossed_verb = False
    for i in range(place - 1, clause_start(tokens, place) - 1, -1):
        word = tokens[i].lower
        after = tokens[i + 1].lower
        like = any(token.lower == "like" for token in tokens[i : place + 4])
        compares = verb_lemma(tokens[i + 1]) in _COMPARING and after != "likes"
        if word in ("nothing", "none", "nobody") and (like or compares):
            return False
        if word == "gone" and after in ("is", "are"):
            return True
        if finite and word in ("and", "but") and i == place - 1:
            return _is_negator(tokens[max(0, i - 2)].lower) and tokens[max(0, i - 2)].lower not in ("no", "without")
        if _is_negator(word) and _is_superlative(tokens, i, place):
            return False
        if word == "zero" and after in AUXILIARIES:
            continue  # "Move to Zero is"
        if _is_negator(word) and after not in _PSEUDO:
            return not (word in ("no", "not") and i and tokens[i - 1].lower == "why")
        if place - i <= 8 and not crossed_verb and _shifts(tokens, i):
            return True
        if word in _STOPS and not (word == "but" and i and tokens[i - 1].lower in ("nothing", "anything")):
            return False
        if word in (",", "and", "or", "yet") and not in_list(tokens, i, place):
            return False
        crossed_verb |= not (i and tokens[i - 1].lower == "to") and (
            verb_lemma(tokens[i]) in LINKING - {"run", "fit", "go", "turn", "wear", "ride", "hang", "lie", "arrive"}
            and place - i > 0
        )
    return False


def _is_superlative(tokens: Tokens, negator: int, place: int) -> bool:
    """Whether a negation only says that nothing is more so ("never been uglier", "no other tee is as dull as ...")."""
    between = {token.lower for token in tokens[negator + 1 : place]}
    last = tokens[place - 1].lower
    if (
        tokens[negator].lower == "nothing"
        and last == "as"
        and any(token.lower == "as" for token in tokens[place + 1 :])
    ):
        return True
    return bool(between & {"been", "other"}) and (
        last in ("as", "more", "so", "this") or tokens[place].lower.endswith("er")
    )


def _is_negator(word: str) -> bool:
    return word in NEGATORS or word.endswith("n't")


def _is_before_noun(word: str) -> bool:
    return word in DETERMINERS - {"that", "this"} or (set(lemmas(word)) == {"VERB"} and word not in AUXILIARIES)


def _shifts(tokens: Tokens, i: int) -> bool:
    if i and tokens[i - 1].lower in ("nothing", "none", "nobody"):
        return False
    two = " ".join(token.lower for token in tokens[i : i + 2])
    three = " ".join(token.lower for token in tokens[i : i + 3])
    if tokens[i].lower == "who" and tokens[-1].lower != "?":
        return False
    if i and is_plural(tokens[i].lower) and _is_before_noun(tokens[i - 1].lower):
        return False  # "gives guards ...", "our blocks"
    if two in SHIFTER_PHRASES or three in SHIFTER_PHRASES or tokens[i].lower in SHIFTER_PHRASES:
        return True
    return tokens[i].lower in SHIFTERS or verb_lemma(tokens[i]) in SHIFTERS


def noun_phrase(tokens: Tokens, place: int) -> list[Token]:
    """The words after an adjective up to the head of its noun phrase; empty if none follows.

    An adjective in between ("a dull, grey shirt") belongs to the phrase.
    """
    found: list[Token] = []
    i = place + 1
    while i < len(tokens):
        token = tokens[i]
        if (
            token.lower in (",", "and")
            and not found
            and i + 1 < len(tokens)
            and _is_adjective(tokens[i + 1])
            and bool(noun_phrase(tokens, i + 1))
            and (token.lower == "and" or (place and _opens(tokens, place)))
        ):
            i += 1
            continue
        if not _may_be_in_noun_phrase(token, found):
            break
        found.append(token)
        i += 1
        if is_plural(token.lower) and i < len(tokens) and "VERB" in lemmas(tokens[i].lower):
            break  # "weak ankles love ..."
    while found and (set(lemmas(found[-1].lower)) == {"ADJ"} or _is_rather_adverb(found[-1])):
        found.pop()
    return found


def _is_rather_adverb(token: Token) -> bool:
    return "ADV" in lemmas(token.lower) and token.lower not in (
        "light",
        "right",
        "home",
        "north",
        "south",
        "east",
        "west",
    )


def _opens(tokens: Tokens, place: int) -> bool:
    return tokens[place - 1].lower in DETERMINERS or _is_adjective(tokens[place - 1])


def _is_adjective(token: Token) -> bool:
    return token.is_word and "ADJ" in lemmas(token.lower) and token.lower not in _FUNCTION


def _may_be_in_noun_phrase(token: Token, before: list[Token]) -> bool:
    word = token.lower
    if word == "{}":
        return True
    if not token.is_word or word in _FUNCTION or is_adverb(token):
        return False
    parts = set(lemmas(word))
    if before and parts and not parts & {"NOUN", "ADJ"}:
        return parts == {"VERB"} and word.endswith(("ing", "ed"))
    if before and verb_lemma(token) in LINKING | CAUSING and word not in ("fit", "feel", "look", "run", "wear"):
        return False
    return not (parts == {"ADV"} or (parts == {"VERB"} and not word.endswith(("ing", "ed"))))


def linking_verb(tokens: Tokens, place: int) -> int | None:
    """The linking verb by which an adjective is said of a subject, if it is: its place.

    Adverbs and adjectives of the same list may be between them.
    """
    i = place - 1
    start = clause_start(tokens, place)
    while i >= start:
        word = tokens[i].lower
        gerund = word.endswith("ing") and not (i and tokens[i - 1].lower in AUXILIARIES)
        if tokens[i].is_word and verb_lemma(tokens[i]) in LINKING and word not in _DEGREES and not gerund:
            return i
        listed = word in (",", "and", "or", "but", "yet", "nor")
        if not (listed or is_adverb(tokens[i]) or word in ("out", "n't", "not", "enough") or _is_adjective(tokens[i])):
            break
        i -= 1
    # "is pricey, heavy and ready", "sits low and looks cheap": of a list whose first adjective follows the verb.
    return _over_list(tokens, i, start) if i >= start and i < place - 1 else None


def _over_list(tokens: Tokens, i: int, start: int) -> int | None:
    """The linking verb before a list whose members have complements ("soft on the inside and grubby")."""
    for j in range(i, max(start, i - 8) - 1, -1):
        if tokens[j].lower in DETERMINERS - {"the", "a", "an", "your", "its", "their"} or tokens[j].lower == ",":
            return None
        if tokens[j].is_word and verb_lemma(tokens[j]) in LINKING:
            return j
    return None


def subject(tokens: Tokens, verb: int) -> list[Token]:
    """The words before a verb that may be its subject: back to the clause's begin, a comma or a conjunction."""
    found: list[Token] = []
    for i in range(verb - 1, clause_start(tokens, verb) - 1, -1):
        word = tokens[i].lower
        if word in ("that", "which", "who") and not found and i and "NOUN" in lemmas(tokens[i - 1].lower):
            return [tokens[i - 1]]
        if (
            word
            in (",", "and", "but", "that", "which", "who", "because", "since", "if", "when", "while", "so", "whereas")
            and found
        ):
            break
        if tokens[i].is_word or word == "{}":
            if word in AUXILIARIES or word.endswith("n't") or is_adverb(tokens[i]):
                continue
            found.insert(0, tokens[i])
    return found


def head_of(phrase: Sequence[Token]) -> str:
    """The head of a subject: the last word before its first preposition."""
    head = ""
    for token in phrase:
        if head and token.lower in PREPOSITIONS:
            break
        if token.lower not in DETERMINERS:
            head = token.lower
    return head


Owner = Literal["ours", "theirs", "yours"]
