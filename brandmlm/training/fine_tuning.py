"""Fine-tune a masked language model on a corpus: the training of both models, for the stage and for notebooks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.train import Train
from brandmlm.modeling import unpadded
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import check_length, load_checkpoint
from brandmlm.modeling.chunks import make_chunks
from brandmlm.modeling.device import compile_layers, fastest_attention
from brandmlm.modeling.weights import interpolate_weights, set_dropout
from brandmlm.training.callbacks import BestWeightsCallback
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.corpus_dataset import is_about_others, is_synthetic, training_rows, validation_rows
from brandmlm.training.environment import Environment, RunOptions, training_environment
from brandmlm.training.loss import Objective
from brandmlm.training.optimization import optimize
from brandmlm.training.recipe import EXECUTION, make_recipe
from brandmlm.training.result import TrainingResult, TrainingSummary
from brandmlm.training.steps import Anchors, Division, Replay, Steps
from brandmlm.training.tokenized import mask_rows, tokenize_rows
from brandmlm.training.validation import Validator


# long: what a training is given, each named in the call
def train(
    rows: pd.DataFrame | Dataset | Path,
    base: str | os.PathLike[str],
    params: Train | None = None,
    validation: pd.DataFrame | Dataset | Path | None = None,
    execution: Execution | None = None,
    options: RunOptions = RunOptions(),  # noqa: B008 (frozen)
    replay: Sequence[str] = (),
    **values: Any,
) -> TrainingResult:
    """Fine-tune the masked language model in the folder `base` on the texts of a corpus.

        result = brandmlm.train(rows, "data/base", tokens=20_000, seed=1)
        result.predictor.predict("Nike shoes are very [MASK].")

    Sets torch's seed, threads and deterministic mode for this process. Processes that a launcher of torch started
    (`torchrun`) share the training, and each returns the same model.

    Args:
        rows: column text; optional: label (wanted, unwanted or neutral), word, the word that the label is about, and
            about: whose products a synthetic sentence is about (brand, other or none). Or the parquet file of a corpus.
            If the tokens are fewer than those of all rows, only as many rows are read as they need.
        params: the recipe; by default that of the sample profile.
        validation: column text; optional: source, id. Or the parquet file of a corpus. At most `validation_rows` real
            and as many synthetic rows are used. The weights with the lowest validation loss are kept; without
            validation rows, the last ones.
        execution: device, precision, threads and micro-batches; by default what the machine has.
        replay: general English; `replay_share` tokens of it are read for each token of the rows.
        values: values of the recipe that differ from `params`, such as `learning_rate=3e-4`.

    Raises:
        UserError: a value of the recipe is wrong, or the base cannot be trained with it.
    """
    recipe = make_recipe(params, values)
    with TemporaryDirectory() as name, training_environment(recipe, execution or EXECUTION, options) as environment:
        folder = Path(name)
        corpus, whole = training_rows(rows, recipe, folder / "rows.arrow")
        held_out = validation_rows(validation, recipe.validation_rows, folder / "held-out.arrow")
        model, tokenizer = load_base(Path(base), recipe, environment)
        if not whole:
            environment.say(f"{recipe.tokens:,} tokens need only {len(corpus):,} of the rows")
        planned = recipe if whole else recipe.model_copy(update={"real_repeats": 1})  # new rows in place of repeats
        steps = plan_steps(tokenizer, corpus, replay, planned, environment.division, folder / "chunks.arrow")
        anchor = load_base(Path(base), recipe, environment)[0] if recipe.anchor_weight else None
        words = contrast_words(tokenizer, corpus, environment.context.is_main)
        if recipe.contrastive_weight and words is None:
            environment.say("no contrastive loss: it needs rows with wanted words and rows with unwanted ones")
        objective = Objective(model, environment.bf16, words, recipe.contrastive_weight, anchor, recipe.anchor_weight)
        validator = None
        if held_out is not None:
            validator = make_validator(tokenizer, held_out, recipe, environment, folder / "validation.arrow")
        optimized = optimize(objective, steps, validator, recipe, environment)
        weights = optimized.best.weights or {name: value.cpu() for name, value in model.state_dict().items()}
        # Unless it was needed, the base is read again: a copy would have taken memory during the training.
        original = {name: value.cpu() for name, value in (anchor or load_checkpoint(base)[0]).state_dict().items()}
        model.load_state_dict(interpolate_weights(original, weights, recipe.wise_ft_alpha))
        model.eval()
        summary = summarize(len(corpus), steps, optimized.best, validator.losses(model) if validator else None)
        return TrainingResult(model, tokenizer, optimized.metrics.history(), summary, optimized.throughput)


def load_base(folder: Path, recipe: Train, environment: Environment) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load the base and set it up for training."""
    model, tokenizer = load_checkpoint(folder, environment.device)
    check_length(tokenizer, recipe.max_length, "train.max_length")
    set_dropout(model, recipe.dropout)
    model.set_attn_implementation(fastest_attention(environment.device))
    if environment.execution.compile:
        compile_layers(model)
    elif environment.device.type == "cuda" and not recipe.dropout:
        unpadded.enable(model)  # `bench/gpu.py`
    return model, tokenizer


