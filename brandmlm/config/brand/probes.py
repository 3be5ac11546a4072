"""The sentences that models are tested on: `probes.yaml`, with the behaviour suite."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from brandmlm.config.brand.fields import (
    ALTERNATIVES,
    MASK,
    MAX_SENTENCES,
    BrandModel,
    Name,
    Text,
    Word,
    WordList,
    count_sentences,
    expand,
)
from brandmlm.config.brand.reading import check_ids, parse_brand_file
from brandmlm.core.errors import UserError

Kind = Literal["claim", "product", "brand", "negation", "other_brand"]


class Probe(BrandModel):
    """A sentence with one `[MASK]`; `seed` marks those of the experiment that this project reproduces."""

    id: Name
    kind: Kind
    text: Text
    seed: StrictBool = False

    @model_validator(mode="after")
    def _has_one_mask(self) -> Self:
        count = self.text.count(MASK)
        if count != 1:
            raise PydanticCustomError(
                "mask", "the text has {mask} {count} times; write it exactly once", {"count": count, "mask": MASK}
            )
        return self


def _check_pattern(text: str) -> str:
    """Refuse a pattern with malformed braces, or whose sentences would not have exactly one mask each."""
    literal = ALTERNATIVES.sub("", text)
    if "{" in literal or "}" in literal or any("|" not in found for found in ALTERNATIVES.findall(text)):
        raise PydanticCustomError("braces", "a brace outside of alternatives; write alternatives as in {shoes|socks}")
    if literal.count(MASK) != 1 or text.count(MASK) != 1:
        raise PydanticCustomError(
            "mask", "the text has {mask} {count} times; write it exactly once, outside of braces",
            {"count": text.count(MASK), "mask": MASK},
        )  # fmt: skip
    if (count := count_sentences(text)) > MAX_SENTENCES:
        raise PydanticCustomError(
            "alternatives", "a pattern of {count} sentences; write at most {most}",
            {"count": f"{count:,}", "most": f"{MAX_SENTENCES:,}"},
        )  # fmt: skip
    return text


Pattern = Annotated[Text, AfterValidator(_check_pattern)]


class CuedPattern(BrandModel):
    """A pattern, and the cue that makes it a denial or lets it look like one ("seldom", "not only"). Sentences of one
    cue vary little, so that a cue is either for tuning or for reporting."""

    cue: Text
    text: Pattern


class Suite(BrandModel):
    """A part of the behaviour suite: sentences with one `[MASK]`, by capability (see `evaluation.behaviour_cases`).
    A pattern with `{a|b}` is one sentence with either."""

    claim: tuple[Pattern, ...] = ()
    product: tuple[Pattern, ...] = ()
    slot: tuple[Pattern, ...] = ()  # filled by one of the suite's `slot_words`
    brand: tuple[Pattern, ...] = ()
    negation: tuple[CuedPattern, ...] = ()
    look_alike: tuple[CuedPattern, ...] = ()  # claims that look like denials
    no_brand: tuple[Pattern, ...] = ()
    plain_english: tuple[Pattern, ...] = ()

    @property
    def patterns(self) -> dict[str, tuple[str, ...]]:
        """The patterns of every capability, without their cues."""
        return {
            capability: tuple(entry.text if isinstance(entry, CuedPattern) else entry for entry in entries)
            for capability, entries in self
        }

    @property
    def cues(self) -> tuple[str, ...]:
        """The cues, each once."""
        return tuple(dict.fromkeys(entry.cue for entry in (*self.negation, *self.look_alike)))


class Phrases(BrandModel):
    """Phrases for claims, in addition to the words of the lexicon that have several tokens."""

    wanted: tuple[Word, ...] = ()
    unwanted: tuple[Word, ...] = ()


class Behaviour(BrandModel):
    """The behaviour suite: a part to tune on (`dev`), and one to report (`test`)."""

    spellings: tuple[WordList, ...] = ()  # each a list of the spellings of one word
    phrases: Phrases = Phrases()
    slot_words: tuple[Word, ...] = ()  # single words between the brand and a product ("running"), in any case
    dev: Suite = Suite()
    test: Suite = Suite()

    @property
    def parts(self) -> dict[str, Suite]:
        """Both parts, by name."""
        return {"dev": self.dev, "test": self.test}


class Probes(BrandModel):
    """The content of `probes.yaml`."""

    probes: Annotated[tuple[Probe, ...], Field(min_length=1)]
    behaviour: Behaviour = Behaviour()


def load_probes(path: str | os.PathLike[str]) -> tuple[Probe, ...]:
    """Read the probes, in their order. Raises UserError if an id occurs twice, a kind is unknown, or a text does not
    have exactly one `[MASK]`."""
    file = Path(path)
    probes = parse_brand_file(file, Probes).probes
    check_ids(file, "probes", (probe.id for probe in probes))
    return probes


def load_behaviour(path: str | os.PathLike[str]) -> Behaviour:
    """Read the behaviour suite; it is empty if the file has none.

    Raises:
        UserError: A key is unknown, a sentence does not have exactly one `[MASK]`, a sentence or a cue is in both parts
            (results on what was tuned on would mean nothing), a sentence occurs twice in one, or there are sentences of
            the capability `slot` but no `slot_words`.
    """
    file = Path(path)
    behaviour = parse_brand_file(file, Probes).behaviour
    found: dict[str, str] = {}
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite.patterns.items():
            place = f"behaviour.{part}.{capability}"
            for sentence in (sentence for pattern in patterns for sentence in expand(pattern)):
                key = sentence.casefold()
                if key in found:
                    raise UserError(f"{file}: {place}: {sentence!r} is in {found[key]} already; keep one of them")
                found[key] = place
        if suite.slot and not behaviour.slot_words:
            raise UserError(
                f"{file}: behaviour.{part}.slot needs words to expect; list some under behaviour.slot_words"
            )
    tuned = {cue.casefold() for cue in behaviour.dev.cues}
    for cue in behaviour.test.cues:
        if cue.casefold() in tuned:
            raise UserError(
                f"{file}: behaviour: the cue {cue!r} is in dev and in test; keep its sentences in one of the parts"
            )
    return behaviour
