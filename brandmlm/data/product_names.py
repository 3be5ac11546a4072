"""Group the variants of a product by its name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Words for a product's variant, not for the product: "Nike Air Max 90 Women's Shoe" is the Nike Air Max 90.
_VARIANT_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "men mens women womens kid kids boy boys girl girls unisex adult baby toddler little big older younger "
        "shoe shoes sneaker sneakers trainer trainers xxs xs s m l xl xxl 2xl 3xl small medium large size "
        "black white grey gray navy blue red green pink purple orange yellow brown beige cream gold silver",
    )
)


def product_key(name: str) -> str:
    """A key that the variants of a product share: its name in lower case, without accents and without the words for
    audience, size or colour at its end."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("'", "").replace("’", ""))
    parts = re.findall(r"[^\W_]+", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    while len(parts) > 2 and parts[-1] in _VARIANT_WORDS:
        parts.pop()
    return " ".join(parts)
