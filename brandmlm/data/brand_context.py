"""What cleaning has to know of the brand: its language, its names, the words that are nobody's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.core.errors import UserError
from brandmlm.text.language import known_languages
from brandmlm.text.placeholders import PLACEHOLDER
from brandmlm.text.reviewer_name import brand_words

_SHOWN: Final = 3  # names in a message

_CAPITALISED = re.compile(r"(?<=[^\W\d_] )[A-Z][^\W\d_]+(?:['’-][^\W\d_]+)*")  # inside a sentence


@dataclass(frozen=True)
class BrandContext:
    """A brand as cleaning sees it."""

    language: str = "en"
    names: tuple[str, ...] = ()  # of the brand, aliases included
    other_names: tuple[str, ...] = ()  # of other brands
    words: tuple[str, ...] = ()  # all words of the lexicon

    @classmethod
    def of(cls, lexicon: Lexicon) -> Self:
        """The context of a brand."""
        return cls(lexicon.language, lexicon.brand, lexicon.other_brands, lexicon.words)

    @cached_property
    def never_names(self) -> frozenset[str]:
        """The words that `scrub_name` never takes for a reviewer's name."""
        return brand_words(self.words)

    @cached_property
    def handles(self) -> frozenset[str]:
        """The brand's names as accounts and domains spell them ("@nike", "nike dot com"), for `repair`."""
        return frozenset(re.sub(r"[\W_]", "", name).casefold() for name in self.names)


NO_BRAND: Final = BrandContext()  # of a plain table


def check_language(language: str, source: str) -> None:
    """Raise UserError if texts of a language cannot be told from others.

    Args:
        language: a code.
        source: the file that says so, for the message.
    """
    if language not in known_languages():
        raise UserError(f"{source}: language: {language!r} is unknown; use an ISO 639 code such as en, de, fr or es")


def count_naming(texts: Iterable[str], names: Collection[str]) -> Counter[str]:
    """Count the texts that have each name as a whole word, whatever its case; under "", those that have any."""
    plain = {name: re.escape(name.replace("’", "'")) for name in names}  # as texts have it after their repair
    forms = {name: re.compile(rf"(?<!\w){form}(?!\w)", re.IGNORECASE) for name, form in plain.items()}
    counts: Counter[str] = Counter()
    for text in texts:
        found = [name for name, form in forms.items() if form.search(text)]
        counts.update([*found, ""] if found else [])
    return counts


def check_named(texts: Collection[str], context: BrandContext, min_share: float) -> None:
    """Raise UserError if too few texts name the brand: the data set is probably another brand's.

    Args:
        texts: the real texts, at least one.
        context: the brand; one without a name is in order.
        min_share: of the texts that name it; 0 allows any.
    """
    if not context.names:
        return
    own, total = count_naming(texts, context.names)[""], len(texts)
    if own >= min_share * total:
        return
    others = count_naming(texts, context.other_names)
    named = ", ".join(f"{name} {others[name] / total:.0%}" for name, _ in others.most_common(_SHOWN + 1) if name)
    capitalised = Counter(
        word for text in texts for word in dict.fromkeys(_CAPITALISED.findall(PLACEHOLDER.sub(" ", text)))
    )
    frequent = [f"{word} {rows / total:.0%}" for word, rows in capitalised.most_common(_SHOWN)]
    raise UserError(
        f"only {own / total:.1%} of {total:,} real rows name the brand ({', '.join(context.names)}), "
        f"{others[''] / total:.0%} name other brands of its lexicon{f' ({named})' if named else ''}; most "
        f"frequent capitalised words: {', '.join(frequent) or 'none'}; give the brand's own rows, list how they name "
        "it under `brand` in lexicon.yaml, or, if its texts need not name it, set clean.min_brand_share to 0"
    )
