"""Linear layers under a low-rank adapter (Hu et al. 2021, LoRA, section 4.1), fast to train where x is long and the
rank small."""

from __future__ import annotations

from typing import Any

import torch


def adapted_layers(model: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    """The encoder's linear layers by name."""
    modules = model.named_modules()
    return {name: part for name, part in modules if ".encoder." in name and isinstance(part, torch.nn.Linear)}


class _AdaptedProduct(torch.autograd.Function):
    """x (W + B A)^T + bias, with gradients for x, bias, A and B. The forward pass takes the sum as one matrix, already
    made; the backward pass never forms that matrix's gradient, which would cost as much as a full training's."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any, a: Any, b: Any) -> torch.Tensor:
        ctx.save_for_backward(x, weight, a, b)
        return torch.nn.functional.linear(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight, a, b = ctx.saved_tensors
        flat, x_flat = outer[0].flatten(0, -2), x.flatten(0, -2)
        return outer[0] @ weight, None, flat.sum(0), (flat @ b).T @ x_flat, flat.T @ (x_flat @ a.T)


class AdaptedLinear(torch.nn.Module):
    """A linear layer under an adapter: `base` W frozen in float32, `weight` W + B A in the computation's precision."""

    def __init__(self, linear: torch.nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = linear.weight.detach()
        self.weight = torch.empty_like(self.base)
        self.bias = torch.nn.Parameter(linear.bias.detach())
        self.lora_A = torch.nn.Parameter(torch.empty(rank, linear.in_features))
        self.lora_B = torch.nn.Parameter(torch.empty(linear.out_features, rank))

    def forward(self, x: torch.Tensor) -> Any:
        product: Any = _AdaptedProduct
        return product.apply(x, self.weight, self.bias, self.lora_A, self.lora_B)
