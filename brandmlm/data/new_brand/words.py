"""The lexicon of a new brand: what was found in its rows, completed from the template's; a person's changes to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from brandmlm.config.brand.lexicon import Lexicon, Product, Words

MIN_PRODUCTS: Final = 3  # fewer are completed with the template's, which suit any trade

Side = Literal["wanted", "unwanted"]


def folded(words: Iterable[str]) -> list[str]:
    """The words as they are compared: without case."""
    return [word.casefold() for word in words]


def _free(words: Iterable[str], taken: set[str]) -> tuple[str, ...]:
    """The words that are not taken, each once; they are taken then."""
    kept = []
    for word in words:
        if word.casefold() not in taken:
            taken.add(word.casefold())
            kept.append(word)
    return tuple(kept)


def _free_products(found: Sequence[Product], general: Sequence[Product], taken: set[str]) -> tuple[Product, ...]:
    """The products that were found and the template's first, which fits anything; more of these if few were found."""
    chosen: list[Product] = []
    for product in (*found, *general):
        enough = product not in found and general[0] in chosen and len(chosen) > MIN_PRODUCTS
        if not enough and not taken & set(folded(product.forms)):
            taken.update(folded(product.forms))
            chosen.append(product)
    return tuple(chosen)


def compose(
    template: Lexicon,
    brand: Sequence[str],
    rivals: Sequence[str],
    products: Sequence[Product],
    adjectives: dict[Side, Sequence[str]],
) -> Lexicon:
    """A lexicon with what was found before the template's words, each word in one list only.

    Names win over products, and products over adjectives. A word that the template holds out stays so although it was
    found: held-out words test whether a model has learnt the idea, so that no training sentence may have them.

    Args:
        template: the lexicon for any trade.
        brand: the brand's names.
        rivals: its competitors; the template's if empty.
        products: that were found.
        adjectives: that were found, by side.
    """
    taken = set(folded(brand))
    others = _free(rivals or template.other_brands, taken)
    chosen = _free_products(products, template.products, taken)
    sides: tuple[Literal["wanted", "unwanted", "neutral"], ...] = ("wanted", "unwanted", "neutral")
    held_out = {side: _free(getattr(template, side).held_out, taken) for side in sides}
    found: dict[str, tuple[str, ...]] = {side: _free(words, taken) for side, words in adjectives.items()}
    used = {side: (*found.get(side, ()), *_free(getattr(template, side).used, taken)) for side in sides}
    lists = {side: Words(used=used[side], held_out=held_out[side]) for side in sides}
    return Lexicon(
        brand=tuple(brand),
        other_brands=others,
        products=chosen,
        wanted=lists["wanted"],
        unwanted=lists["unwanted"],
        neutral=lists["neutral"],
    )


def drop(lexicon: Lexicon, word: str) -> Lexicon:
    """Without a word, be it a product (in either form) or an adjective.

    The last of a list stays, and so does the last product with a singular and a plural, which most sentences need.
    """
    gone = word.casefold()
    changes: dict[str, object] = {}
    kept = tuple(product for product in lexicon.products if gone not in folded(product.forms))
    if any(product.number == "count" for product in kept):
        changes["products"] = kept
    for side in ("wanted", "unwanted", "neutral"):
        words: Words = getattr(lexicon, side)
        parts = {
            part: tuple(each for each in listed if each.casefold() != gone) or listed
            for part, listed in (("used", words.used), ("held_out", words.held_out))
        }
        changes[side] = Words(**parts)
    return lexicon.model_copy(update=changes)


def put(lexicon: Lexicon, word: str, side: Side) -> Lexicon:
    """With an adjective in the list of a side, wherever it was before."""
    rest = drop(lexicon, word)
    words: Words = getattr(rest, side)
    if word.casefold() in folded(words.all):
        return rest
    return rest.model_copy(update={side: Words(used=(word, *words.used), held_out=words.held_out)})
