"""Group the variants of a product by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

# For whom a product is, wherever its name says so.
AUDIENCE: Final = frozenset(
    re.findall(
        r"\w+",
        "men mens women womens man woman lady ladies kid kids boy boys girl girls unisex adult adults baby babies "
        "toddler toddlers infant infants junior juniors youth child children childrens "
        "damen herren kinder femme homme enfant mujer hombre donna uomo",
    )
)
_AGE: Final = frozenset(re.findall(r"\w+", "big little older younger"))  # before an audience: "Big Kids'"

# Words for a product's variant at the end of its name: "Nike Air Max 90 Shoe Black" is the Nike Air Max 90.
_VARIANT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "shoe shoes sneaker sneakers trainer trainers xxs xs s m l xl xxl small medium large size "
        "black white grey gray navy blue red green pink purple orange yellow brown beige cream gold silver",
    )
)

_SIZE = re.compile(r"\bsizes? \d+(?:[.,/]\d+)?|\b\d?x{1,3}[sl]\b|(?<=[\W_])\d{1,2}(?:[.,]\d+)? ?(?:uk|us|eu)\b")


def product_key(name: str) -> str:
    """A key that the variants of a product share: its name in lower case, without accents, without the words for its
    audience, and without those for size or colour at its end. "SL20" and "SL 20" are one."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    plain = _SIZE.sub(" ", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    whole = re.findall(r"[^\W\d_]+|\d[^\W_]*", plain)
    parts = [
        word
        for word, following in zip(whole, [*whole, ""][1:], strict=True)
        if word not in AUDIENCE and not (word in _AGE and following in AUDIENCE)
    ]
    return " ".join(_without_variant(parts, 2) or whole)


def _without_variant(parts: list[str], least: int) -> list[str]:
    """A name's words without the variant at its end, but at least so many."""
    end = len(parts)
    while end > least and parts[end - 1] in _VARIANT_WORDS:
        end -= 1
    return parts[:end]


def without_brand(key: str, brand: Collection[str]) -> str:
    """A product's key without the brand's names, which some shops leave out, and without the variant that is then at
    its end ("gazelle shoes"); the key if nothing else is in it.

    Args:
        key: From `product_key`.
        brand: The brand's names.
    """
    rest = f" {key} "
    for name in sorted(map(product_key, brand), key=len, reverse=True):
        rest = rest.replace(f" {name} ", " ")
    return " ".join(_without_variant(rest.split(), 1)) or key
