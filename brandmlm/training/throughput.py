"""How fast a training was, compared with what the CPU or GPU can do."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from brandmlm.modeling.masked_lm import FAMILIES
from brandmlm.modeling.masking import Ints

SIDE: Final = 2048  # of the square matrices whose product is timed

TRIES: Final = 5


@dataclass(frozen=True)
class Throughput:
    """Speed and memory of a training, or of the part of it after it was resumed.

    Attributes:
        tokens: trained on, padding not counted.
        seconds: without validation.
        padding: proportion of padding among the tokens computed.
        peak_memory: bytes (`peak_memory`).
    """

    tokens: int
    seconds: float
    validation_seconds: float
    padding: float
    peak_memory: int

    def __str__(self) -> str:
        return (
            f"{self.tokens:,} tokens in {self.seconds:.1f} s, {self.tokens / self.seconds:,.0f} tokens/s, "
            f"{self.validation_seconds:.1f} s of validation, {self.padding:.1%} padding, "
            f"peak memory {self.peak_memory / 1e6:,.0f} MB"
        )


def model_flops(model: PreTrainedModel, lengths: Ints, masked: int) -> float:
    """Floating-point operations of a forward and backward pass (Chowdhery et al. 2022, PaLM, appendix B).

    For a family that `masked_lm` does not know, the head counts at masked positions only, although it is computed at
    all positions.

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
    attention: int = 12 * model.config.num_hidden_layers * model.config.hidden_size * int((lengths**2).sum())
    flops: float = 6.0 * ((encoder - last) * int(lengths.sum()) + (head_size + last) * masked) + attention
    return flops


def matrix_rate(device: torch.device, bf16: bool) -> float:
    """Floating-point operations per second in the product of two large matrices: the best of a few tries."""
    a = torch.ones(SIDE, SIDE, device=device, dtype=torch.bfloat16 if bf16 else torch.float32)
    best = 0.0
    for _ in range(TRIES):
        started = time.perf_counter()
        (a @ a)[0, 0].item()
        best = max(best, 2 * SIDE**3 / (time.perf_counter() - started))
    return best


def peak_memory(device: torch.device) -> int:
    """Peak memory in bytes: of this process on a CPU, of its tensors on a GPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
