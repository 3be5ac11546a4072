"""Compute an encoder on the tokens of a batch alone, without its padding; the logits are the same to rounding.

The rows of a batch are laid out one after another, and attention stays within each of them (`varlen_attn`, Dao 2023,
"FlashAttention-2"). Sentences of 14 tokens beside paragraphs of 128 would otherwise be mostly padding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from brandmlm.modeling.token_rows import Positions, Tokens


@dataclass(frozen=True)
class Packed:
    """A batch without padding.

    Attributes:
        ids: token ids of all rows, int64 (1, tokens).
        positions: the place of each token in its row, int64 (1, tokens).
        starts: where each row starts, and where the last one ends, int32 (rows + 1,).
        longest: most tokens of a row.
        masked: indices of the masked tokens, int64 (masked,).
    """

    ids: torch.Tensor
    positions: torch.Tensor
    starts: torch.Tensor
    longest: int
    masked: torch.Tensor


def pack(tokens: Tokens, masked_positions: Positions) -> Packed:
    """Lay out the texts of padded or packed rows one after another.

    Args:
        masked_positions: none of them padding.
    """
    ids, attention_mask, position_ids = tokens
    present = attention_mask > 0
    if position_ids is None:
        position_ids = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
    positions = position_ids[present]
    begins = (positions == 0).nonzero()[:, 0]
    ends = begins.new_full((1,), len(positions))
    place = (present.flatten().cumsum(0) - 1).view_as(ids)
    return Packed(
        ids=ids[present][None],
        positions=positions[None],
        starts=torch.cat([begins, ends]).to(torch.int32),
        longest=int(positions.max()) + 1,
        masked=place[masked_positions],
    )


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, packed: Packed) -> torch.Tensor:
    """Attention of each token to those of its own row: (tokens, heads * width), of three (tokens, heads, width)."""
    if query.device.type == "cuda":
        from torch.nn.attention.varlen import varlen_attn

        starts, longest = packed.starts, packed.longest
        attended: Any = varlen_attn(query, key, value, starts, starts, longest, longest)
    else:
        rows = torch.bucketize(torch.arange(len(query), device=query.device), packed.starts[1:], right=True)
        q, k, v = (of.transpose(0, 1)[None] for of in (query, key, value))
        own = rows[:, None] == rows[None]
        attended = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=own)[0].transpose(0, 1)
    flat: torch.Tensor = attended.flatten(1)
    return flat


def _bert(body: Any, packed: Packed) -> torch.Tensor:
    hidden: torch.Tensor = body.embeddings(input_ids=packed.ids, position_ids=packed.positions)[0]
    layers = body.encoder.layer
    heads = body.config.num_attention_heads
    for layer in layers:
        own = layer.attention.self
        query, key, value = (of(hidden).unflatten(-1, (heads, -1)) for of in (own.query, own.key, own.value))
        attended = attend(query, key, value, packed)
        if layer is layers[-1]:
            attended, hidden = attended[packed.masked], hidden[packed.masked]
        hidden = layer.feed_forward_chunk(layer.attention.output(attended, hidden))
    return hidden


def _distilbert(body: Any, packed: Packed) -> torch.Tensor:
    embeddings = body.embeddings
    hidden: torch.Tensor = embeddings.word_embeddings(packed.ids[0]) + embeddings.position_embeddings(
        packed.positions[0]
    )
    hidden = embeddings.dropout(embeddings.LayerNorm(hidden))
    layers = body.transformer.layer
    heads = body.config.n_heads
    for layer in layers:
        own = layer.attention
        query, key, value = (of(hidden).unflatten(-1, (heads, -1)) for of in (own.q_lin, own.k_lin, own.v_lin))
        attended = attend(query, key, value, packed)
        if layer is layers[-1]:
            attended, hidden = attended[packed.masked], hidden[packed.masked]
        hidden = layer.sa_layer_norm(own.out_lin(attended) + hidden)
        hidden = layer.output_layer_norm(layer.ffn.ff_chunk(hidden) + hidden)
    return hidden


ENCODERS: Final[dict[str, Callable[[Any, Packed], torch.Tensor]]] = {"bert": _bert, "distilbert": _distilbert}

ATTRIBUTE: Final = "computes_unpadded"  # of a model


def enable(model: PreTrainedModel, wanted: bool = True) -> None:
    """Let `masked_lm` compute the model's encoder without padding, if its family can; `wanted`: or not.

    Attention probabilities are then not dropped out, and layers compiled by torch.compile are not used.
    """
    setattr(model, ATTRIBUTE, wanted and model.config.model_type in ENCODERS)


def is_enabled(model: PreTrainedModel) -> bool:
    """Whether `enable` was called for the model, and the kernel applies.

    On a GPU it is for bf16 alone: of weights that were rounded, as a training's replicas have them, or of autocast.
    """
    half = model.dtype is torch.bfloat16 or torch.is_autocast_enabled("cuda")
    return bool(getattr(model, ATTRIBUTE, False)) and (half or model.device.type != "cuda")


def encode_packed(body: Any, packed: Packed) -> torch.Tensor:
    """Hidden states at the masked positions, (masked, hidden); `body`: the encoder of a family in `ENCODERS`."""
    return ENCODERS[body.config.model_type](body, packed)


def encode_unpadded(body: Any, tokens: Tokens, masked_positions: Positions) -> torch.Tensor:
    """Hidden states at the masked positions: (masked, hidden), in their order.

    Args:
        body: the encoder of a family in `ENCODERS`.
        masked_positions: none of them padding.
    """
    return encode_packed(body, pack(tokens, masked_positions))
