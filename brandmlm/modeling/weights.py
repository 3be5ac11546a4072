"""Weights of a model as a dictionary of tensors: interpolation and dropout."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

Weights = dict[str, torch.Tensor]  # by parameter name


def interpolate_weights(base: Weights, trained: Weights, alpha: float) -> Weights:
    """WiSE-FT: (1 - alpha) * base + alpha * fine-tuned weights.

    Keeps most of what fine-tuning learnt and restores most of what it forgot (Wortsman et al. 2022, "Robust fine-tuning
    of zero-shot models", section 3).

    Args:
        base: weights before training, with the names and shapes of `trained`.
        alpha: 0 gives the base, 1 the fine-tuned weights.
    """
    return {
        name: base[name].lerp(value, alpha) if value.is_floating_point() else value for name, value in trained.items()
    }


def set_dropout(model: PreTrainedModel, probability: float) -> None:
    """Set the probability of every dropout layer; the config that is saved with the model keeps its own."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = probability
