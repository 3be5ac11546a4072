"""The masked-LM head, computed where a token is masked and nowhere else.

The head's product with the vocabulary costs about as much as a small encoder, and 85 of 100 of its rows are thrown
away. Training, scoring and probing therefore run the encoder on all tokens and the head on the masked ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from stages.masking import IGNORED


def _bert(model: Any, hidden: torch.Tensor) -> Any:
    return model.cls(hidden)


def _distilbert(model: Any, hidden: torch.Tensor) -> Any:
    return model.vocab_projector(model.vocab_layer_norm(model.activation(model.vocab_transform(hidden))))


def _roberta(model: Any, hidden: torch.Tensor) -> Any:
    return model.lm_head(hidden)


def _modernbert(model: Any, hidden: torch.Tensor) -> Any:
    return model.decoder(model.head(hidden))


# What follows the encoder (`base_model`) in transformers' *ForMaskedLM classes, by the config's model_type.
HEADS: Final[dict[str, Callable[[Any, torch.Tensor], Any]]] = {
    "bert": _bert,
    "distilbert": _distilbert,
    "roberta": _roberta,
    "modernbert": _modernbert,
}

_told: set[str] = set()


def masked_logits(
    model: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, asked: torch.Tensor
) -> torch.Tensor:
    """The logits at the positions asked for: (number asked, vocabulary), in the order of `asked.nonzero()`.

    `input_ids`, `attention_mask`: int64 (batch, length); `asked`: bool (batch, length). A family that `HEADS` does not
    know gets the same numbers the slow way, through the logits of all positions; standard error says so once.
    """
    family = model.config.model_type
    if family not in HEADS:
        if family not in _told:
            _told.add(family)
            print(
                f"warning: model type {family!r}: its head is computed at all positions (slower, same numbers); "
                "stages/heads.py knows " + ", ".join(HEADS),
                file=sys.stderr,
                flush=True,
            )
        everywhere: torch.Tensor = model(input_ids=input_ids, attention_mask=attention_mask).logits
        return everywhere[asked]
    hidden = model.base_model(input_ids=input_ids, attention_mask=attention_mask)[0]
    logits: torch.Tensor = HEADS[family](model, hidden[asked])
    return logits


def masked_loss(
    model: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """The sum of the masked tokens' negative log-likelihoods (nats): a float32 scalar.

    `labels`: int64 (batch, length), `IGNORED` where nothing is asked.
    """
    asked = labels != IGNORED
    logits = masked_logits(model, input_ids, attention_mask, asked)
    return torch.nn.functional.cross_entropy(logits.float(), labels[asked], reduction="sum")
