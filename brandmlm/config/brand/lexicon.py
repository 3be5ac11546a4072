"""A brand's words: `lexicon.yaml`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from brandmlm.config.brand.fields import BrandModel, Text, Word, WordList
from brandmlm.config.brand.reading import parse_brand_file
from brandmlm.config.brand.sentiment import read_valences
from brandmlm.core.errors import UserError

# Values of `sentiment` that name no file.
VADER: Final = "vader"
NO_SENTIMENT: Final = "none"


class Words(BrandModel):
    """Adjectives of one kind. Training sentences contain `used` words only; `held_out` words test generalisation."""

    used: WordList
    held_out: WordList

    @property
    def all(self) -> tuple[str, ...]:
        """Used and held-out words."""
        return self.used + self.held_out


class Product(BrandModel):
    """A noun for something that the brand sells; a form that it does not have is the empty string.

    `number` tells which forms it has: `count` both ("a shoe is", "shoes are"), `plural` only a plural ("trousers
    are"), `mass` only a singular, used without an article ("clothing is").
    """

    singular: Word | Literal[""] = ""
    plural: Word | Literal[""] = ""
    number: Literal["count", "plural", "mass"] = "count"

    @model_validator(mode="after")
    def _has_its_forms(self) -> Self:
        wanted = {"count": (True, True), "plural": (False, True), "mass": (True, False)}[self.number]
        if (bool(self.singular), bool(self.plural)) != wanted:
            forms = {"count": "singular and plural", "plural": "plural alone", "mass": "singular alone"}[self.number]
            raise PydanticCustomError(
                "forms", "a product of number '{number}' has {forms}", {"number": self.number, "forms": forms}
            )
        return self

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms that the noun has."""
        return tuple(form for form in (self.singular, self.plural) if form)


class Lexicon(BrandModel):
    """A brand's names, products and adjectives, and the language of its texts."""

    language: str = "en"  # ISO 639
    # `vader` (English only), `none`, or a file in the brand's folder (see `read_valences`)
    sentiment: Text = Field(default=VADER, validate_default=True)
    brand: WordList
    other_brands: WordList
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    wanted: Words
    unwanted: Words
    neutral: Words
    _folder: Path = PrivateAttr(default=Path())

    @field_validator("language")
    @classmethod
    def _is_a_code(cls, language: str) -> str:
        if not re.fullmatch(r"[a-z]{2,3}", language):
            raise PydanticCustomError(
                "language", "'{language}' is no ISO 639 code; write one such as en or de", {"language": language}
            )
        return language

    @field_validator("sentiment")
    @classmethod
    def _serves_the_language(cls, sentiment: str, info: ValidationInfo) -> str:
        language = info.data.get("language", "en")
        if sentiment == VADER and language != "en":
            raise PydanticCustomError(
                "sentiment",
                "the language is {language}, and VADER serves English only; write `sentiment: none`, or the name of a "
                "file in this folder with a word, a tab and its score on each line",
                {"language": language},
            )
        return sentiment

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the lexicon: names, products, adjectives."""
        forms = tuple(form for product in self.products for form in product.forms)
        adjectives = self.wanted.all + self.unwanted.all + self.neutral.all
        return self.brand + self.other_brands + forms + adjectives

    @cached_property
    def valences(self) -> Mapping[str, float] | None:
        """Score by word (below 0: bad, above 0: good), empty without sentiment; None: VADER's lexicon decides.

        Raises UserError if the brand's file cannot be read.
        """
        if self.sentiment == VADER:
            return None
        return {} if self.sentiment == NO_SENTIMENT else read_valences(self._folder / self.sentiment)


def load_lexicon(path: str | os.PathLike[str]) -> Lexicon:
    """Read a lexicon. Raises UserError if a key is missing or wrong, a list is empty, or a word occurs twice."""
    file = Path(path)
    lexicon = parse_brand_file(file, Lexicon)
    lexicon._folder = file.parent
    placed = [
        *(("brand", word) for word in lexicon.brand),
        *(("other_brands", word) for word in lexicon.other_brands),
        *(("products", form) for product in lexicon.products for form in product.forms),
        *(
            (f"{kind}.{part}", word)
            for kind in ("wanted", "unwanted", "neutral")
            for part in ("used", "held_out")
            for word in getattr(getattr(lexicon, kind), part)
        ),
    ]
    found: dict[str, str] = {}
    for place, word in placed:
        earlier = found.setdefault(word.casefold(), place)
        if earlier != place:
            raise UserError(f"{file}: {word!r} is in {earlier} and in {place}; keep one of them")
    for (place, word), count in Counter((place, word.casefold()) for place, word in placed).items():
        if count > 1:
            raise UserError(f"{file}: {place}: {word!r} occurs {count} times; keep one of them")
    return lexicon
