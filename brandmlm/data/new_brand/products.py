"""Find what a brand sells: nouns that people say they bought, nouns after the brand's name, and heads of product names.

Without a part-of-speech tagger, a noun phrase begins after a determiner or the brand's name and ends before a function
word or punctuation; its last word is its head: "bought this second [kitchen speaker] for".
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from brandmlm.config.brand.lexicon import Product
from brandmlm.data.new_brand.tokens import END, FUNCTION_WORDS, is_word, tokenize, word_set
from brandmlm.data.product_names import AUDIENCE

if TYPE_CHECKING:
    import inflect

MIN_SHARE: Final = 0.004  # of the texts that name a product; more texts name something else by chance

MIN_COUNT: Final = 2

MIN_USES: Final = 0.25  # of its occurrences as a product, those as a common noun in the texts

MOST: Final = 12  # products

_BUYING: Final = word_set(
    """buy bought buying purchase purchased purchasing order ordered ordering own owned owning return returned replaced
    received installed got sell sells sold makes"""
)
_DETERMINERS: Final = word_set("a an the this that my our his her these those two three another")
_DEMONSTRATIVES: Final = word_set("this these my our")
# Verbs and adverbs after a noun phrase.
_VERBS: Final = word_set(
    """works work worked does did do is are was were has have had came come arrived broke died makes made feels looks
    fits fits stopped needs will would can lets gives say says said tell tells told keep keeps kept fit take
    takes took help helps sits sit stands goes gone run runs ran look feel seem seems become became turn turns
    turned start starts started want wants like likes love loves loved know knows think thinks online yesterday
    today tomorrow ago here there recently directly too even 'd 's ’s"""
)
# Heads of noun phrases that people buy, get or have without the shop selling them.
_NO_PRODUCTS: Final = word_set(
    """bit box brand business case color colour company couple customer customers day days deal delivery design edition
    family feature features friend friends gift gifts hand hands home house husband idea issue issues kid kids kind
    kitchen list lot love man mom money month months mother music name night number office order pack package pair
    pairs people person piece place point price problem problems purchase quality question reason refund
    replacement return review reviews room sale service shop site size son sort store stuff style team thing things
    time times type use version video voice way website week weeks wife woman work world year years daughter dad
    father parents birthday christmas grandmother grandfather grandma grandpa brother sister neighbour neighbours
    neighbor boss colleague partner mum dog cat baby star stars minute minutes hour hours first second third last
    new old same"""
)
# Nouns without a singular that are sold by the piece.
_PLURAL_ONLY: Final = word_set(
    """boxers briefs earphones glasses goggles headphones jeans joggers leggings overalls pajamas pants pyjamas scissors
    shorts sunglasses sweatpants tights tongs trousers trunks tweezers binoculars pliers clippers"""
)
# Nouns without a plural.
_MASS: Final = word_set(
    """apparel clothing coffee cookware equipment footwear furniture gear hardware jewellery jewelry luggage makeup
    merchandise shampoo software sportswear swimwear tableware tea underwear"""
)
_NAME_END: Final = re.compile(r"\s[-–—|/]\s|[,(\[]|\s(?:for|with|in|by|from)\s", re.IGNORECASE)


@functools.cache
def _inflect() -> inflect.engine:
    import inflect  # takes a second to load

    return inflect.engine()


def plural_of(singular: str) -> str:
    """The plural of an English noun."""
    return str(_inflect().plural_noun(singular))


def _singular_of(word: str, seen: Collection[str]) -> str:
    """The singular of a noun that may be a plural: one whose own plural is that word, and that is used as well or is
    beyond doubt ("-ies", "-es" after a hiss, or no double s)."""
    if word in _PLURAL_ONLY or word in _MASS or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    stems = (word[:-1], word[:-2], f"{word[:-3]}y", f"{word[:-3]}f", f"{word[:-3]}fe")
    fitting = [stem for stem in stems if len(stem) > 2 and plural_of(stem) == word]
    used = [stem for stem in fitting if stem in seen]
    return next(iter([*used, *fitting]), word)


def _head(tokens: Sequence[str], start: int) -> str | None:
    """The last word of the noun phrase that begins at a place, of at most four words."""
    end = start
    while end < len(tokens) and end < start + 4 and is_word(tokens[end]) and tokens[end] not in FUNCTION_WORDS | _VERBS:
        end += 1
    return tokens[end - 1] if end > start and end < start + 4 else None


@dataclass
class _Nouns:
    """The texts in which words occur as nouns."""

    products: Counter[str] = field(default_factory=Counter)  # heads of phrases that something says to be products
    heads: Counter[str] = field(default_factory=Counter)  # of any phrase
    direct: Counter[str] = field(default_factory=Counter)  # right after a determiner
    verbs: Counter[str] = field(default_factory=Counter)  # after "to": "keep" is no noun although "the bags keep" is

    def add(self, tokens: Sequence[str], brand: Collection[str]) -> None:
        products: set[str | None] = set()
        heads: set[str | None] = set()
        direct: set[str] = set()
        for place, (token, after) in enumerate(itertools.pairwise(tokens)):
            if token in _DETERMINERS:
                head = _head(tokens, place + 1)
                heads.add(head)
                direct.add(after)
                is_subject = place + 2 < len(tokens) and tokens[place + 2] in _VERBS  # "this speaker is"
                if tokens[place - 1] in _BUYING or (token in _DEMONSTRATIVES and is_subject):
                    products.add(head)
            elif token in brand and after not in brand:
                products.add(_head(tokens, place + 1))
        self.products.update(head for head in products if head)
        self.heads.update(head for head in heads if head)
        self.direct.update(direct)
        self.verbs.update({after for token, after in itertools.pairwise(tokens) if token == "to"})

    def has(self, word: str, count: int) -> bool:
        """Whether a word that occurs so often as a product is a noun elsewhere, too."""
        forms = {word, plural_of(word)}
        uses = sum(self.heads[form] for form in forms) - self.verbs[word]
        return uses >= MIN_USES * count and any(self.direct[form] for form in forms)


def _name_head(name: str) -> str | None:
    """The head of a product's name: its last word before a bracket, a comma, a dash or "for"."""
    words = [token for token in tokenize(_NAME_END.split(name.strip())[0]) if token != END]
    while words and (not is_word(words[-1]) or len(words[-1]) < 3 or words[-1] in AUDIENCE):
        words.pop()
    return words[-1] if words else None


