"""Load a model and fill the masks of sentences."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import NamedTuple

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.inference import mask_probabilities


class Prediction(NamedTuple):
    """A token for a mask."""

    token: str
    probability: float


class WordRank(NamedTuple):
    """Where a word is among all tokens for a mask; the likeliest has rank 1."""

    rank: int
    probability: float


class Predictor:
    """A masked language model with its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model = model
        self.tokenizer = tokenizer

    def probabilities(self, sentences: Sequence[str]) -> torch.Tensor:
        """The distribution at each sentence's mask: float32 (sentences, vocabulary), on the CPU.

        Raises:
            UserError: A sentence does not have exactly one mask among the tokens that fit into the model.
        """
        try:
            return mask_probabilities(self.model, self.tokenizer, sentences)
        except ValueError as error:
            raise UserError(str(error)) from None

    def predict(self, sentence: str, top: int = 10) -> list[Prediction]:
        """The `top` most probable tokens for the sentence's `[MASK]`, best first.

        Raises:
            UserError: The sentence does not have exactly one mask, or the vocabulary has fewer tokens than `top`.
        """
        return self.predict_all([sentence], top)[0]

    def predict_all(self, sentences: Sequence[str], top: int = 10) -> list[list[Prediction]]:
        """The same for several sentences, in fewer forward passes."""
        size = int(self.model.config.vocab_size)
        if not 1 <= top <= size:
            raise UserError(f"top is {top}, but the vocabulary has {size} tokens; ask for 1 to {size}")
        best = self.probabilities(sentences).topk(top, dim=-1)
        return [
            [
                Prediction(str(token), float(probability))
                for token, probability in zip(self.tokenizer.convert_ids_to_tokens(ids), values, strict=True)
            ]
            for ids, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    def ranks(self, sentence: str, words: Sequence[str]) -> dict[str, WordRank]:
        """Rank and probability of each word for the sentence's `[MASK]`.

        Raises:
            UserError: A word is not a single token, so that no mask could be filled with it.
        """
        ids = {word: self.token_id(word) for word in words}
        probabilities = self.probabilities([sentence])[0]
        return {
            word: WordRank(int((probabilities > probabilities[i]).sum()) + 1, float(probabilities[i]))
            for word, i in ids.items()
        }

    def token_id(self, word: str) -> int:
        """The vocabulary id of a word. Raises UserError if the word is not a single token."""
        ids = self.tokenizer(word, add_special_tokens=False)["input_ids"]
        if len(ids) != 1 or ids[0] == self.tokenizer.unk_token_id:
            pieces = " ".join(self.tokenizer.convert_ids_to_tokens(ids)) or "nothing"
            raise UserError(f"{shorten(word, 40)!r}: not one token but {shorten(pieces, 60)}; ask for a word that is")
        return int(ids[0])


def load(folder: str | os.PathLike[str], device: torch.device | str = "cpu") -> Predictor:
    """Load a model from a local folder, such as `data/models/filtered` or an exported model.

    Raises:
        UserError: The folder has no complete masked language model.
    """
    if not Path(folder, "config.json").is_file():
        raise UserError(f"{folder}: no model here (config.json is missing); name the folder of a saved model")
    return Predictor(*load_checkpoint(folder, device))
