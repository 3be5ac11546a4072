"""The optimizer and the learning-rate schedule of the recipe."""

from __future__ import annotations

import torch

from brandmlm.training.loop import Schedule, TrainingState


def is_decayed(name: str, parameter: torch.nn.Parameter) -> bool:
    """Whether weight decay applies: to matrices, not to norms and biases."""
    return parameter.ndim > 1 and "bias" not in name


def make_optimizer(model: torch.nn.Module, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW over the trainable parameters, with weight decay where it applies."""
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    groups = [
        {"params": [value for name, value in trained if is_decayed(name, value)], "weight_decay": weight_decay},
        {"params": [value for name, value in trained if not is_decayed(name, value)], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, fused=True)


def linear_schedule(steps: int, warmup_ratio: float) -> Schedule:
    """A rate that rises linearly from zero over the first steps, then falls linearly to zero at the end."""
    warmup = round(warmup_ratio * steps)

    def factor(state: TrainingState) -> float:
        if state.step < warmup:
            return state.step / warmup
        return (steps - state.step) / (steps - warmup)

    return factor
