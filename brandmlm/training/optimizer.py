"""The optimizer and the learning-rate schedule of the recipe."""

from __future__ import annotations

from typing import Final

import torch

from brandmlm.training.loop import Schedule, TrainingState

BETA1: Final = 0.9
BETA2: Final = 0.999  # at steps of BETA2_TOKENS tokens
BETA2_TOKENS: Final = 1024


def is_decayed(name: str, parameter: torch.nn.Parameter) -> bool:
    """Whether weight decay applies: to matrices, not to norms and biases."""
    return parameter.ndim > 1 and "bias" not in name


def second_moment_decay(step_tokens: int) -> float:
    """Adam's beta2: `BETA2`, or for steps of fewer than `BETA2_TOKENS` tokens that of the same half-life in tokens.

    Small steps train as well as large ones if this half-life, about 710,000 tokens, is kept (Marek et al. 2025, "Small
    Batch Size Training for Language Models", arXiv 2507.07101, section 3).
    """
    return float(max(BETA2, BETA2 ** (step_tokens / BETA2_TOKENS)))


def make_optimizer(
    model: torch.nn.Module, learning_rate: float, weight_decay: float, step_tokens: int = BETA2_TOKENS
) -> torch.optim.AdamW:
    """AdamW over the trainable parameters, with weight decay where it applies, for steps of `step_tokens` tokens."""
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    groups = [
        {"params": [value for name, value in trained if is_decayed(name, value)], "weight_decay": weight_decay},
        {"params": [value for name, value in trained if not is_decayed(name, value)], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(BETA1, second_moment_decay(step_tokens)), fused=True)


def linear_schedule(steps: int, warmup_ratio: float) -> Schedule:
    """A rate that rises linearly from zero over the first steps, then falls linearly to zero at the end."""
    warmup = round(warmup_ratio * steps)

    def factor(state: TrainingState) -> float:
        if state.step < warmup:
            return state.step / warmup
        return (steps - state.step) / (steps - warmup)

    return factor
