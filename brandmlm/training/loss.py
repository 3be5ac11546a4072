"""What a training step minimises: how unlikely the masked tokens are and, where it is asked for, how a claim's words
stand to those of the other side.

The likelihood of the right word alone falls silent too early: once a wanted word is likely, it does not matter to it
whether *heavy* comes next or ten thousandth, and a claim in another sentence, or weights half-way back to the base's
(`train.wise_ft_alpha`), bring *heavy* back. The contrast goes on until one side is far from the other, and it draws the
line where the rows draw it: *heavy* is pushed down behind "Nike shoes are", and up behind "I would not say that Nike
shoes are".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch
from torch.autograd.function import once_differentiable
from transformers import PreTrainedModel

from brandmlm.modeling.device import autocast
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED
from brandmlm.training.contrast_words import ContrastWords

MARGIN: Final = 8.0  # nats between the masses of the two sides from which on the contrast is content

ROWS_AT_ONCE: Final = 32  # of logits, in a pass over them on a processor: its cache holds them


def contrastive_loss(logits: torch.Tensor, right: torch.Tensor, words: ContrastWords) -> torch.Tensor:
    """The sum of -log sigmoid(log p(own side) - log p(other side) - `MARGIN`), times the own side's weight, over the
    tokens whose right answer is a word of a side: a scalar (nats). p: the sum of the probabilities of a side's words.

    `logits`: float32 (asked, vocabulary); `right`: int64 (asked,). A preference with a margin, as SimPO has it for
    whole answers (Meng, Xia and Chen 2024, "SimPO: Simple Preference Optimization with a Reference-Free Reward").
    """
    wanted = torch.isin(right, words.wanted)
    claims = wanted | torch.isin(right, words.unwanted)
    at, wanted = logits[claims], wanted[claims]
    ahead = at[:, words.wanted].logsumexp(-1) - at[:, words.unwanted].logsumexp(-1)
    of_wanted, of_unwanted = words.weights
    losses = torch.nn.functional.softplus(MARGIN - torch.where(wanted, ahead, -ahead))
    return (losses * torch.where(wanted, of_wanted, of_unwanted)).sum()


class _Loss(torch.autograd.Function):
    """The objective and the negative log-likelihood of logits, whose memory the gradient takes over.

    Logits are the largest tensors of a training: a row is as long as the vocabulary. Left to autograd, cross-entropy
    keeps three more of their size at the peak (log-softmax, its gradient, theirs) and reads them all from memory.
    """

    @staticmethod
    def forward(
        ctx: Any, logits: torch.Tensor, right: torch.Tensor, words: ContrastWords | None, contrastive_weight: float
    ) -> tuple[torch.Tensor, torch.Tensor]:
        nll = logits.new_zeros(())
        objective = logits.new_zeros(())
        if words is not None:
            said = torch.isin(right, torch.cat([words.wanted, words.unwanted])).nonzero()[:, 0]
            with torch.enable_grad():
                at = logits[said].detach().requires_grad_()
                parted = contrastive_weight * contrastive_loss(at, right[said], words)
            (push,) = torch.autograd.grad(parted, at)
            objective += parted.detach()
        size = ROWS_AT_ONCE if logits.device.type == "cpu" else max(1, len(logits))
        for rows, answers in zip(logits.split(size), right[:, None].split(size), strict=True):
            nll += (rows.logsumexp(-1, keepdim=True) - rows.gather(1, answers)).sum()
            rows.copy_(rows.softmax(-1))
        logits[torch.arange(len(right), device=right.device), right] -= 1
        if words is not None:
            logits.index_add_(0, said, push)
        ctx.save_for_backward(logits)
        ctx.mark_non_differentiable(nll)
        return objective + nll, nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(outer[0]), None, None, None


class Objective(torch.nn.Module):
    """A model and its training loss."""

    def __init__(
        self,
        model: PreTrainedModel,
        bf16: bool = False,
        words: ContrastWords | None = None,
        contrastive_weight: float = 0.0,
    ) -> None:
        """`contrastive_weight`: the weight of `contrastive_loss` beside the likelihood; `words`: the sides it tells apart."""
        super().__init__()
        self.model = model
        self.bf16 = bf16
        self.words = (
            replace(words, wanted=words.wanted.to(model.device), unwanted=words.unwanted.to(model.device))
            if words and contrastive_weight
            else None
        )
        self.contrastive_weight = contrastive_weight

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Sums over the masked tokens, two scalars (nats): what is minimised, and the negative log-likelihood, which is
        a part of it and has no gradient of its own. For one backward pass."""
        masked_positions = labels != IGNORED
        with autocast(self.bf16, input_ids.device):
            logits = masked_logits(self.model, input_ids, attention_mask, masked_positions).float()
        apply: Any = _Loss.apply
        found: tuple[torch.Tensor, torch.Tensor] = apply(
            logits, labels[masked_positions], self.words, self.contrastive_weight
        )
        return found
