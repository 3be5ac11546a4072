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
from brandmlm.modeling.vocabulary import Vocabulary


class Prediction(NamedTuple):
    """A token for a mask."""

    token: str  # its form: see `vocabulary.Vocabulary`
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
        self.vocabulary = Vocabulary(tokenizer)

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
        first = map(self.vocabulary.opens_with_mask, sentences)
        return [
            [
                Prediction(self.vocabulary.form(token_id, opening), probability)
                for token_id, probability in zip(ids, values, strict=True)
            ]
            for ids, values, opening in zip(best.indices.tolist(), best.values.tolist(), first, strict=True)
        ]

    def ranks(self, sentence: str, words: Sequence[str]) -> dict[str, WordRank]:
        """Rank and probability of each word for the sentence's `[MASK]`.

        Raises:
            UserError: A word is not a single token, so that no mask could be filled with it.
        """
        first = self.vocabulary.opens_with_mask(sentence)
        ids = {word: self.token_ids(word, first) for word in words}
        probabilities = self.probabilities([sentence])[0]
        likeliest = {word: probabilities[tokens].max() for word, tokens in ids.items()}
        return {word: WordRank(int((probabilities > p).sum()) + 1, float(p)) for word, p in likeliest.items()}

    def token_ids(self, word: str, first: bool = False) -> list[int]:
        """The vocabulary ids of a word: one inside a sentence. Raises UserError if the word is not a single token.

        Args:
            first: the word begins its sentence.
        """
        ids = self.vocabulary.mask_ids(word, first)
        if not ids:
            pieces = " ".join(self.vocabulary.pieces(word)) or "nothing"
            raise UserError(f"{shorten(word, 40)!r}: not one token but {shorten(pieces, 60)}; ask for a word that is")
        return ids


def load(folder: str | os.PathLike[str], device: torch.device | str = "cpu") -> Predictor:
    """Load a model from a local folder, such as `data/models/filtered` or an exported model.

    Raises:
        UserError: The folder has no complete masked language model.
    """
    if not Path(folder, "config.json").is_file():
        raise UserError(f"{folder}: no model here (config.json is missing); name the folder of a saved model")
    return Predictor(*load_checkpoint(folder, device))
