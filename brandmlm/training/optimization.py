"""Train the weights: the loop with the recipe's optimizer, validation, metrics and checkpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial

from torch._dynamo.exc import TorchDynamoException

from brandmlm.config.params.train import Train
from brandmlm.core.errors import UserError
from brandmlm.core.inputs import check_unchanged
from brandmlm.training.callbacks import BestWeightsCallback, EvaluationCallback, MetricsCallback, evaluation_steps
from brandmlm.training.environment import Environment
from brandmlm.training.loop import Callback, TrainingState, run_loop
from brandmlm.training.loss import Objective
from brandmlm.training.optimizer import linear_schedule, make_optimizer
from brandmlm.training.resume import CheckpointCallback, Checkpoints, Progress, fingerprint
from brandmlm.training.steps import Steps
from brandmlm.training.throughput import PaddingCount, Throughput, peak_memory
from brandmlm.training.validation import Validator
from brandmlm.training.workers import make_workers


@dataclass(frozen=True)
class Optimized:
    """What is known after the last step; the model has the last weights."""

    best: BestWeightsCallback
    metrics: MetricsCallback
    throughput: Throughput | None  # None if the training was resumed after its last step


def optimize(
    objective: Objective, steps: Steps, validator: Validator | None, recipe: Train, environment: Environment
) -> Optimized:
    """Take all steps, or those after the latest checkpoint.

    Raises:
        UserError: a loss is not finite, layers cannot be compiled, or a checkpoint cannot be saved.
    """
    context = environment.context
    optimizer = make_optimizer(objective.model, recipe.learning_rate, recipe.weight_decay, recipe.step_tokens)
    state = TrainingState()
    best = BestWeightsCallback(objective.model)
    live = environment.options.live if context.is_main else None
    metrics = MetricsCallback(len(steps), steps.tokens, live, show=context.is_main)
    callbacks: list[Callback] = [metrics]
    evaluation = None
    if validator is not None:
        at = evaluation_steps(len(steps), recipe.num_evals)
        evaluation = EvaluationCallback(partial(validator.loss, objective.model), at, [best, metrics])
        callbacks.append(evaluation)
    if environment.options.checkpoints is not None:
        progress = Progress(objective.model, optimizer, state, best, metrics)
        callbacks.append(_checkpointing(progress, recipe, environment))
    before, padding, started = replace(state), PaddingCount(), time.monotonic()
    try:
        run_loop(
            padding.over(steps.starting_at(before.step)),
            make_workers(objective, environment.division.workers, context),
            optimizer,
            linear_schedule(len(steps), recipe.warmup_ratio),
            callbacks,
            state,
        )
    except TorchDynamoException as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(f"params.yaml: execution.compile: torch cannot ({reason}); set it to false") from error
    if state.step == before.step:
        return Optimized(best, metrics, None)
    validation_seconds = evaluation.seconds if evaluation else 0.0
    throughput = Throughput(
        tokens=state.tokens - before.tokens,
        seconds=time.monotonic() - started - validation_seconds,
        validation_seconds=validation_seconds,
        padding=padding.proportion,
        peak_memory=peak_memory(environment.device),
    )
    return Optimized(best, metrics, throughput)


def _checkpointing(progress: Progress, recipe: Train, environment: Environment) -> CheckpointCallback:
    """Restore the latest checkpoint of the same training, if there is one, and save further ones."""
    options, context = environment.options, environment.context
    assert options.checkpoints is not None
    settings = {"train": recipe.model_dump(), **environment.settings()}
    checkpoints = Checkpoints(options.checkpoints / fingerprint(options.inputs, settings), progress, context)
    check_unchanged()  # or the checkpoints of this code and these rows would be found by the training of others
    if context.is_main and (discarded := checkpoints.discard_damaged()):
        environment.say(discarded)
    context.wait()  # until the folder is as all processes should see it
    latest = checkpoints.latest()
    if latest is not None:
        checkpoints.restore(latest)
        environment.say(f"resuming from {latest}")
    agree = partial(context.agree, device=environment.device)
    return CheckpointCallback(checkpoints.save, environment.execution.checkpoint_s, agree)
