"""What is proposed for a new brand: its lexicon, and the text of params.yaml with its profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.commands.brand_writing import PARAMS, TEMPLATE
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.params.base import AnyBase, HubBase
from brandmlm.config.params.reading import Params
from brandmlm.config.params.sections import find_profiles, merge_profile, read_document
from brandmlm.core.errors import UserError
from brandmlm.data.brand_context import count_naming
from brandmlm.data.new_brand.adjectives import find_adjectives
from brandmlm.data.new_brand.names import find_names
from brandmlm.data.new_brand.products import find_products
from brandmlm.data.new_brand.profile import add_profile
from brandmlm.data.new_brand.reading import BrandTable
from brandmlm.data.new_brand.tokens import tokenize, tokenize_all
from brandmlm.data.new_brand.words import compose, drop, folded

# From so many different texts on, a model is trained on so many tokens: fewer see each text hardly twice.
MANY_TEXTS: Final = 1_000
MANY_TOKENS: Final = 200_000


def local_model() -> Params:
    """The params of the first profile, beginning with the one in force, whose base is on this machine."""
    document = read_document(PARAMS)
    for profile in find_profiles(document):
        params = Params.check(merge_profile(document, PARAMS, profile), document, PARAMS, profile)
        if not isinstance(params.base, HubBase):
            return params
    raise UserError(f"{PARAMS}: no profile has a base on this machine (kind package or path); add one")


def single_token_test(base: AnyBase) -> Callable[[str], bool]:
    """A test of whether a word is a single token of a base."""
    from transformers import AutoTokenizer  # takes seconds to load

    from brandmlm.modeling.bases import locate
    from brandmlm.modeling.vocabulary import Vocabulary

    return Vocabulary(AutoTokenizer.from_pretrained(locate(base), local_files_only=True)).holds


def _texts(tables: Sequence[BrandTable]) -> list[str]:
    return [text for table in tables for text in table.rows["text"]]


def _stars(tables: Sequence[BrandTable]) -> list[float | None]:
    ratings = [rating for table in tables for rating in table.rows["rating"].astype(object)]
    return [None if pd.isna(rating) else float(rating) for rating in ratings]


def propose_lexicon(
    tables: Sequence[BrandTable], brand: Sequence[str], rivals: Sequence[str], is_single: Callable[[str], bool]
) -> Lexicon:
    """The lexicon of a brand: what its rows show, and the template's words.

    Args:
        tables: its files; none: the template's words alone.
        brand: its names.
        rivals: its competitors; the template's if empty.
        is_single: whether a word is a single token of the base.
    """
    texts = _texts(tables)
    tokens = tokenize_all(texts)
    words = {token for name in brand for token in tokenize(name) if token.isalnum()}
    proper = {name.lower() for name in find_names(texts, most=None)}
    products = find_products(tokens, [name for table in tables for name in table.names], words, proper)
    forms = {form for product in products for form in product.forms}
    found = find_adjectives(tokens, _stars(tables), is_single, without=words | forms)
    template = load_lexicon(TEMPLATE / "lexicon.yaml")
    return compose(template, brand, rivals, products, {"wanted": found.wanted, "unwanted": found.unwanted})


def propose_rivals(tables: Sequence[BrandTable], lexicon: Lexicon) -> list[str]:
    """Names in the rows that may be competitors'."""
    known = {*lexicon.brand, *(form for product in lexicon.products for form in product.forms)}
    return find_names(_texts(tables), {word.lower() for name in known for word in name.split()})


def with_rivals(lexicon: Lexicon, rivals: Sequence[str]) -> Lexicon:
    """With other competitors; words with their names are no product and no adjective any more."""
    for rival in rivals:
        lexicon = drop(lexicon, rival)
    brand = folded(lexicon.brand)
    others = tuple(dict.fromkeys(rival for rival in rivals if rival.casefold() not in brand))
    return lexicon.model_copy(update={"other_brands": others or lexicon.other_brands})


def count_single(lexicon: Lexicon, is_single: Callable[[str], bool]) -> dict[str, int]:
    """The number of words on each side that training uses and that are a single token of the base."""
    return {side: sum(map(is_single, getattr(lexicon, side).used)) for side in ("wanted", "unwanted")}


def share_naming(tables: Sequence[BrandTable], brand: Sequence[str]) -> float:
    """The share of the texts that have one of a brand's names."""
    texts = _texts(tables)
    return count_naming(texts, brand)[""] / len(texts)


def _in_params(path: Path) -> str:
    """A file as params.yaml names it: from the project's root if it is inside."""
    path, root = path.resolve(), Path.cwd().resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def propose_params(name: str, spoken: str, model: Params, tables: Mapping[str, BrandTable]) -> str:
    """The text of params.yaml with a profile for the brand, which is not in force yet.

    Args:
        name: of the profile.
        spoken: the brand's name, for a comment.
        model: the profile whose base and recipe it takes; with many rows it trains longer.
        tables: by the source's name.
    """
    text = PARAMS.read_bytes().decode("utf-8")  # read_text would change the ends of lines
    sources: dict[str, Any] = {source: table.entry(_in_params(table.path)) for source, table in tables.items()}
    many = len(_texts(list(tables.values()))) >= MANY_TEXTS and model.train.tokens < MANY_TOKENS
    changes = {"sources": sources, **({"train": {"tokens": MANY_TOKENS}} if many else {})}
    return add_profile(text, name, model.profile, changes, spoken)
