"""Compute the masked-LM head at masked positions only; the logits are unchanged.

The projection onto the vocabulary costs about as much as a small encoder, and 85 % of its rows would be discarded.
Training, scoring and probing therefore run the head on masked positions only. The same goes for the last layer after
its attention: its feed-forward network (two thirds of its products) treats each position separately.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import torch
from transformers import PreTrainedModel
from transformers.masking_utils import create_bidirectional_mask


def _before_last(body: Any, layers: Any, ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, Any]:
    """The input of the last layer: hidden states (batch, length, hidden) and the mask in the form attention takes."""
    hidden = body.embeddings(input_ids=ids)
    mask = create_bidirectional_mask(config=body.config, inputs_embeds=hidden, attention_mask=attention_mask)
    for layer in layers[:-1]:
        hidden = layer(hidden, mask)
    return hidden, mask


def _bert_encoder(body: Any, ids: torch.Tensor, attention_mask: torch.Tensor, masked_positions: torch.Tensor) -> Any:
    last = body.encoder.layer[-1]
    attended, _ = last.attention(*_before_last(body, body.encoder.layer, ids, attention_mask))
    return last.feed_forward_chunk(attended[masked_positions])


def _bert_sparing(body: Any) -> list[torch.nn.Module]:
    last = body.encoder.layer[-1]
    return [last.intermediate, last.output]


def _distilbert_encoder(
    body: Any, ids: torch.Tensor, attention_mask: torch.Tensor, masked_positions: torch.Tensor
) -> Any:
    last = body.transformer.layer[-1]
    hidden, mask = _before_last(body, body.transformer.layer, ids, attention_mask)
    attended = last.sa_layer_norm(last.attention(hidden, mask)[0][masked_positions] + hidden[masked_positions])
    # `ff_chunk` rather than `ffn`, which splits along the length axis (`chunk_size_feed_forward`) that is gone here.
    return last.output_layer_norm(last.ffn.ff_chunk(attended) + attended)


def _whole_encoder(body: Any, ids: torch.Tensor, attention_mask: torch.Tensor, masked_positions: torch.Tensor) -> Any:
    return body(input_ids=ids, attention_mask=attention_mask)[0][masked_positions]


def _bert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.cls(hidden)


def _distilbert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.vocab_projector(model.vocab_layer_norm(model.activation(model.vocab_transform(hidden))))


def _roberta_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.lm_head(hidden)


def _modernbert_head(model: Any, hidden: torch.Tensor) -> Any:
    return model.decoder(model.head(hidden))


class Family(NamedTuple):
    """How the *ForMaskedLM class of a model family is computed at masked positions.

    Attributes:
        encoder: maps `base_model`, input ids, attention mask and masked positions to hidden states (masked, hidden).
        head: maps the model and those hidden states to logits (masked, vocabulary).
        sparing: modules of `base_model` that are computed at masked positions only.
    """

    encoder: Callable[[Any, torch.Tensor, torch.Tensor, torch.Tensor], Any]
    head: Callable[[Any, torch.Tensor], Any]
    sparing: Callable[[Any], Sequence[torch.nn.Module]]


# By `model_type` of the config.
FAMILIES: Final[dict[str, Family]] = {
    "bert": Family(_bert_encoder, _bert_head, _bert_sparing),
    "distilbert": Family(_distilbert_encoder, _distilbert_head, lambda body: [body.transformer.layer[-1].ffn]),
    "roberta": Family(_bert_encoder, _roberta_head, _bert_sparing),
    "modernbert": Family(_whole_encoder, _modernbert_head, lambda body: []),
}

_warned: set[str] = set()


def masked_logits(
    model: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, masked_positions: torch.Tensor
) -> torch.Tensor:
    """Logits at the masked positions: (masked, vocabulary), in the order of `masked_positions.nonzero()`.

    A family that is not in `FAMILIES` gets the same logits from a head computed at all positions, with a warning on
    standard error.

    Args:
        input_ids: int64 (batch, length).
        attention_mask: int64 (batch, length).
        masked_positions: bool (batch, length).
    """
    name = model.config.model_type
    if name not in FAMILIES:
        if name not in _warned:
            _warned.add(name)
            print(
                f"warning: model type {name!r}: the head is computed at all positions (slower, same logits); families "
                f"computed at masked positions only: {', '.join(FAMILIES)}",
                file=sys.stderr,
                flush=True,
            )
        all_logits: torch.Tensor = model(input_ids=input_ids, attention_mask=attention_mask).logits
        return all_logits[masked_positions]
    family = FAMILIES[name]
    # A decoder makes a causal mask of its own.
    encoder = _whole_encoder if getattr(model.config, "is_decoder", False) else family.encoder
    logits: torch.Tensor = family.head(model, encoder(model.base_model, input_ids, attention_mask, masked_positions))
    return logits
