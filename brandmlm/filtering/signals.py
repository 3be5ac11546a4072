"""What can be said about a text, row by row, true or false: plain polars expressions, and the thin UpTrain operators
that run them.

| signal        | holds where                                                                             |
|---------------|-----------------------------------------------------------------------------------------|
| `brand`       | the text names our brand                                                                |
| `other_brand` | it names another one                                                                    |
| `product`     | it names a product in one of its forms                                                  |
| `feature`     | it has a feature word: a wanted or a neutral adjective                                  |
| `wanted`      | it has a wanted adjective                                                               |
| `unwanted`    | it has an unwanted adjective, whoever it is said of, negated or not                     |
| `slander`     | one of its sentences has both our brand's name and an unwanted adjective, negated or not|
| `denied`      | it has an unwanted adjective, and all of them are denied: "not ugly", "never too heavy" |
| `positive`    | its VADER compound score is at least the threshold                                      |
| `non_null`    | there is a text, and not only blanks                                                    |
| `length`      | it has between `min_words` and `max_words` words, both included                         |

Case never counts, not for VADER either: the models are uncased. A lexicon's held-out words count like the others.
With `match: word`, whole words: everything that is neither letter, digit nor underscore separates words, so that
"long sleeve" is found in "Long-sleeve" and "nike" in "Nike's", and no phrase reaches over the end of a sentence. With
`match: substring`, letters in a row: "fashionable" is found in "unfashionable".

`denied` goes by whole words whatever `match` says. A word is denied up to five words behind one that denies (NegEx,
Chapman et al. 2001, "A simple algorithm for identifying negated findings and diseases in discharge summaries"), in the
same clause, and not behind what only looks like a denial ("not only", "never such", "no other").

VADER: Hutto and Gilbert, ICWSM-14. Its authors call a text positive from a compound score of 0.05; from 0.0, texts
without a judgement are positive too.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import polars as pl
from loguru import logger
from tqdm import tqdm
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.config.brand.lexicon import Lexicon

logger.disable("uptrain")

Match = Literal["word", "substring"]

WORD_SIGNALS: Final = ("brand", "other_brand", "product", "feature", "wanted", "unwanted")

SIGNALS: Final = (*WORD_SIGNALS, "slander", "denied", "positive", "non_null", "length")

_SENTENCE_END: Final = r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n"

# In the form of `canonical`, where an apostrophe is a blank.
_DENIES: Final = (
    r"\b(?:anything but|far from|by no means|no one|not|no|never|nobody|none|nothing|neither|nor|without|hardly|"
    r"scarcely|barely|cannot|(?:do|does|did|is|are|was|were|has|have|had|ca|wo|could|would|should)n ?t)\b"
)

_SCOPE: Final = 5  # words between that one and the denied one, at most

# Where a denial ends: another clause, or what makes no denial of it.
_CLAUSE_END: Final = r"[,;:()]|\s[-–—]\s"

_DENIAL_END: Final = r"\b(?:and|but|because|although|though|however|since|than|only|just|such|so|as|other|more)\b"


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


def canonical(text: pl.Expr, match: Match) -> pl.Expr:
    """The form in which texts and words are compared: lower case, sentences parted by a line feed; for whole words,
    each word with exactly one blank on either side."""
    lower = text.str.to_lowercase()
    if match == "substring":
        return lower
    sentences = lower.str.replace_all(_SENTENCE_END, " \n ")
    return pl.concat_str(pl.lit(" "), sentences.str.replace_all(r"[^\w\n]+", " "), pl.lit(" "))


def _needles(words: Sequence[str], match: Match) -> list[str]:
    forms = pl.Series("word", words, dtype=pl.String).to_frame().select(canonical(pl.col("word"), match)).to_series()
    return sorted({form for form in forms if form.strip()})


def has_any(words: Sequence[str], match: Match) -> pl.Expr:
    """Whether the column `canonical` has one of the words."""
    needles = _needles(words, match)
    # Aho-Corasick: one pass over the text however many words there are.
    return pl.col("canonical").str.contains_any(needles) if needles else pl.lit(False)


def in_one_sentence(some: Sequence[str], others: Sequence[str], match: Match) -> pl.Expr:
    """Whether a sentence of the column `canonical` has one of `some` and one of `others`, in either order."""
    one, other = _either(some, match), _either(others, match)
    if not one or not other:
        return pl.lit(False)
    if match == "word":
        pattern = rf" (?:{one}) (?:[^\n]* )?(?:{other}) | (?:{other}) (?:[^\n]* )?(?:{one}) "
        return pl.col("canonical").str.contains(pattern)
    sentences = pl.col("canonical").str.replace_all(_SENTENCE_END, "\n")
    return sentences.str.contains(rf"(?:{one})[^\n]*(?:{other})|(?:{other})[^\n]*(?:{one})")


def all_denied(words: Sequence[str]) -> pl.Expr:
    """Whether the column `text` has some of the words, and each of them is denied."""
    either = _either(words, "word")
    if not either:
        return pl.lit(False)
    clauses = canonical(pl.col("text").str.replace_all(_CLAUSE_END, "\n"), "word")
    # A denial also ends where another begins, which reaches further.
    scopes = clauses.str.replace_all(_DENIES, "\nnot").str.replace_all(_DENIAL_END, "\n")
    claimed = scopes.str.replace_all(rf"\bnot (?:\w+ ){{0,{_SCOPE}}}(?:{either})\b", "not")
    word = rf"\b(?:{either})\b"
    return scopes.str.contains(word) & ~claimed.str.contains(word)


def _either(words: Sequence[str], match: Match) -> str:
    """Alternatives of a regular expression; empty where there is no word."""
    return "|".join(_escape(needle.strip()) for needle in _needles(words, match))


def _escape(text: str) -> str:
    return str(pl.select(pl.lit(text).str.escape_regex()).item())


@functools.cache
def _vader() -> Any:
    return SentimentIntensityAnalyzer()


def _compound(text: str) -> float:
    """VADER compound score, -1 to 1, of a lower-case text."""
    vader = _vader()
    # Most texts have no word of VADER's lexicon, and their score is 0 whatever else they say: seeing that costs a tenth
    # of scoring them. VADER strips a word's punctuation (but not an emoticon's) and spells emoji out.
    if text.isascii() and not any(
        word in vader.lexicon or word.strip(string.punctuation) in vader.lexicon for word in text.split()
    ):
        return 0.0
    return float(vader.polarity_scores(text)["compound"])


def _compounds(texts: pl.Series) -> pl.Series:
    bar = tqdm(texts, desc="sentiment", unit=" rows", unit_scale=True, delay=2, leave=False)
    return pl.Series([None if text is None else _compound(text) for text in bar], dtype=pl.Float64)


def expressions(
    words: Mapping[str, Sequence[str]], match: Match, positive_threshold: float, min_words: int, max_words: int
) -> dict[str, pl.Expr]:
    """One boolean expression a signal, over the columns `text` and `canonical` (see `canonical`); never null."""
    text = pl.col("text")
    compound = text.str.to_lowercase().map_batches(_compounds, return_dtype=pl.Float64)
    made = {
        **{name: has_any(words[name], match) for name in WORD_SIGNALS},
        "slander": in_one_sentence(words["brand"], words["unwanted"], match),
        "denied": all_denied(words["unwanted"]),
        "positive": compound >= positive_threshold,
        "non_null": text.is_not_null() & text.str.contains(r"\S"),
        "length": text.str.count_matches(r"\S+").is_between(min_words, max_words),
    }
    return {name: made[name].fill_null(False).alias(name) for name in SIGNALS}
