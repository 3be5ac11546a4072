"""Minimal pairs: two sentences that differ in one word, of which one is good English (after Warstadt et al. 2020,
"BLiMP: The Benchmark of Linguistic Minimal Pairs for English").

A model is right where it finds the good word likelier in its place than the bad one. The words' places are masked, so
that the rest of the sentence is the same for both.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.evaluation.pseudo_likelihood import Span, word_l2r_examples
from brandmlm.evaluation.scoring import log_likelihoods

COLUMNS: Final = ("phenomenon", "good", "bad", "good_word", "bad_word")


def read_pairs(path: Path) -> pd.DataFrame:
    """Read the pairs, one per line, the `COLUMNS` separated by tabs.

    Raises UserError where the file cannot be read, or where a line is no pair of sentences that differ in these words.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [line for line in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if line]
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error}); give a file of {_wanted()}") from None
    for number, line in enumerate(lines, start=1):
        if len(line) != len(COLUMNS) or not all(line) or _span(*line[1:]) is None:
            raise UserError(
                f"{path}: line {number} is no minimal pair; write {_wanted()}, where the sentences differ in the words"
            )
    if not lines:
        raise UserError(f"{path}: no pair in it; give a file of {_wanted()}")
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _wanted() -> str:
    return f"lines of {', '.join(COLUMNS)}, separated by tabs"


def _span(good: str, bad: str, good_word: str, bad_word: str) -> Span | None:
    """Where the good sentence has the word whose exchange for the other makes the bad one; None if nowhere."""
    for found in re.finditer(rf"(?<!\w){re.escape(good_word)}(?!\w)", good):
        if good[: found.start()] + bad_word + good[found.end() :] == bad != good:
            return found.span()
    return None


def score_pairs(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    pairs: pd.DataFrame,
    max_length: int,
    micro_batch_tokens: int,
) -> pd.DataFrame:
    """The log-likelihood (nats) of both words of each pair in their place.

    A word of one token is masked; of one with several, each is masked with those after it, and their log-likelihoods
    are summed (`pseudo_likelihood`). Two words of one token share a forward pass.

    Args:
        pairs: from `read_pairs`.
        max_length: tokens per chunk.
        micro_batch_tokens: most tokens in one forward pass, padding counted.

    Returns:
        Columns phenomenon, good, bad, good_score, bad_score.
    """
    starts = []
    for row in pairs[list(COLUMNS[1:])].itertuples(index=False):
        span = _span(*row)
        assert span is not None
        starts.append(span[0])
    texts = [*pairs["good"], *pairs["bad"]]
    words = [*pairs["good_word"], *pairs["bad_word"]]
    spans = [(start, start + len(word)) for start, word in zip(starts * 2, words, strict=True)]
    examples = word_l2r_examples(tokenizer, texts, max_length, spans)
    found = log_likelihoods(model, int(tokenizer.pad_token_id), examples, micro_batch_tokens)
    scores = np.bincount(examples.row, found, minlength=len(texts))
    table = pairs[["phenomenon", "good", "bad"]].reset_index(drop=True)
    return table.assign(good_score=scores[: len(pairs)], bad_score=scores[len(pairs) :])
