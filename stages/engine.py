"""The training engine: transformers' Trainer over steps planned in advance, computed where a token is masked (`heads`).

One process or several (torch's distributed data parallel): every process plans the same steps, takes its share of each
step's rows, and the gradients are summed. The model that comes out does not depend on how the rows were shared, but
for rounding and, where there is dropout, for its draws.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final, TypedDict, cast

import numpy as np
import pandas as pd
import torch
import torch.distributed as dist
from dvclive.live import Live
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from stages.batches import Windows, by_budget, inputs, pad, present
from stages.cli import UserError
from stages.device import autocast
from stages.masking import IGNORED, Bools, Floats, Ints, random_masks
from stages.objective import Objective
from stages.params import Train
from stages.processes import Share
from stages.scoring import Questions, score

Weights = dict[str, torch.Tensor]  # by name

WEIGHTS: Final = "weights.pt"  # in a checkpoint
WORKER_TOKENS: Final = 1024  # of a step, at least, for a worker: smaller products are slower


class Step(TypedDict):
    """What a process computes in one optimiser step."""

    parts: list[dict[str, torch.Tensor]]  # micro-batches: input_ids, attention_mask, labels
    masked: int  # masked tokens of the step, over all processes


class Workers:
    """Threads that share the micro-batches of a step on a processor, each with one core and gradients of its own.

    They meet once a step. Threads inside operations meet at every one of them and wait there for the slowest: on two
    quiet cores that costs a fifth of the speed, on a busy machine more.
    """

    def __init__(self, objective: Objective, number: int) -> None:
        self.objective = objective
        self.replicas = [objective] + [copy.deepcopy(objective) for _ in range(number - 1)]
        for replica in self.replicas[1:]:
            for own, shared in zip(replica.parameters(), objective.parameters(), strict=True):
                own.data = shared.data  # the optimiser writes in place: one set of weights
        threads = max(1, torch.get_num_threads() // number)
        self.pool = ThreadPoolExecutor(number, initializer=torch.set_num_threads, initargs=(threads,))

    def backward(self, parts: list[dict[str, torch.Tensor]], masked: int) -> torch.Tensor:
        """Leave the gradient of the mean objective over `masked` tokens in the model's parameters; return the mean
        negative log-likelihood (nats).

        Part p is always worker p's (modulo their number), and sums are taken in that order: the same bytes each time.
        """

        def work(replica: Objective, own: list[dict[str, torch.Tensor]]) -> torch.Tensor:
            replica.train()
            total = torch.zeros(())
            for part in own:
                objective, nll = replica(**part)
                (objective / masked).backward()
                total += nll.detach() / masked
            return total

        shares = [parts[number :: len(self.replicas)] for number in range(len(self.replicas))]
        losses = list(self.pool.map(work, self.replicas, shares))
        with torch.no_grad():
            for replica in self.replicas[1:]:
                for shared, own in zip(self.objective.parameters(), replica.parameters(), strict=True):
                    if own.grad is not None:
                        shared.grad = own.grad if shared.grad is None else shared.grad.add_(own.grad)
                        own.grad = None
        return torch.stack(losses).sum()


def useful_workers(device: torch.device, params: Train, share: Share, compiled: bool = False) -> int:
    """How many `Workers` to train with: one a core, each with a thousand tokens or more of every step.

    One where a GPU or several processes do the work, where the layers are compiled (a copy is not), and where dropout
    draws, in one order, from one generator.
    """
    if device.type != "cpu" or share.processes > 1 or compiled or params.dropout:
        return 1
    return max(1, min(torch.get_num_threads(), params.batch_tokens // WORKER_TOKENS))


class Steps(Dataset[Step]):
    """The training, step by step: step s is the same micro-batches with the same masks whenever it is asked for."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        windows: Windows,
        plan: list[Ints],
        params: Train,
        micro_batch: int,
        share: Share = Share(),  # noqa: B008 (frozen)
        workers: int = 1,
        claims: Sequence[Bools] = (),
    ) -> None:
        """`claims`: per window, which of its tokens are the word that a claim is about (`train.claim_rate`)."""
        self.windows = windows
        self.claims = claims
        self.plan = plan
        self.workers = workers
        self.params = params
        self.micro_batch = micro_batch
        self.share = share
        self.pad_id = int(tokenizer.pad_token_id)
        self.mask_id = int(tokenizer.mask_token_id)
        special = set(tokenizer.all_special_ids)
        self.special = np.array(sorted(special), dtype=np.int64)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.plan)

    def eligible(self, ids: Ints, there: Bools) -> Bools:
        return there & ~np.isin(ids, self.special)

    def rates(self, step: int, ids: Ints) -> float | Floats:
        """The share of eligible tokens to predict, of all or by token: (rows, longest)."""
        if not self.claims:
            return self.params.masking_rate
        claims = pad([self.claims[w] for w in self.plan[step]], 0).astype(bool)
        return np.where(claims, self.params.claim_rate, self.params.masking_rate)

    def __getitem__(self, step: int) -> Step:
        rng = np.random.default_rng([self.params.seed, step])
        chosen = [self.windows.ids[w] for w in self.plan[step]]
        ids, there = pad(chosen, self.pad_id), present(chosen)
        # Masks are drawn for the whole step before it is cut up: neither the micro-batch's size nor the number of
        # processes may change them.
        corrupted, labels = random_masks(
            ids, self.eligible(ids, there), self.rates(step, ids), self.mask_id, self.vocabulary, rng
        )
        masked = int((labels != IGNORED).sum())
        lengths = np.array([len(row) for row in chosen], dtype=np.int64)
        own = self.share.of(np.arange(len(chosen)))
        if not len(own):  # fewer rows than processes: this one computes a row that asks nothing
            own, labels = np.array([0]), np.full_like(labels, IGNORED)
        parts = [
            inputs([corrupted[r, : lengths[r]] for r in rows], [labels[r, : lengths[r]] for r in rows], self.pad_id)
            for rows in (own[part] for part in self.cut(lengths[own]))
        ]
        return {"parts": parts, "masked": masked}

    def cut(self, lengths: Ints) -> list[Ints]:
        """A step's windows in micro-batches: as many for each worker, about the same number of tokens in each."""
        least = len(by_budget(np.arange(len(lengths)), lengths, self.micro_batch, padded=True))
        number = -(-least // self.workers) * self.workers
        even = -(-int(lengths.sum()) // number)
        place = np.minimum((np.cumsum(lengths) - 1) // even, number - 1)
        return [part for part in (np.flatnonzero(place == n) for n in range(number)) if len(part)]

    @property
    def padding(self) -> float:
        """The share of padding among the tokens computed in the whole training, over all processes."""
        real = computed = 0
        for batch in self.plan:
            lengths = self.windows.lengths[batch]
            real += int(lengths.sum())
            for rank in range(self.share.processes):
                own = lengths[rank :: self.share.processes]
                computed += sum(int(own[part].max()) * len(part) for part in self.cut(own))
        return 1 - real / computed


def one(steps: list[Step]) -> Step:
    """Collate: a step comes whole from `Steps`."""
    return steps[0]


class MaskedTrainer(Trainer):
    """transformers' Trainer over steps that are planned in advance; validation by `validate`, per row."""

    def __init__(self, steps: Steps, validate: Callable[[], pd.DataFrame], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = steps
        self.validate = validate
        self.keep: Callable[[Path], None] = lambda written: None  # what becomes of a checkpoint that was written
        self.losses: list[torch.Tensor] = []  # a scalar a step: this process's part of the mean loss
        self.validation_s = 0.0  # seconds that validation has taken
        self.workers = Workers(cast(Objective, self.model), steps.workers) if steps.workers > 1 else None

    def get_train_dataloader(self) -> DataLoader[Step]:
        # Not prepared by accelerate, which would deal whole steps to processes: `Steps` deals the rows of each.
        return DataLoader(self.steps, batch_size=1, shuffle=False, collate_fn=one)

    def training_step(
        self, model: torch.nn.Module, inputs: Any, num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """Forward and backward pass over a step's micro-batches; returns this process's part of the mean negative
        log-likelihood."""
        step = cast(Step, self._prepare_inputs(inputs))
        if self.workers is not None:
            total = self.workers.backward(step["parts"], step["masked"])
        else:
            model.train()
            total = torch.zeros((), device=self.args.device)
            for number, part in enumerate(step["parts"], start=1):
                last = number == len(step["parts"])
                with nullcontext() if last else self.accelerator.no_sync(model):
                    objective, nll = model(**part)
                    # Distributed data parallel takes the mean of the processes' gradients; their sum is wanted.
                    self.accelerator.backward(objective * (self.steps.share.processes / step["masked"]))
                total += nll.detach() / step["masked"]
        self.losses.append(total)
        return total

    def mean_training_loss(self) -> float:
        """Mean loss a masked token (nats) of the steps since this was asked last."""
        total = torch.stack(self.losses).double().mean()
        self.losses.clear()
        if self.steps.share.processes > 1:
            dist.all_reduce(total)
        return float(total)

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        started = time.monotonic()
        metrics = {"eval_loss": mean_loss(self.validate())}
        self.validation_s += time.monotonic() - started
        self.log(metrics)
        self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        folder = Path(str(self.args.output_dir))
        try:
            super()._save_checkpoint(model, trial)
            self.keep(folder / f"checkpoint-{self.state.global_step}")
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UserError(
                f"{folder}: the checkpoint cannot be saved ({reason}); free space on the disk and run it again: the "
                "training goes on from its last whole checkpoint"
            ) from error

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        # Trainer would save by safetensors, which refuses tied weights outside a PreTrainedModel.
        if self.args.should_save:
            folder = Path(output_dir or str(self.args.output_dir))
            folder.mkdir(parents=True, exist_ok=True)
            torch.save(cast(Objective, self.model).state_dict(), folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: torch.nn.Module | None = None) -> None:
        state = torch.load(Path(resume_from_checkpoint) / WEIGHTS, weights_only=True, map_location="cpu")
        cast(Objective, model or self.model).load_state_dict(state)


class Schedule(TrainerCallback):
    """Asks for validation at evenly spaced steps, the last one included (Trainer's own interval may miss it)."""

    def __init__(self, steps: int, evaluations: int) -> None:
        self.at = {round(number * steps / evaluations) for number in range(1, evaluations + 1)}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        control.should_evaluate = state.global_step in self.at


class Best(TrainerCallback):
    """Keeps a copy of the weights at the lowest validation loss, on the CPU."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.loss = float("inf")
        self.step = 0
        self.weights: Weights = {}

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        loss = float(kwargs["metrics"]["eval_loss"])
        if loss < self.loss:
            self.loss, self.step = loss, state.global_step
            self.weights = {name: value.detach().cpu().clone() for name, value in self.model.state_dict().items()}


class Record(TrainerCallback):
    """Writes losses to DVCLive as they come, and shows progress: step, losses, tokens per second, time left."""

    def __init__(self, live: Live | None, tokens: Ints, interval: int, training_loss: Callable[[], float]) -> None:
        self.live = live  # None in all processes but the first: they record and show nothing
        self.tokens = tokens  # cumulative, by step (from 1)
        self.interval = interval  # steps between training losses
        self.training_loss = training_loss  # the mean since it was asked last
        self.rows: list[dict[str, Any]] = []
        self.bar: tqdm[Any] | None = None

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take the rows of an interrupted run over, into DVCLive too."""
        for row in rows:
            self.add(row["step"], row["split"], row["loss"])

    def add(self, step: int, split: str, loss: float) -> None:
        if not np.isfinite(loss):
            raise UserError(
                f"params.yaml: train.learning_rate: the {split} loss is not finite at step {step}; lower the rate"
            )
        tokens = int(self.tokens[step - 1]) if step else 0
        self.rows.append({"step": step, "tokens": tokens, "split": split, "loss": loss})
        if self.live is not None:
            self.live.step = step
            self.live.log_metric(f"{split}/loss", loss, plot=True)
            self.live.log_metric(f"{split}/perplexity", float(np.exp(loss)), plot=True)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        done = int(self.tokens[state.global_step - 1]) if state.global_step else 0
        self.bar = tqdm(
            total=int(self.tokens[-1]), initial=done, desc="train", unit="token", unit_scale=True, mininterval=1,
            disable=self.live is None,
        )  # fmt: skip

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        assert self.bar is not None
        self.bar.update(int(self.tokens[state.global_step - 1]) - self.bar.n)
        if state.global_step % self.interval == 0 or state.global_step == state.max_steps:
            self.add(state.global_step, "train", self.training_loss())
            self.bar.set_postfix_str(f"step {state.global_step}/{state.max_steps}, loss {self.rows[-1]['loss']:.3f}")

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.add(state.global_step, "validation", float(kwargs["metrics"]["eval_loss"]))

    def close(self) -> None:
        """End the progress bar's line, so that what is said next, an error too, has one of its own."""
        if self.bar is not None:
            self.bar.close()

    def history(self) -> pd.DataFrame:
        """Columns step, tokens, split, loss, perplexity; sorted."""
        table = pd.DataFrame(self.rows)
        table["perplexity"] = np.exp(table["loss"])
        return table.sort_values(["step", "split"], ignore_index=True)


def interpolate(base: Weights, trained: Weights, share: float) -> Weights:
    """Weights on the line between the base's (`share` 0) and the trained ones (1); names and shapes are the same.

    WiSE-FT (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", section 3): it keeps most of what was
    learnt and gives back most of what was forgotten.
    """
    return {
        name: base[name].lerp(value, share) if value.is_floating_point() else value for name, value in trained.items()
    }


def set_dropout(model: PreTrainedModel, share: float) -> None:
    """Let every dropout layer of the model drop this share while training; the saved config keeps its own."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share


def validator(
    model: PreTrainedModel,
    pad_id: int,
    questions: Questions,
    rows: int,
    micro_batch: int,
    bf16: bool,
    share: Share = Share(),  # noqa: B008 (frozen)
) -> Callable[[], pd.DataFrame]:
    """A function that scores the model as it is now on fixed questions: per row the columns of `score`, the same in
    every process; each asks its share."""
    order = np.argsort([-len(ids) for ids in questions.ids], kind="stable")
    own = share.of(order)
    asked = Questions([questions.ids[q] for q in own], [questions.labels[q] for q in own], questions.row[own])

    def validate() -> pd.DataFrame:
        training = model.training
        model.eval()
        # What is compiled is so for training: to compile it for inference too takes longer than this.
        with autocast(bf16, next(model.parameters()).device), torch.compiler.set_stance("force_eager"):
            scores = score(model, pad_id, asked, rows, micro_batch)
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
