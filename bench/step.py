"""Where the time of a training step goes, and variants of it side by side, on the rows of the last run.

    python -m bench.step

needs the data of a `dvc repro`. First, each part of a step on one core, its share, and the least time that it can take
on this machine: products at the rate of a large one, the rest at the memory's bandwidth. Then tokens per second of
variants, padding not counted; variants take turns, so that the machine's other work affects all of them alike, and the
median of the turns is shown.
"""

from __future__ import annotations

import brandmlm  # noqa: F401  # before torch: it sets OpenMP up

# isort: split
import argparse
import copy
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import torch
from torch.profiler import ProfilerActivity, profile, record_function
from transformers import PreTrainedModel

from bench.rates import bandwidth, matrix_rate
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.train import Train
from brandmlm.core.command_line import run
from brandmlm.evaluation.test_sets import read_general
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.device import compile_layers, save_memory, use_bf16
from brandmlm.modeling.masked_lm import FAMILIES
from brandmlm.modeling.weights import set_dropout
from brandmlm.training.contrast_words import ContrastWords, contrast_words
from brandmlm.training.corpus_dataset import read_rows
from brandmlm.training.fine_tuning import plan_steps
from brandmlm.training.loop import MAX_GRAD_NORM, Callback, TrainingState, run_loop
from brandmlm.training.loss import Objective
from brandmlm.training.optimizer import make_optimizer
from brandmlm.training.steps import Division, Steps
from brandmlm.training.workers import make_workers

STEPS: Final = 4  # of a turn that are timed
PROFILED: Final = 8  # steps laid out

PRODUCTS: Final = ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm")
COPIES: Final = ("aten::copy_",)
TOP_LEVEL: Final = {"aten::copy_": "weights to bf16"} | dict.fromkeys(
    ("aten::add_", "aten::zero_", "aten::index_add_"), "sums of gradients"
)
# Operations whose inputs are mostly not read: rows of a table.
LOOK_UPS: Final = ("index", "index_select", "gather", "embedding", "_index_put_impl_", "index_add_", "scatter_add_")
BYTES: Final = {"float": 4, "c10::BFloat16": 2, "long int": 8, "bool": 1, "double": 8}
# AdamW reads weight, gradient and two moments, and writes three of them; clipping reads and writes the gradient.
OPTIMIZER_BYTES: Final = 4 * (4 + 3 + 1 + 2)

ENGINE: Final = "autograd::engine::evaluate_function: "
REST: Final = "Python and autograd"
PARTS: Final = (
    "encoder, forward", "encoder, backward", "head, forward", "head, backward", "loss", "base, forward",
    "sums of gradients", "weights to bf16", "copies between types and layouts", "optimizer", "data", REST,
)  # fmt: skip


class Variant(NamedTuple):
    name: str
    attention: str = "eager"
    workers: int = 0  # 0: one per core
    micro_batch_tokens: int = 2048
    compiled: bool = False


VARIANTS: Final = (
    Variant("as it trains: a worker per core"),
    Variant("... micro-batches of 512", micro_batch_tokens=512),
    Variant("... fused attention", attention="sdpa"),
    Variant("one worker, threads inside operations", workers=1),
    Variant("... and compiled layers (`execution.compile`)", workers=1, compiled=True),
)


@dataclass(frozen=True)
class Subject:
    """What is trained, as the stage would."""

    model: PreTrainedModel
    base: PreTrainedModel | None
    words: ContrastWords | None
    recipe: Train
    bf16: bool
    plan: Callable[[Division], Steps]

    def objective(self, model: PreTrainedModel | None = None) -> Objective:
        recipe = self.recipe
        weights = (recipe.contrastive_weight, self.base, recipe.anchor_weight)
        return Objective(model or self.model, self.bf16, self.words, *weights)


@dataclass
class Part:
    """Of the profiled steps: microseconds, floating-point operations of products, and bytes of other operations."""

    time: float = 0.0
    flops: float = 0.0
    bytes: float = 0.0


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


