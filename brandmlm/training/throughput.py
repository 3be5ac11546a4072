"""How fast a training was, and the memory that it took."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

from brandmlm.training.steps import Step


@dataclass
class PaddingCount:
    """Counts the positions that this process computes in the steps of a training, and those that hold no token."""

    computed: int = 0
    empty: int = 0

    def over(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps, each counted when it is taken."""
        for step in steps:
            for batch in step.micro_batches:
                self.computed += batch["attention_mask"].numel()
                self.empty += int((batch["attention_mask"] == 0).sum())
            yield step

    @property
    def proportion(self) -> float:
        return self.empty / max(1, self.computed)


@dataclass(frozen=True)
class Throughput:
    """Speed and memory of a training, or of the part of it after it was resumed.

    Attributes:
        tokens: trained on, padding not counted.
        seconds: without validation.
        padding: proportion of padding among the positions that this process computed.
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
            f"{self.validation_seconds:.1f} s of validation, peak memory {self.peak_memory / 1e6:,.0f} MB; "
            f"{self.padding:.1%} of the computed positions held no token"
        )


def peak_memory(device: torch.device) -> int:
    """Peak memory in bytes: of this process on a CPU, of its tensors on a GPU."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
