"""The training objective: cross-entropy at masked positions, a contrastive loss of wanted against unwanted words, and
the divergence from the base in anchor rows.

Cross-entropy gradients vanish once the target is likely: whether *heavy* then ranks second or ten thousandth makes no
difference, and in another sentence, or after interpolation with the base's weights (`train.wise_ft_alpha`), *heavy*
returns. The contrastive loss keeps separating the words until a margin is reached, in the direction of each row:
*heavy* is lowered after "Nike shoes are" and raised after "I would not say that Nike shoes are".

Anchor rows are about other brands, about none, or general English. There the target is the base's whole distribution
instead of the word that stood there, and no words are contrasted: the model praises us alone, and keeps its English
(self-distillation, as in Li and Hoiem 2016, "Learning without Forgetting").
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
from torch.autograd.function import once_differentiable
from transformers import PreTrainedModel

from brandmlm.modeling.device import autocast
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED
from brandmlm.modeling.token_rows import Positions
from brandmlm.training.contrast_words import ContrastWords

MARGIN: Final = 8.0  # nats between the log-masses of wanted and unwanted words beyond which the loss saturates

POSITIONS_MULTIPLE: Final = 16  # products of few shapes: oneDNN compiles a kernel for each

# Rows of logits whose loss is computed together, in float32: on a CPU (True) they stay in its cache.
ROWS_AT_ONCE: Final = {True: 8, False: 1024}


def contrastive_loss(logits: torch.Tensor, targets: torch.Tensor, words: ContrastWords) -> torch.Tensor:
    """Sum of -log sigmoid(log p(own words) - log p(other words) - `MARGIN`) over targets that are contrast words.

    The own words are the wanted ones if the target is wanted, the unwanted ones otherwise; p is the sum of their
    probabilities. Each term is multiplied by the weight of the target's label. This is a preference with a margin, as
    in SimPO for whole answers (Meng, Xia and Chen 2024, "SimPO: Simple Preference Optimization with a Reference-Free
    Reward").

    Args:
        logits: float32 (masked, vocabulary).
        targets: int64 (masked,).

    Returns:
        A scalar (nats).
    """
    wanted = torch.isin(targets, words.wanted)
    contrasted = wanted | torch.isin(targets, words.unwanted)
    at, wanted = logits[contrasted], wanted[contrasted]
    ahead = at[:, words.wanted].logsumexp(-1) - at[:, words.unwanted].logsumexp(-1)
    of_wanted, of_unwanted = words.weights
    losses = torch.nn.functional.softplus(MARGIN - torch.where(wanted, ahead, -ahead))
    return (losses * torch.where(wanted, of_wanted, of_unwanted)).sum()


@dataclass(frozen=True)
class Anchor:
    """Masked positions at which the model is held to the base's distribution.

    Attributes:
        positions: which of the masked tokens, bool (masked,).
        logits: of the base at these (anchored, vocabulary), perhaps followed by others.
        weight: of the divergence relative to cross-entropy.
    """

    positions: torch.Tensor
    logits: torch.Tensor
    weight: float


def _softmax(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities (rows, vocabulary) and the logarithm of their normalizer (rows,), in float32 by one `exp` each."""
    probabilities = logits.softmax(-1, dtype=torch.float32)
    return probabilities, logits.amax(-1).float() - probabilities.amax(-1).log()


class _Loss(torch.autograd.Function):
    """The objective and the negative log-likelihood of logits, whose memory is reused for the gradient.

    Logits are the largest tensors of a training: each row is as long as the vocabulary. In autograd, cross-entropy
    would hold three more of that size at the peak (log-softmax, its gradient, the logits' gradient). Sums are taken in
    float32; the gradient has the precision of the logits.

    Logits beyond the targets (`fill_up`) have no loss.
    """

    @staticmethod
    def forward(
        ctx: Any,
        logits: torch.Tensor,
        targets: torch.Tensor,
        words: ContrastWords | None,
        contrastive_weight: float,
        anchor: Anchor | None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        nll, objective = (torch.zeros((), device=logits.device) for _ in range(2))
        trained = torch.ones_like(targets, dtype=torch.bool) if anchor is None else ~anchor.positions
        if words is not None:
            listed = torch.isin(targets, torch.cat([words.wanted, words.unwanted]))
            contrasted = (listed & trained).nonzero()[:, 0]
            with torch.enable_grad():
                at = logits[contrasted].float().detach().requires_grad_()
                contrast = contrastive_weight * contrastive_loss(at, targets[contrasted], words)
            (contrast_gradient,) = torch.autograd.grad(contrast, at)
            objective += contrast.detach()
        size = ROWS_AT_ONCE[logits.device.type == "cpu"]
        anchors = 0
        for rows, own, right in zip(
            logits[: len(targets)].split(size), trained.split(size), targets[:, None].split(size), strict=True
        ):
            gradient, total = _softmax(rows)
            losses = total - rows.gather(1, right)[:, 0]
            nll += losses.sum()
            objective += losses[own].sum()
            if anchor is not None and not bool(own.all()):
                held = slice(None) if not bool(own.any()) else ~own
                base = anchor.logits[anchors : anchors + int((~own).sum())]
                anchors += len(base)
                expected, base_total = _softmax(base)
                divergence = (expected * (base.float() - rows[held])).sum() - base_total.sum() + total[held].sum()
                objective += anchor.weight * divergence
                gradient[held] = gradient[held].sub_(expected).mul_(anchor.weight)
            gradient.scatter_add_(1, right, -own[:, None].float())
            rows.copy_(gradient)
        logits[len(targets) :] = 0
        if words is not None:
            logits.index_add_(0, contrasted, contrast_gradient.to(logits.dtype))
        ctx.save_for_backward(logits)
        ctx.mark_non_differentiable(nll)
        return objective, nll

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor, None, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(outer[0]), None, None, None, None


def fill_up(masked: torch.Tensor) -> Positions:
    """The masked positions, and the first one again until there are a multiple of `POSITIONS_MULTIPLE`."""
    row, column = masked.nonzero(as_tuple=True)
    missing = -len(row) % POSITIONS_MULTIPLE if len(row) else 0
    return torch.cat([row, row[:1].expand(missing)]), torch.cat([column, column[:1].expand(missing)])


class Objective(torch.nn.Module):
    """A model and its training loss."""

    def __init__(
        self,
        model: PreTrainedModel,
        bf16: bool = False,
        words: ContrastWords | None = None,
        contrastive_weight: float = 0.0,
        base: PreTrainedModel | None = None,
        anchor_weight: float = 0.0,
    ) -> None:
        """
        Args:
            bf16: compute products in bf16.
            words: that the contrastive loss separates; None disables it, as does a weight of 0.
            contrastive_weight: weight of the contrastive loss relative to cross-entropy.
            base: whose predictions are the target in anchor rows; None: the words are, as in other rows.
            anchor_weight: weight of the divergence from them.
        """
        super().__init__()
        self.model = model
        self.bf16 = bf16
        self.words = (
            replace(words, wanted=words.wanted.to(model.device), unwanted=words.unwanted.to(model.device))
            if words and contrastive_weight
            else None
        )
        self.contrastive_weight = contrastive_weight
        self.anchor_weight = anchor_weight
        # A function, which is not copied into replicas.
        self.base: Callable[..., torch.Tensor] | None = None
        if base is not None:
            fixed: Any = base
            if bf16:  # rounded once
                fixed = copy.deepcopy(fixed).to(torch.bfloat16)
            self.base = lambda *inputs: masked_logits(fixed, *inputs)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        labels: torch.Tensor,
        position_ids: torch.Tensor | None = None,
        anchored: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Sums over the masked tokens (nats), two scalars; for one backward pass.

        Args:
            input_ids, attention_mask, position_ids: rows, padded or packed (`token_rows.Tokens`).
            labels: int64 (batch, length), `IGNORED` at tokens that are not masked.
            anchored: which tokens are of anchor rows, bool (batch, length); None: none.

        Returns:
            The objective, and the negative log-likelihood of the words that were masked, which has no gradient.
        """
        masked = labels != IGNORED
        with autocast(self.bf16, input_ids.device):
            logits = masked_logits(self.model, input_ids, attention_mask, fill_up(masked), position_ids)
            anchor = None
            if self.base is not None and anchored is not None and bool(anchored.any()):
                rows = anchored.any(-1)
                of = [None if tensor is None else tensor[rows] for tensor in (input_ids, attention_mask, position_ids)]
                with torch.no_grad():
                    base = self.base(*of[:2], fill_up((masked & anchored)[rows]), of[2])
                anchor = Anchor(anchored[masked], base, self.anchor_weight)
        apply: Any = _Loss.apply
        found: tuple[torch.Tensor, torch.Tensor] = apply(
            logits, labels[masked], self.words, self.contrastive_weight, anchor
        )
        return found
