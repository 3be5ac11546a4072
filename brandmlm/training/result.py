"""What a training returns: the model, the losses over its steps, a summary and its speed."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.core.files import write_json
from brandmlm.data.corpus import write_table
from brandmlm.modeling.checkpoint import save_checkpoint
from brandmlm.modeling.predictor import Predictor
from brandmlm.training.throughput import Throughput


@dataclass(frozen=True)
class TrainingSummary:
    """Numbers of a training; losses in nats per masked token.

    Attributes:
        tokens: trained on, padding not counted.
        epochs: passes over the rows.
        best_step: the step with the lowest validation loss; without validation, the last one.
        best_checkpoint_loss: that validation loss, before interpolation with the base's weights.
        validation_loss: of the saved weights, after interpolation.
        validation_loss_by_set: the same of the real and of the synthetic validation rows, if there are any.
    """

    rows: int
    chunks: int
    chunk_tokens: int
    steps: int
    tokens: int
    epochs: float
    best_step: int
    best_checkpoint_loss: float | None
    validation_loss: float | None
    validation_loss_by_set: dict[str, float]

    def __str__(self) -> str:
        text = f"{self.rows:,} rows, {self.steps} steps, {self.tokens:,} tokens"
        if self.best_checkpoint_loss is None or self.validation_loss is None:
            return text
        sets = ", ".join(f"{name} {math.exp(loss):.1f}" for name, loss in self.validation_loss_by_set.items())
        return (
            f"{text}; validation perplexity {math.exp(self.validation_loss):.1f} ({sets}); best checkpoint, before "
            f"interpolation: step {self.best_step}, {math.exp(self.best_checkpoint_loss):.1f}"
        )


@dataclass(frozen=True)
class TrainingResult:
    """A fine-tuned model and how its training went.

    Attributes:
        model: the weights of the best step interpolated with the base's, in eval mode.
        history: columns step, tokens, split (train or validation), loss (nats per masked token), perplexity.
        throughput: None if the training was resumed after its last step.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    history: pd.DataFrame
    summary: TrainingSummary
    throughput: Throughput | None

    @property
    def predictor(self) -> Predictor:
        """Fills masks with the model."""
        return Predictor(self.model, self.tokenizer)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the checkpoint, `history.parquet` and `training.json` into a folder."""
        save_checkpoint(self.model, self.tokenizer, folder)
        write_table(self.history, Path(folder, "history.parquet"))
        write_json(Path(folder, "training.json"), asdict(self.summary))
