"""The wanted and unwanted words that the contrastive loss separates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.vocabulary import single_tokens, warn_of_split_words
from brandmlm.training.corpus_dataset import count_labelled_words


@dataclass(frozen=True)
class ContrastWords:
    """Vocabulary ids of the wanted and the unwanted words, int64 (words,), without a common id, and their weights.

    The rarer label weighs more, by the square root of the ratio of the frequencies: v2's rows deny few unwanted words
    and claim many wanted ones, and both have to be learnt.
    """

    wanted: torch.Tensor
    unwanted: torch.Tensor
    weights: tuple[float, float] = (1.0, 1.0)  # of a wanted, of an unwanted word


def contrast_words(tokenizer: PreTrainedTokenizerBase, rows: Dataset, warn: bool = True) -> ContrastWords | None:
    """The single-token words that rows are labelled wanted or unwanted for; None if there are none of one label.

    Words that the lexicon holds out are in no row, so they are not learnt here either.

    Args:
        rows: a corpus.
        warn: warn of words that are several tokens; of the processes of one training, only one does.
    """
    counts = count_labelled_words(rows)
    labelled = [counts[label] for label in ("wanted", "unwanted")]
    if warn:
        warn_of_split_words(tokenizer, sorted(set().union(*labelled)), "training rows")
    wanted, unwanted = (set(single_tokens(tokenizer, sorted(words))) for words in labelled)
    if not wanted - unwanted or not unwanted - wanted:
        return None
    most = max(words.total() for words in labelled)
    return ContrastWords(
        torch.tensor(sorted(wanted - unwanted), dtype=torch.int64),
        torch.tensor(sorted(unwanted - wanted), dtype=torch.int64),
        (math.sqrt(most / labelled[0].total()), math.sqrt(most / labelled[1].total())),
    )
