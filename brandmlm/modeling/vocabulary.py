"""Words and tokens of a model's vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase


def single_tokens(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> list[int]:
    """Sorted vocabulary ids of the words that are a single token, the only ones that can fill a mask."""
    if not words:
        return []
    encoded = tokenizer(list(words), add_special_tokens=False)["input_ids"]
    return sorted({ids[0] for ids in encoded if len(ids) == 1 and ids[0] != tokenizer.unk_token_id})


def token_verdicts(tokenizer: PreTrainedTokenizerBase, verdict_of: Callable[[str], str]) -> npt.NDArray[np.str_]:
    """The verdict on every token: str, shape (vocabulary,)."""
    return np.array([verdict_of(token) for token in tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))])
