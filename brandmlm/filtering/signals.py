"""Signals: true or false for each text, as polars expressions.

| signal        | true for a text that                                                               |
|---------------|------------------------------------------------------------------------------------|
| `brand`       | names our brand                                                                    |
| `other_brand` | names another brand                                                                |
| `product`     | names a product in one of its forms                                                |
| `feature`     | has a wanted or neutral adjective                                                  |
| `wanted`      | has a wanted adjective                                                             |
| `unwanted`    | has an unwanted adjective, whatever it is about, negated or not                    |
| `slander`     | has our brand's name and an unwanted adjective in one sentence, negated or not     |
| `denied`      | has unwanted adjectives, all of them negated: "not ugly", "never too heavy"; or is |
|               | a synthetic denial                                                                 |
| `positive`    | has a compound score, of VADER or the brand's lexicon, of at least the threshold   |
| `non_null`    | is not null and not blank                                                          |
| `length`      | has between `min_words` and `max_words` words, both included                       |

Case is ignored, by VADER too: the models are uncased. Held-out words of the lexicon count like the others. `denied`
always matches whole words, and knows English negations only. `positive` takes longer than all others together, and is
evaluated only where it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.params.filter import Filter
from brandmlm.filtering.matching import has_any, in_one_sentence
from brandmlm.filtering.negation import all_negated
from brandmlm.filtering.sentiment import compound_score

WORD_SIGNALS: Final = ("brand", "other_brand", "product", "feature", "wanted", "unwanted")

COSTLY: Final = ("positive",)  # evaluated only where the keep rule asks for them

SIGNALS: Final = (*WORD_SIGNALS, "slander", "denied", "positive", "non_null", "length")


def signal_words(lexicon: Lexicon) -> dict[str, list[str]]:
    """The words of each word signal."""
    wanted, unwanted, neutral = (list(words.all) for words in (lexicon.wanted, lexicon.unwanted, lexicon.neutral))
    return {
        "brand": list(lexicon.brand),
        "other_brand": list(lexicon.other_brands),
        "product": [form for product in lexicon.products for form in product.forms],
        "feature": wanted + neutral,
        "wanted": wanted,
        "unwanted": unwanted,
    }


def signal_expressions(
    words: Mapping[str, Sequence[str]], params: Filter, valences: Mapping[str, float] | None = None
) -> dict[str, pl.Expr]:
    """One boolean expression for each signal, in the order of `SIGNALS`; never null, evaluated only if it is selected.

    Args:
        words: The words of each word signal; see `signal_words`.
        params: How words match, and the thresholds.
        valences: Score by word (`Lexicon.valences`); None: VADER's. Without any, no text is positive.

    Returns:
        Expressions over the columns `text`, `polarity` and `canonical` (see `matching.canonical`) and the signals
        before them.
    """
    text = pl.col("text")
    scored = valences is None or len(valences) > 0
    # Regular expressions with many words are slow, and few texts have an unwanted word.
    some = pl.when(pl.col("unwanted")).then(text) if params.match == "word" else text
    positive = compound_score(text, valences) >= params.positive_threshold if scored else pl.lit(False)
    expressions = {
        **{name: has_any(words[name], params.match) for name in WORD_SIGNALS},
        "slander": in_one_sentence(words["brand"], words["unwanted"], params.match),
        "denied": (pl.col("unwanted") & (pl.col("polarity") == "denial").fill_null(False))
        | all_negated(words["unwanted"], some),
        "positive": positive,
        "non_null": text.is_not_null() & text.str.contains(r"\S"),
        "length": text.str.count_matches(r"\S+").is_between(params.min_words, params.max_words),
    }
    return {name: expressions[name].fill_null(False) for name in SIGNALS}