@contextmanager
def labelled(model: PreTrainedModel, objective: Objective) -> Iterator[None]:
    """Mark the parts of a forward pass for the profiler."""

    def mark(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def marked(*inputs: Any) -> Any:
            with record_function(name):
                return function(*inputs)

        return marked

    name = model.config.model_type
    family = FAMILIES[name]
    marked = family._replace(encoder=mark("encoder", family.encoder), head=mark("head", family.head))
    if objective.base is not None:
        objective.base = mark("base, forward", objective.base)
    with patch.dict(FAMILIES, {name: marked}):
        yield


def ancestry(event: Any) -> Iterator[Any]:
    while event is not None:
        yield event
        event = event.cpu_parent


def part_of(event: Any, forward: dict[int, str]) -> str:
    """The part that an event belongs to; `forward`: of operations of the forward pass, by autograd's numbers."""
    names = [each.name for each in ancestry(event)]
    for whole in ("data", "optimizer", "base, forward"):
        if whole in names:
            return whole
    if not event.name.startswith("aten::"):
        return REST
    if any("AccumulateGrad" in name for name in names):
        return "sums of gradients"
    if event.cpu_parent is None:  # in `Workers` and `Replica`
        return TOP_LEVEL.get(event.name, REST)
    if "_Loss" in names or any(name.endswith("_LossBackward") for name in names):
        return "loss"
    if event.name in COPIES:
        return "copies between types and layouts"
    for each in ancestry(event):
        if each.name.startswith(ENGINE):
            return f"{forward[each.sequence_nr]}, backward" if each.sequence_nr in forward else REST
    return next((f"{name}, forward" for name in names if name in ("encoder", "head")), REST)


def traffic(event: Any) -> float:
    """Bytes that an operation has to read and write, from the sizes of its inputs."""
    name = event.name.removeprefix("aten::")
    sizes = [
        float(torch.Size(shape).numel() * BYTES.get(kind, 0)) if shape and isinstance(shape[0], int) else 0.0
        for shape, kind in zip(event.input_shapes, event.input_dtypes, strict=False)
    ]
    if not sizes or not event.name.startswith("aten::"):
        return 0.0
    if name in LOOK_UPS:
        return 2 * min((size for size in sizes[1:] if size), default=0.0)
    return sum(sizes) + (0.0 if name == "copy_" else sizes[0])


def lay_out(events: Sequence[Any]) -> dict[str, Part]:
    """The parts of profiled steps."""
    forward: dict[int, str] = {}
    for event in events:
        names = [each.name for each in ancestry(event)]
        if event.sequence_nr >= 0 and not any(name.startswith(ENGINE) for name in names):
            for name in names:
                if name in ("encoder", "head"):
                    forward[event.sequence_nr] = name
    parts = {name: Part() for name in PARTS}
    for event in events:
        part = parts[part_of(event, forward)]
        part.time += event.self_cpu_time_total
        if event.name in PRODUCTS:
            part.flops += event.flops or 0
        elif not event.cpu_children:
            part.bytes += traffic(event)
    return parts


def profile_steps(subject: Subject) -> tuple[dict[str, Part], float, float]:
    """The parts of some steps of one worker on one thread, their tokens, and seconds without the profiler."""
    model = copy.deepcopy(subject.model)
    model.set_attn_implementation("eager")
    objective = subject.objective(model)
    steps = subject.plan(Division(2048))
    workers, optimizer = make_workers(objective, 1), make_optimizer(model, 1e-5, 0.01)

    def go(first: int) -> int:
        tokens = 0
        for number in range(first, first + PROFILED):
            with record_function("data"):
                step = steps[number]
            workers.backward(step)
            with record_function("optimizer"):
                torch.nn.utils.clip_grad_norm_(workers.parameters, MAX_GRAD_NORM)
                optimizer.step()
                optimizer.zero_grad()
            tokens += step.tokens
        return tokens

    go(0)
    started = time.perf_counter()
    go(PROFILED)
    seconds = time.perf_counter() - started
    (replica,) = (each.objective for each in workers.replicas)
    assert isinstance(replica, Objective)
    with (
        labelled(model, replica),
        profile(activities=[ProfilerActivity.CPU], record_shapes=True, with_flops=True) as found,
    ):
        tokens = go(PROFILED)
    return lay_out(found.events()), tokens, seconds


def layout_table(subject: Subject) -> str:
    """The parts of a step as a Markdown table."""
    rate, speed = matrix_rate(torch.device("cpu"), subject.bf16), bandwidth()
    parts, tokens, seconds = profile_steps(subject)
    weights = sum(value.numel() for value in subject.model.parameters() if value.requires_grad)
    parts["optimizer"].flops, parts["optimizer"].bytes = 0, PROFILED * OPTIMIZER_BYTES * weights
    whole = sum(part.time for part in parts.values())
    lines = [
        f"One core: {rate / 1e9:,.0f} GFLOP/s in a product of large matrices, {speed / 1e9:,.1f} GB/s when it copies "
        f"memory. {PROFILED} steps of {tokens / PROFILED:,.0f} tokens, {1e3 * seconds / PROFILED:,.0f} ms each without "
        "the profiler.",
        "",
        "| part of a step | ms | share | products, ms at least | the rest, ms at least |",
        "|---|---:|---:|---:|---:|",
    ]
    total = Part()
    for name, part in parts.items():
        lines.append(_line(name, part, whole, rate, speed))
        total.time, total.flops, total.bytes = (
            total.time + part.time, total.flops + part.flops, total.bytes + part.bytes
        )  # fmt: skip
    return "\n".join([*lines, _line("all", total, whole, rate, speed)])


def _line(name: str, part: Part, whole: float, rate: float, speed: float) -> str:
    least = (1e3 * part.flops / rate / PROFILED, 1e3 * part.bytes / speed / PROFILED)
    return f"| {name} | {part.time / 1e3 / PROFILED:.1f} | {part.time / whole:.1%} | {least[0]:.1f} | {least[1]:.1f} |"


def run_turn(subject: Subject, model: PreTrainedModel, variant: Variant) -> float:
    """Tokens per second of a variant in the steps of one turn."""
    model.set_attn_implementation(variant.attention)
    steps = subject.plan(Division(variant.micro_batch_tokens, variant.workers or torch.get_num_threads()))
    clock = Clock()
    run_loop(
        (steps[number] for number in range(STEPS + 1)),
        make_workers(subject.objective(model), steps.division.workers),
        make_optimizer(model, learning_rate=1e-5, weight_decay=0.01),
        lambda state: 1.0,
        [clock],
        TrainingState(),
    )
    return clock.tokens / clock.seconds


def compare(subject: Subject, turns: int) -> str:
    """The variants' rates as a Markdown table: medians of some turns."""
    compiled = copy.deepcopy(subject.model)
    compile_layers(compiled)
    rates: dict[str, list[float]] = {variant.name: [] for variant in VARIANTS}
    for turn in range(turns + 1):
        for variant in VARIANTS:
            rate = run_turn(subject, compiled if variant.compiled else subject.model, variant)
            if turn:  # the turn before the first is for compilation, shape by shape
                rates[variant.name].append(rate)
    reference = statistics.median(rates[VARIANTS[0].name])
    lines = ["| | tokens/s | ratio |", "|---|---:|---:|"]
    for name, found in rates.items():
        lines.append(f"| {name} | {statistics.median(found):,.0f} | {statistics.median(found) / reference:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.step", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, default=Path("data/split/train.parquet"), help="training rows (parquet)")
    parser.add_argument("--replay", type=Path, default=Path("sample/general/replay.txt"), help="general English")
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder of the checkpoint")
    parser.add_argument("--turns", type=int, default=3, help="turns that each variant takes; 0: only the layout (3)")
    args = parser.parse_args()
    save_memory()
    params = load_params()
    recipe = params.train.model_copy(
        update={"tokens": 40 * params.train.step_tokens, "batch_tokens": params.train.step_tokens}
    )
    torch.manual_seed(recipe.seed)
    model, tokenizer = load_checkpoint(args.base)
    set_dropout(model, recipe.dropout)
    base = load_checkpoint(args.base)[0] if recipe.anchor_weight else None
    if base is not None:
        base.set_attn_implementation("eager")
    replay = read_general(args.replay)["text"].tolist()
    with TemporaryDirectory() as folder:
        rows = read_rows(args.rows, Path(folder, "rows.arrow"))

        def plan(division: Division) -> Steps:
            return plan_steps(tokenizer, rows, replay, recipe, division, Path(folder, f"{division.workers}.arrow"))

        words = contrast_words(tokenizer, rows, warn=False)
        subject = Subject(model, base, words, recipe, use_bf16(params.execution, torch.device("cpu")), plan)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        print(layout_table(subject), flush=True)
        torch.set_num_threads(threads)
        if args.turns:
            print("\n" + compare(subject, args.turns))


if __name__ == "__main__":
    run(main)
