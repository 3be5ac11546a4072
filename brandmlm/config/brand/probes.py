"""The sentences that a model is tested on: `probes.yaml`, the behaviour suite among them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from brandmlm.config.brand.fields import ALTERNATIVES, MASK, Name, Part, Text, Word, WordList, alternatives
from brandmlm.config.brand.reading import check_ids, parse_brand_file
from brandmlm.core.errors import UserError

Kind = Literal["claim", "product", "brand", "negation", "other_brand"]


class Probe(Part):
    """A sentence with one `[MASK]`. `seed` marks those of the experiment that this project reproduces."""

    id: Name
    kind: Kind
    text: Text
    seed: StrictBool = False

    @model_validator(mode="after")
    def _has_one_mask(self) -> Self:
        count = self.text.count(MASK)
        if count != 1:
            raise PydanticCustomError(
                "mask", "the text has {count} times {mask}; write it exactly once", {"count": count, "mask": MASK}
            )
        return self


def _check_pattern(text: str) -> str:
    """Refuse a sentence of the suite that some filling of its alternatives leaves without exactly one mask."""
    literal = ALTERNATIVES.sub("", text)
    if "{" in literal or "}" in literal or any("|" not in found for found in ALTERNATIVES.findall(text)):
        raise PydanticCustomError("braces", "a brace that is no part of alternatives; write them as in {shoes|socks}")
    if literal.count(MASK) != 1 or text.count(MASK) != 1:
        raise PydanticCustomError(
            "mask", "the text has {count} times {mask}; write it exactly once, outside of braces",
            {"count": text.count(MASK), "mask": MASK},
        )  # fmt: skip
    return text


Pattern = Annotated[Text, AfterValidator(_check_pattern)]


class Suite(Part):
    """One part of the behaviour suite: sentences with one `[MASK]` by capability (see `evaluation.behaviour_cases`).
    `{a|b}` makes one sentence with either."""

    claim: tuple[Pattern, ...] = ()
    product: tuple[Pattern, ...] = ()
    brand: tuple[Pattern, ...] = ()
    negation: tuple[Pattern, ...] = ()
    other_brand: tuple[Pattern, ...] = ()
    plain_english: tuple[Pattern, ...] = ()


class Phrases(Part):
    """Words for claims that need several tokens, or several words."""

    wanted: tuple[Word, ...] = ()
    unwanted: tuple[Word, ...] = ()


class Behaviour(Part):
    """The behaviour suite: a part to tune on, and one to report."""

    spellings: tuple[WordList, ...] = ()  # groups of spellings of one word
    phrases: Phrases = Phrases()
    dev: Suite = Suite()
    test: Suite = Suite()

    @property
    def parts(self) -> dict[str, Suite]:
        return {"dev": self.dev, "test": self.test}


class Probes(Part):
    probes: Annotated[tuple[Probe, ...], Field(min_length=1)]
    behaviour: Behaviour = Behaviour()


def load_probes(path: str | os.PathLike[str]) -> tuple[Probe, ...]:
    """Read the probes, in their order. Raises UserError where an id stands twice, a kind is unknown or a text has not
    exactly one `[MASK]`."""
    file = Path(path)
    probes = parse_brand_file(file, Probes).probes
    check_ids(file, "probes", (probe.id for probe in probes))
    return probes


def load_behaviour(path: str | os.PathLike[str]) -> Behaviour:
    """Read the behaviour suite that stands beside the probes; an empty one where there is none. Raises UserError where
    a key is unknown, a sentence has not exactly one `[MASK]`, or one stands twice: what was tuned on reports nothing.
    """
    file = Path(path)
    behaviour = parse_brand_file(file, Probes).behaviour
    found: dict[str, str] = {}
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite:
            place = f"behaviour.{part}.{capability}"
            for sentence in (sentence for pattern in patterns for sentence in alternatives(pattern)):
                key = sentence.casefold()
                if key in found:
                    raise UserError(f"{file}: {place}: {sentence!r} stands in {found[key]} already; keep one of them")
                found[key] = place
    return behaviour
