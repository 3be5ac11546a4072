"""Validation loss on fixed masks while training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
import torch.distributed as dist
from transformers import PreTrainedModel

from brandmlm.evaluation.scoring import score
from brandmlm.modeling.device import autocast
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.training.distributed import DistributedContext


def validator(
    model: PreTrainedModel,
    pad_id: int,
    examples: MaskedExamples,
    rows: int,
    micro_batch: int,
    bf16: bool,
    share: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
) -> Callable[[], pd.DataFrame]:
    """A function that scores the model as it is now on fixed questions: per row the columns of `score`, the same in
    every process; each asks its share."""
    order = np.argsort([-len(ids) for ids in examples.ids], kind="stable")
    own = share.of(order)
    own_examples = MaskedExamples([examples.ids[q] for q in own], [examples.labels[q] for q in own], examples.row[own])

    def validate() -> pd.DataFrame:
        training = model.training
        model.eval()
        # What is compiled is so for training: to compile it for inference too takes longer than this.
        with autocast(bf16, next(model.parameters()).device), torch.compiler.set_stance("force_eager"):
            scores = score(model, pad_id, own_examples, rows, micro_batch)
        model.train(training)
        if share.processes > 1:
            sums = torch.from_numpy(scores.to_numpy(dtype=np.float64)).to(next(model.parameters()).device)
            dist.all_reduce(sums)
            scores = pd.DataFrame(sums.cpu().numpy(), columns=scores.columns).astype(scores.dtypes)
        return scores

    return validate


def mean_loss(scores: pd.DataFrame) -> float:
    """Mean negative log-likelihood a token (nats)."""
    return float(scores["nll"].sum() / scores["tokens"].sum())


# Validation asks for the tokens of one pass out of seven: a fixed sample of the tokens, cheap enough to take often.
VALIDATION_FOLDS = 7
