"""Words in a model's vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase


def single_tokens(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> list[int]:
    """The vocabulary ids of those words that are one token: a mask can only be filled with one. Sorted."""
    if not words:
        return []
    encoded = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    return sorted({ids[0] for ids in encoded if len(ids) == 1 and ids[0] != tokenizer.unk_token_id})


def token_verdicts(tokenizer: PreTrainedTokenizerBase, judge: Callable[[str], str]) -> npt.NDArray[np.str_]:
    """The verdict of `judge` on every token of the vocabulary: (vocabulary,)."""
    return np.array([judge(token) for token in tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))])
