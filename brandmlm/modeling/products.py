"""Matrix products of inference on a CPU.

torch computes float32 products by Intel's MKL, which uses AVX2 on processors of other makers even where they have
AVX-512. oneDNN, which torch uses for other types, uses what the processor has: 2.2 times the speed on an AMD EPYC with
AVX-512, 1.1 times with AVX2 alone. Results differ in the order of additions only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class _OneDnnLinear(TorchFunctionMode):
    """Computes the linear layers of float32 tensors on the CPU by oneDNN; without gradients."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func is torch.nn.functional.linear and not kwargs:
            inputs, weight, bias = (*args, None)[:3]
            if inputs.dtype == weight.dtype == torch.float32 and inputs.device.type == "cpu" and inputs.numel():
                return torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, "none", [], "")
        return func(*args, **(kwargs or {}))


def fast_products() -> AbstractContextManager[object]:
    """A context, of the thread that enters it, in which linear layers run fast; only for use in inference mode."""
    if torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available():
        return _OneDnnLinear()
    return nullcontext()