def plan_steps(
    tokenizer: PreTrainedTokenizerBase,
    rows: Dataset,
    replay: Sequence[str],
    recipe: Train,
    division: Division,
    file: Path,
) -> Steps:
    """Tokenise the rows into `file` and plan the steps of the training."""
    chunks = tokenize_rows(tokenizer, rows, recipe.max_length, file)
    times = np.where(is_synthetic(rows), 1, recipe.real_repeats)[chunks.row]
    plan = plan_training(chunks.lengths, recipe.tokens, recipe.step_tokens, recipe.seed, times)
    if not recipe.anchor_weight:
        return Steps(tokenizer, chunks, plan, recipe, division)
    beside = plan_replay(tokenizer, replay, recipe, len(plan)) if replay and recipe.replay_share else None
    return Steps(tokenizer, chunks, plan, recipe, division, Anchors(is_about_others(rows)[chunks.row], beside))


def plan_replay(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], recipe: Train, steps: int) -> Replay:
    """The chunks of general English in each of `steps` steps."""
    chunks = make_chunks(tokenizer, texts, recipe.max_length)
    tokens = max(1, round(recipe.replay_share * recipe.step_tokens))
    # Each batch has at least a chunk, and all but an epoch's last are over half full.
    plan = plan_training(chunks.lengths, steps * (tokens + recipe.max_length), tokens, recipe.seed)
    return Replay(chunks.ids, chunks.lengths, plan[:steps])


def make_validator(
    tokenizer: PreTrainedTokenizerBase, rows: Dataset, recipe: Train, environment: Environment, file: Path
) -> Validator:
    """Tokenise and mask the validation rows into `file`."""
    examples = mask_rows(tokenizer, rows, recipe.max_length, file, environment.context)
    synthetic = is_synthetic(rows)
    return Validator(examples, synthetic, int(tokenizer.pad_token_id), environment.division, environment.bf16)


def summarize(
    rows: int, steps: Steps, best: BestWeightsCallback, losses: tuple[float, dict[str, float]] | None
) -> TrainingSummary:
    """The summary of a training; `losses`: of the final weights (`Validator.losses`), if they were validated."""
    return TrainingSummary(
        rows=rows,
        chunks=len(steps.chunks),
        chunk_tokens=steps.chunk_tokens,
        steps=len(steps),
        tokens=steps.tokens,
        epochs=steps.tokens / steps.chunk_tokens,
        best_step=best.step if losses else len(steps),
        best_checkpoint_loss=best.loss if losses else None,
        validation_loss=losses[0] if losses else None,
        validation_loss_by_set=losses[1] if losses else {},
    )
