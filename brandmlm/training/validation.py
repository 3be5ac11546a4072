"""Validation loss on fixed masks during training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedModel

from brandmlm.evaluation.scoring import score
from brandmlm.modeling.device import autocast
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.modeling.masking import Bools
from brandmlm.training.steps import Division


def mean_loss(scores: pd.DataFrame) -> float:
    """Mean negative log-likelihood per masked token (nats) of the rows that `score` returned."""
    return float(scores["nll"].sum() / scores["tokens"].sum())


class Validator:
    """Scores a model on the validation rows, with the same masks at every call."""

    def __init__(self, examples: MaskedExamples, synthetic: Bools, pad_id: int, division: Division, bf16: bool) -> None:
        """
        Args:
            examples: this process's share of those of the rows (`mask_rows`).
            synthetic: which rows are synthetic, (rows,).
        """
        self.examples = examples
        self.synthetic = synthetic
        self.pad_id = pad_id
        self.division = division
        self.bf16 = bf16

    def scores(self, model: PreTrainedModel) -> pd.DataFrame:
        """Per row the columns of `score`, the same in every process."""
        training = model.training
        device = next(model.parameters()).device
        model.eval()
        # Layers are compiled for training; to compile them for inference too would take longer than it saves.
        with autocast(self.bf16, device), torch.compiler.set_stance("force_eager"):
            scores = score(model, self.pad_id, self.examples, len(self.synthetic), self.division.micro_batch_tokens)
        model.train(training)
        if self.division.context.processes > 1:
            sums = torch.from_numpy(scores.to_numpy(dtype=np.float64)).to(device)
            self.division.context.all_reduce([sums])
            scores = pd.DataFrame(sums.cpu().numpy(), columns=scores.columns).astype(scores.dtypes)
        return scores

    def loss(self, model: PreTrainedModel) -> float:
        """Mean loss of all rows (nats per masked token)."""
        return mean_loss(self.scores(model))

    def losses(self, model: PreTrainedModel) -> tuple[float, dict[str, float]]:
        """Mean loss (nats per masked token) of all rows, and of the real and the synthetic ones, if there are any."""
        scores = self.scores(model)
        sets = {"real": scores[~self.synthetic], "synthetic": scores[self.synthetic]}
        return mean_loss(scores), {name: mean_loss(rows) for name, rows in sets.items() if rows["tokens"].sum()}
