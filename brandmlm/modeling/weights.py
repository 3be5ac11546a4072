"""Weights of a model as a dictionary of tensors: interpolation and dropout."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

Weights = dict[str, torch.Tensor]  # by name


def interpolate_weights(base: Weights, trained: Weights, share: float) -> Weights:
    """Weights on the line between the base's (`share` 0) and the trained ones (1); names and shapes are the same.

    WiSE-FT (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", section 3): it keeps most of what was
    learnt and gives back most of what was forgotten.
    """
    return {
        name: base[name].lerp(value, share) if value.is_floating_point() else value for name, value in trained.items()
    }


def set_dropout(model: PreTrainedModel, share: float) -> None:
    """Let every dropout layer of the model drop this share while training; the saved config keeps its own."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share
