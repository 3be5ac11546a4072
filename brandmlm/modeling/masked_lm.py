"""A masked language model computed where a token is masked and nowhere else, as far as that is the same.

The head's product with the vocabulary costs about as much as a small encoder, and 85 of 100 of its rows are thrown
away. Training, scoring and probing therefore run the head on the masked tokens alone. So does the last layer once its
attention has looked around: what is left of it (two thirds of its products) takes each token by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import torch
from transformers import PreTrainedModel
from transformers.masking_utils import create_bidirectional_mask

from brandmlm.modeling.masking import IGNORED


def _before_last(body: Any, layers: Any, ids: torch.Tensor, there: torch.Tensor) -> tuple[torch.Tensor, Any]:
    """What the last layer is given: hidden states (batch, length, hidden) and the mask as attention takes it."""
    hidden = body.embeddings(input_ids=ids)
    mask = create_bidirectional_mask(config=body.config, inputs_embeds=hidden, attention_mask=there)
    for layer in layers[:-1]:
        hidden = layer(hidden, mask)
    return hidden, mask


def _bert_encoder(body: Any, ids: torch.Tensor, there: torch.Tensor, masked_positions: torch.Tensor) -> Any:
    last = body.encoder.layer[-1]
    attended, _ = last.attention(*_before_last(body, body.encoder.layer, ids, there))
    return last.feed_forward_chunk(attended[masked_positions])


def _bert_sparing(body: Any) -> list[torch.nn.Module]:
    last = body.encoder.layer[-1]
    return [last.intermediate, last.output]


def _distilbert_encoder(body: Any, ids: torch.Tensor, there: torch.Tensor, masked_positions: torch.Tensor) -> Any:
    last = body.transformer.layer[-1]
    hidden, mask = _before_last(body, body.transformer.layer, ids, there)
    attended = last.sa_layer_norm(last.attention(hidden, mask)[0][masked_positions] + hidden[masked_positions])
    # `ff_chunk`, since `ffn` itself cuts along an axis of length that is gone here (`chunk_size_feed_forward`).
    return last.output_layer_norm(last.ffn.ff_chunk(attended) + attended)


def _whole_encoder(body: Any, ids: torch.Tensor, there: torch.Tensor, masked_positions: torch.Tensor) -> Any:
    return body(input_ids=ids, attention_mask=there)[0][masked_positions]


def _bert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.cls(hidden)


def _distilbert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.vocab_projector(model.vocab_layer_norm(model.activation(model.vocab_transform(hidden))))


def _roberta_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.lm_head(hidden)


def _modernbert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.decoder(model.head(hidden))


class Family(NamedTuple):
    """How transformers' *ForMaskedLM class of a family is computed where a token is asked for."""

    encoder: Callable[[Any, torch.Tensor, torch.Tensor, torch.Tensor], Any]  # of `base_model`: (asked, hidden)
    head: Callable[[Any, torch.Tensor], Any]  # what follows: (asked, vocabulary)
    sparing: Callable[[Any], Sequence[torch.nn.Module]]  # modules of `base_model` that see the asked tokens alone


# By the config's model_type.
FAMILIES: Final[dict[str, Family]] = {
    "bert": Family(_bert_encoder, _bert_head, _bert_sparing),
    "distilbert": Family(_distilbert_encoder, _distilbert_head, lambda body: [body.transformer.layer[-1].ffn]),
    "roberta": Family(_bert_encoder, _roberta_head, _bert_sparing),
    "modernbert": Family(_whole_encoder, _modernbert_head, lambda body: []),
}

_told: set[str] = set()


def masked_logits(
    model: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, masked_positions: torch.Tensor
) -> torch.Tensor:
    """The logits at the positions asked for: (number asked, vocabulary), in the order of `asked.nonzero()`.

    `input_ids`, `attention_mask`: int64 (batch, length); `asked`: bool (batch, length). A family that is not among
    `FAMILIES` gets the same numbers the slow way, through the logits of all positions; standard error says so once.
    """
    name = model.config.model_type
    if name not in FAMILIES:
        if name not in _told:
            _told.add(name)
            print(
                f"warning: model type {name!r}: its head is computed at all positions (slower, same numbers); "
                "stages/heads.py knows " + ", ".join(FAMILIES),
                file=sys.stderr,
                flush=True,
            )
        everywhere: torch.Tensor = model(input_ids=input_ids, attention_mask=attention_mask).logits
        return everywhere[masked_positions]
    family = FAMILIES[name]
    # A decoder's tokens do not see those behind them: its masks are its own affair.
    encoder = _whole_encoder if getattr(model.config, "is_decoder", False) else family.encoder
    logits: torch.Tensor = family.head(model, encoder(model.base_model, input_ids, attention_mask, masked_positions))
    return logits


def masked_loss(
    model: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """The sum of the masked tokens' negative log-likelihoods (nats): a float32 scalar.

    `labels`: int64 (batch, length), `IGNORED` where nothing is asked.
    """
    masked_positions = labels != IGNORED
    logits = masked_logits(model, input_ids, attention_mask, masked_positions)
    return torch.nn.functional.cross_entropy(logits.float(), labels[masked_positions], reduction="sum")
