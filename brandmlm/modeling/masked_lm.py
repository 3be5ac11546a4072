"""Compute the masked-LM head at masked positions only; the logits are unchanged.

The projection onto the vocabulary costs about as much as a small encoder, and 85 % of its rows would be discarded.
Training, scoring and probing therefore run the head on masked positions only, and of the last layer all but the keys
and values of its attention.

Rows can be packed: several texts one after another in a row, each of which attends to itself alone (`Tokens`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import torch
from transformers import PreTrainedModel
from transformers.masking_utils import create_bidirectional_mask

from brandmlm.modeling import unpadded
from brandmlm.modeling.last_layer import attend
from brandmlm.modeling.token_rows import Positions, Tokens, unpack


def _before_last(body: Any, layers: Any, tokens: Tokens, first_position: int = 0) -> tuple[torch.Tensor, Any]:
    """The input of the last layer: hidden states (batch, length, hidden) and the mask in the form attention takes."""
    ids, attention_mask, position_ids = tokens
    if position_ids is None:
        hidden = body.embeddings(input_ids=ids)
        mask = create_bidirectional_mask(config=body.config, inputs_embeds=hidden, attention_mask=attention_mask)
    else:
        hidden = body.embeddings(input_ids=ids, position_ids=position_ids + first_position)
        other = attention_mask[:, None, :, None] != attention_mask[:, None, None, :]
        mask = hidden.new_zeros(other.shape).masked_fill_(other, torch.finfo(hidden.dtype).min)
    for layer in layers[:-1]:
        hidden = layer(hidden, mask)
    return hidden, mask


def _bert_encoder(body: Any, tokens: Tokens, masked_positions: Positions, first_position: int = 0) -> Any:
    last = body.encoder.layer[-1]
    hidden, mask = _before_last(body, body.encoder.layer, tokens, first_position)
    attended, at = attend(last.attention.self, ("query", "key", "value"), hidden, mask, masked_positions)
    return last.feed_forward_chunk(last.attention.output(attended, at))


def _roberta_encoder(body: Any, tokens: Tokens, masked_positions: Positions) -> Any:
    return _bert_encoder(body, tokens, masked_positions, body.embeddings.padding_idx + 1)


def _bert_sparing(body: Any) -> list[torch.nn.Module]:
    last = body.encoder.layer[-1]
    return [last.attention.self.query, last.attention.output, last.intermediate, last.output]


def _distilbert_encoder(body: Any, tokens: Tokens, masked_positions: Positions) -> Any:
    last = body.transformer.layer[-1]
    hidden, mask = _before_last(body, body.transformer.layer, tokens)
    attended, at = attend(last.attention, ("q_lin", "k_lin", "v_lin"), hidden, mask, masked_positions)
    attended = last.sa_layer_norm(last.attention.out_lin(attended) + at)
    # `ff_chunk` rather than `ffn`, which splits along the length axis (`chunk_size_feed_forward`) that is gone here.
    return last.output_layer_norm(last.ffn.ff_chunk(attended) + attended)


def _distilbert_sparing(body: Any) -> list[torch.nn.Module]:
    last = body.transformer.layer[-1]
    return [last.attention.q_lin, last.attention.out_lin, last.ffn]


def _whole_encoder(body: Any, tokens: Tokens, masked_positions: Positions) -> Any:
    tokens, masked_positions = unpack(tokens, masked_positions)
    return body(input_ids=tokens.ids, attention_mask=tokens.attention_mask)[0][masked_positions]


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
        encoder: maps `base_model`, tokens and masked positions to hidden states (masked, hidden).
        head: maps the model and those hidden states to logits (masked, vocabulary).
        sparing: modules of `base_model` that are computed at masked positions only.
    """

    encoder: Callable[[Any, Tokens, Positions], Any]
    head: Callable[[Any, torch.Tensor], Any]
    sparing: Callable[[Any], Sequence[torch.nn.Module]]


# By `model_type` of the config.
FAMILIES: Final[dict[str, Family]] = {
    "bert": Family(_bert_encoder, _bert_head, _bert_sparing),
    "distilbert": Family(_distilbert_encoder, _distilbert_head, _distilbert_sparing),
    "roberta": Family(_roberta_encoder, _roberta_head, _bert_sparing),
    "modernbert": Family(_whole_encoder, _modernbert_head, lambda body: []),
}

_warned: set[str] = set()


def masked_logits(
    model: PreTrainedModel,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    masked_positions: Positions,
    position_ids: torch.Tensor | None = None,
) -> torch.Tensor:
    """Logits at the masked positions: (masked, vocabulary), in their order (of a bool tensor, that of `nonzero()`).

    A family that is not in `FAMILIES` gets the same logits from a head computed at all positions, with a warning on
    standard error.

    Args:
        input_ids, attention_mask, position_ids: as in `Tokens`.
    """
    tokens = Tokens(input_ids, attention_mask, position_ids)
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
        tokens, masked_positions = unpack(tokens, masked_positions)
        all_logits: torch.Tensor = model(input_ids=tokens.ids, attention_mask=tokens.attention_mask).logits
        return all_logits[masked_positions]
    logits: torch.Tensor = FAMILIES[name].head(model, encode(model, tokens, masked_positions))
    return logits


def encode(model: PreTrainedModel, tokens: Tokens, masked_positions: Positions) -> torch.Tensor:
    """What the head of a family in `FAMILIES` reads: hidden states at the masked positions, (masked, hidden)."""
    encoder = FAMILIES[model.config.model_type].encoder
    if getattr(model.config, "is_decoder", False):  # it makes a causal mask of its own
        encoder = _whole_encoder
    elif unpadded.is_enabled(model):
        encoder = unpadded.encode_unpadded
    hidden: torch.Tensor = encoder(model.base_model, tokens, masked_positions)
    return hidden
