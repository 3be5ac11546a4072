"""What a machine can do: operations of a model, the rate of products, and the bandwidth of memory."""

from __future__ import annotations

import time
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from brandmlm.modeling.masked_lm import FAMILIES
from brandmlm.modeling.masking import Ints

SIDE: Final = 2048  # of the square matrices whose product is timed

TRIES: Final = 5


def model_flops(model: PreTrainedModel, lengths: Ints, masked: int) -> float:
    """Floating-point operations of a forward and backward pass (Chowdhery et al. 2022, PaLM, appendix B).

    For a family that `masked_lm` does not know, the head counts at masked positions only, although it is computed at
    all positions. In the last layer of the others, a row's queries count as its share of the masked tokens.

    Args:
        lengths: int64 (sequences,), in tokens without padding.
        masked: number of masked tokens.
    """
    body: Any = model.base_model
    inside = {id(value) for value in body.parameters()}
    looked_up = {id(module.weight) for module in model.modules() if isinstance(module, torch.nn.Embedding)}
    head: Any = model.get_output_embeddings()
    encoder = sum(v.numel() for v in body.parameters() if v.ndim > 1 and id(v) not in looked_up)
    head_size = sum(v.numel() for v in model.parameters() if v.ndim > 1 and id(v) not in inside) + (
        head.weight.numel() if id(head.weight) in inside else 0
    )
    family = FAMILIES.get(model.config.model_type)
    sparing = [] if family is None else family.sparing(body)
    last = sum(v.numel() for module in sparing for v in module.parameters() if v.ndim > 1)
    tokens = int(lengths.sum())
    layers = model.config.num_hidden_layers - (1 - masked / tokens if sparing else 0)
    attention = 12 * layers * model.config.hidden_size * int((lengths**2).sum())
    flops: float = 6.0 * ((encoder - last) * tokens + (head_size + last) * masked) + attention
    return flops


def matrix_rate(device: torch.device, bf16: bool, side: int = SIDE) -> float:
    """Floating-point operations per second in the product of two square matrices: the best of a few tries."""
    a = torch.randn(side, side, device=device, dtype=torch.bfloat16 if bf16 else torch.float32)
    best = 0.0
    for _ in range(TRIES):
        started = time.perf_counter()
        (a @ a)[0, 0].item()
        best = max(best, 2 * side**3 / (time.perf_counter() - started))
    return best


def bandwidth() -> float:
    """Bytes per second that one core reads and writes when it copies memory: the best of a few tries."""
    source = torch.ones(1 << 26)
    target = torch.empty_like(source)
    best = 0.0
    for _ in range(5):
        started = time.perf_counter()
        target.copy_(source)
        best = max(best, 8 * source.numel() / (time.perf_counter() - started))
    return best
