"""Linear layers with a low-rank adapter (Hu et al. 2021, LoRA, section 4.1), fast to train if the input is long and the
rank small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch


def adapted_layers(model: torch.nn.Module) -> dict[str, torch.nn.Linear]:
    """The encoder's linear layers by name."""
    modules = model.named_modules()
    return {name: layer for name, layer in modules if ".encoder." in name and isinstance(layer, torch.nn.Linear)}


class _AdaptedProduct(torch.autograd.Function):
    """x (W + B A)^T + bias, with gradients for x, bias, A and B.

    The forward pass takes the sum W + B A as one matrix, computed before. The backward pass never forms that matrix's
    gradient, which would cost as much as training the whole layer.
    """

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
    """A linear layer with an adapter.

    Attributes:
        base: W, frozen, float32.
        weight: W + B A, in the precision of the computation; `update_weight` computes it.
    """

    def __init__(self, linear: torch.nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = linear.weight.detach()
        self.weight = torch.empty_like(self.base)
        self.bias = torch.nn.Parameter(linear.bias.detach())
        self.lora_A = torch.nn.Parameter(torch.empty(rank, linear.in_features))
        self.lora_B = torch.nn.Parameter(torch.empty(linear.out_features, rank))

    def update_weight(self, a: torch.Tensor, b: torch.Tensor) -> None:
        """Compute W + B A in float32."""
        device = self.base.device
        self.weight.copy_(torch.addmm(self.base, b.to(device), a.to(device)))

    def forward(self, x: torch.Tensor) -> Any:
        product: Any = _AdaptedProduct
        return product.apply(x, self.weight, self.bias, self.lora_A, self.lora_B)


class Replica:
    """A copy of a model with adapted layers, in the precision of the computation.

    Only the parameters in `trained` have gradients.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        trained: Mapping[str, torch.Tensor],
        rank: int,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        """
        Args:
            model: is changed in place.
            trained: float32 weights by name.
        """
        self.model: Any = model
        self.layers = {name: AdaptedLinear(layer, rank) for name, layer in adapted_layers(model).items()}
        for name, layer in self.layers.items():
            model.set_submodule(name, layer)
            layer.base, layer.weight = layer.base.to(device), layer.weight.to(device, dtype)
        model.to(device, dtype).requires_grad_(False)
        self.weights = {name: value for name, value in model.named_parameters() if name in trained}
        for value in self.weights.values():
            value.requires_grad_()

    @torch.no_grad()
    def update(self, trained: Mapping[str, torch.Tensor]) -> None:
        """Take over the trained weights."""
        for name, value in self.weights.items():
            value.copy_(trained[name])
        for name, layer in self.layers.items():
            layer.update_weight(trained[f"{name}.lora_A"], trained[f"{name}.lora_B"])
