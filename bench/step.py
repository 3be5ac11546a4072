"""Compare variants of a training step: tokens per second, padding not counted, on the rows of the last run.

    python -m bench.step

needs the data of a `dvc repro`. Variants take turns, so that the machine's other work affects all of them alike; the
median of the turns is shown.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import torch
from transformers import PreTrainedModel

from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.device import compile_layers, use_bf16
from brandmlm.modeling.weights import set_dropout
from brandmlm.training.corpus_dataset import read_rows
from brandmlm.training.loop import Callback, TrainingState, run_loop
from brandmlm.training.loss import Objective
from brandmlm.training.optimizer import make_optimizer
from brandmlm.training.steps import Division, Steps
from brandmlm.training.tokenized import tokenize_rows
from brandmlm.training.workers import make_workers

STEPS: Final = 4  # of a turn that are timed


class Variant(NamedTuple):
    name: str
    attention: str = "eager"
    dropout: float = 0.0
    workers: int = 0  # 0: one per core
    micro_batch_tokens: int = 2048
    compiled: bool = False


VARIANTS: Final = (
    Variant("as it trains: a worker per core"),
    Variant("... micro-batches of 1,024", micro_batch_tokens=1024),
    Variant("... of 4,096", micro_batch_tokens=4096),
    Variant("... fused attention", attention="sdpa"),
    Variant("one worker, threads inside operations", workers=1),
    Variant("... and dropout", dropout=0.1, workers=1),
    Variant("... and fused attention", attention="sdpa", dropout=0.1, workers=1),
    Variant("one worker, compiled layers (`execution.compile`)", workers=1, compiled=True),
)


class Clock(Callback):
    """Seconds and tokens of all steps but the first, which makes the kernels."""

    def __init__(self) -> None:
        self.started = self.seconds = 0.0
        self.tokens = 0

    def on_step_end(self, state: TrainingState) -> None:
        if state.step == 1:
            self.started, self.tokens = time.perf_counter(), state.tokens

    def on_train_end(self, state: TrainingState) -> None:
        self.seconds, self.tokens = time.perf_counter() - self.started, state.tokens - self.tokens


def run_turn(model: PreTrainedModel, variant: Variant, steps: Steps, bf16: bool) -> float:
    """Tokens per second of a variant in the steps of one turn."""
    model.set_attn_implementation(variant.attention)
    set_dropout(model, variant.dropout)
    clock = Clock()
    run_loop(
        steps.starting_at(0),
        make_workers(Objective(model, bf16), steps.division.workers),
        make_optimizer(model, learning_rate=1e-5, weight_decay=0.01),
        lambda state: 1.0,
        [clock],
        TrainingState(),
    )
    return clock.tokens / clock.seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.step", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, default=Path("data/split/train.parquet"), help="training rows (parquet)")
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder of the checkpoint")
    parser.add_argument("--turns", type=int, default=3, help="turns that each variant takes")
    args = parser.parse_args()
    params = load_params()
    device = torch.device("cpu")
    torch.manual_seed(params.train.seed)
    bf16 = use_bf16(params.execution, device)
    plain, tokenizer = load_checkpoint(args.base, device)
    compiled = copy.deepcopy(plain)
    compile_layers(compiled)
    rates: dict[str, list[float]] = {variant.name: [] for variant in VARIANTS}
    with TemporaryDirectory() as folder:
        rows = read_rows(args.rows, Path(folder, "rows.arrow"))
        chunks = tokenize_rows(tokenizer, rows, params.train.max_length, Path(folder, "chunks.arrow"))
        plan = plan_training(chunks.lengths, 10**6, params.train.batch_tokens, params.train.seed)[: STEPS + 1]
        for turn in range(args.turns + 1):
            for variant in VARIANTS:
                division = Division(variant.micro_batch_tokens, variant.workers or torch.get_num_threads())
                steps = Steps(tokenizer, chunks, plan, params.train, division)
                rate = run_turn(compiled if variant.compiled else plain, variant, steps, bf16)
                if turn:  # the turn before the first is for compilation, shape by shape
                    rates[variant.name].append(rate)
    reference = statistics.median(rates[VARIANTS[0].name])
    print("| | tokens/s | ratio |\n|---|---:|---:|")
    for name, found in rates.items():
        print(f"| {name} | {statistics.median(found):,.0f} | {statistics.median(found) / reference:.2f} |")


if __name__ == "__main__":
    run(main)
