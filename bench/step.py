"""Training steps of the engine, variant beside variant: real tokens a second on the rows of the last run.

    python -m bench.step

needs the data of a `dvc repro`. Variants take turns, so that what else the machine does hits all of them alike; the
median of the turns is shown.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import time
from pathlib import Path

import torch

from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run
from brandmlm.data.corpus import read_corpus
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.chunks import make_chunks
from brandmlm.modeling.device import compile_layers, use_bf16
from brandmlm.modeling.weights import set_dropout
from brandmlm.training.cpu_workers import CpuWorkers
from brandmlm.training.dataset import Steps
from brandmlm.training.loss import Objective

STEPS = 4  # in a turn
# Name, attention, dropout, workers (0: one a core), tokens of a micro-batch, whether the layers are compiled.
VARIANTS = (
    ("as it trains: a worker a core", "eager", 0.0, 0, 2048, False),
    ("... micro-batches of 1,024", "eager", 0.0, 0, 1024, False),
    ("... of 4,096", "eager", 0.0, 0, 4096, False),
    ("... fused attention", "sdpa", 0.0, 0, 2048, False),
    ("one worker, threads inside operations", "eager", 0.0, 1, 2048, False),
    ("... and dropout", "eager", 0.1, 1, 2048, False),
    ("... and fused attention", "sdpa", 0.1, 1, 2048, False),
    ("one worker, compiled layers (`execution.compile`)", "eager", 0.0, 1, 2048, True),
)


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
    rates: dict[str, list[float]] = {name: [] for name, *_ in VARIANTS}
    plain, tokenizer = load_checkpoint(args.base, device)
    compiled = copy.deepcopy(plain)
    compile_layers(compiled)
    chunks = make_chunks(tokenizer, list(read_corpus(args.rows)["text"]), params.train.max_length)
    plan = plan_training(chunks.lengths, 10**6, params.train.batch_tokens, params.train.seed)[: STEPS + 1]
    for turn in range(args.turns + 1):
        for name, attention, dropout, masked_positions, micro_batch, compiling in VARIANTS:
            model = compiled if compiling else plain
            optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)
            model.set_attn_implementation(attention)
            set_dropout(model, dropout)
            number = masked_positions or torch.get_num_threads()
            workers = CpuWorkers(Objective(model, bf16), number)
            steps = Steps(tokenizer, chunks, plan, params.train, micro_batch, workers=number)
            started = 0.0
            for step in range(len(plan)):
                if step == 1:  # the first one makes the kernels
                    started = time.perf_counter()
                workers.backward(steps[step]["parts"], steps[step]["masked"])
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                optimiser.zero_grad()
            tokens = sum(int(chunks.lengths[batch].sum()) for batch in plan[1:])
            if turn:  # the turn before the first is for what is compiled, shape by shape
                rates[name].append(tokens / (time.perf_counter() - started))
    own = statistics.median(rates[VARIANTS[0][0]])
    print("| | tokens/s | ratio |\n|---|---:|---:|")
    for name, found in rates.items():
        print(f"| {name} | {statistics.median(found):,.0f} | {statistics.median(found) / own:.2f} |")


if __name__ == "__main__":
    run(main)