def _is_plural(word: str) -> bool:
    """Whether a noun is a plural in -s: inflect adds another s to it ("cupss"), but "es" to a singular ("lenses")."""
    return word.endswith("s") and plural_of(word) == f"{word}s"


def product_of(word: str) -> Product:
    """The product that a noun names in either number, or in its only form."""
    if word in _PLURAL_ONLY:
        return Product(plural=word, number="plural")
    if word in _MASS:
        return Product(singular=word, number="mass")
    if _is_plural(word):
        return Product(singular=str(_inflect().singular_noun(word) or word), plural=word)
    return Product(singular=word, plural=plural_of(word))


def find_products(
    texts: Sequence[Sequence[str]], names: Sequence[str], brand: Collection[str], proper: Collection[str] = ()
) -> list[Product]:
    """The products in tokenized texts and in product names, the most frequent first.

    Args:
        texts: see `tokens.tokenize`.
        names: of products.
        brand: the words of the brand's names, in lower case.
        proper: words in lower case that the texts have as names, such as those of models: no product by themselves.
    """
    nouns = _Nouns()
    for tokens in texts:
        nouns.add(tokens, brand)
    name_heads = Counter(head for name in names if (head := _name_head(name)))
    seen = {*(token for tokens in texts for token in tokens), *name_heads}
    products = Counter[str]()
    for head, count in (nouns.products + name_heads).items():
        word = _singular_of(head, seen)
        if not {head, word} & {*_NO_PRODUCTS, *FUNCTION_WORDS, *AUDIENCE, *brand, *proper} and len(word) > 2:
            products[word] += count
    least = max(MIN_COUNT, MIN_SHARE * (len(texts) + len(names)))
    common = [word for word, count in products.items() if count >= least and (not texts or nouns.has(word, count))]
    return [product_of(word) for word in sorted(common, key=lambda word: (-products[word], word))[:MOST]]
