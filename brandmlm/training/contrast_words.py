"""The wanted and unwanted words that the contrastive loss separates."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from brandmlm.data.corpus import labelled_words
from brandmlm.modeling.vocabulary import single_tokens, warn_of_split_words


@dataclass(frozen=True)
class ContrastWords:
    """The words of the rows' claims: vocabulary ids, int64 (words,), no id on both sides; and the weight of each side.

    The rarer side weighs more, by the square root of how much rarer it is: among v2's rows a few deny an unwanted word
    and many claim a wanted one, and both have to be learnt.
    """

    wanted: torch.Tensor
    unwanted: torch.Tensor
    weights: tuple[float, float] = (1.0, 1.0)  # of the wanted side, of the unwanted one


def contrast_words(tokenizer: PreTrainedTokenizerBase, rows: pd.DataFrame) -> ContrastWords | None:
    """The wanted and unwanted words that training rows are labelled with, where they are one token; None where rows of
    one side lack, so that there is nothing to tell apart.

    `rows`: a corpus table. Words that the lexicon holds out stand in no row, so that they are not learnt here either.
    """
    words = pd.Series(labelled_words(rows), index=rows.index, dtype="string")
    said = [words[rows["label"] == label].dropna() for label in ("wanted", "unwanted")]
    warn_of_split_words(tokenizer, sorted(set().union(*said)), "training rows")
    wanted, unwanted = (set(single_tokens(tokenizer, sorted(set(side)))) for side in said)
    if not wanted - unwanted or not unwanted - wanted:
        return None
    most = max(map(len, said))
    return ContrastWords(
        torch.tensor(sorted(wanted - unwanted), dtype=torch.int64),
        torch.tensor(sorted(unwanted - wanted), dtype=torch.int64),
        (math.sqrt(most / len(said[0])), math.sqrt(most / len(said[1]))),
    )
