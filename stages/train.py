"""Fine-tune the base on the rows it is given: the same recipe and the same number of tokens for either model.

In: training rows, validation rows (the same for both models), the base checkpoint.
Out: a folder with the checkpoint of the lowest validation loss, `history.parquet` (loss and perplexity of training
and validation over steps), `training.json` (steps, tokens, best step) and `live/` (DVCLive's record of the same).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
from dvclive.live import Live
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from stages.batches import Windows, by_budget, inputs, make_windows, pad, plan_training, present
from stages.checkpoint import check_length, load_checkpoint, save_checkpoint
from stages.cli import run, say
from stages.corpus import read_corpus, write_table
from stages.device import autocast, set_up, use_bf16
from stages.files import atomic_folder, write_json
from stages.heads import masked_loss
from stages.masking import IGNORED, Bools, Ints, random_masks
from stages.params import Train, load_params
from stages.scoring import Questions, fixed_questions, score

# Validation asks for the tokens of one pass out of seven: a fixed sample of the tokens, cheap enough to take often.
VALIDATION_PASSES = 7

Step = list[dict[str, torch.Tensor]]


class Objective(torch.nn.Module):
    """A model and its training loss: the head is computed where a token is masked and nowhere else."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The sum of the masked tokens' negative log-likelihoods (nats): a scalar."""
        return masked_loss(self.model, input_ids, attention_mask, labels)


class Steps(Dataset[Step]):
    """The training, step by step: step s is the same micro-batches with the same masks whenever it is asked for."""

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, windows: Windows, plan: list[Ints], params: Train, micro_batch: int
    ) -> None:
        self.windows = windows
        self.plan = plan
        self.params = params
        self.micro_batch = micro_batch
        self.pad_id = int(tokenizer.pad_token_id)
        self.mask_id = int(tokenizer.mask_token_id)
        special = set(tokenizer.all_special_ids)
        self.special = np.array(sorted(special), dtype=np.int64)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.plan)

    def eligible(self, ids: Ints, there: Bools) -> Bools:
        return there & ~np.isin(ids, self.special)

    def __getitem__(self, step: int) -> Step:
        rng = np.random.default_rng([self.params.seed, step])
        chosen = [self.windows.ids[w] for w in self.plan[step]]
        ids, there = pad(chosen, self.pad_id), present(chosen)
        # Masks are drawn for the whole step before it is cut up: the micro-batch's size must not change them.
        corrupted, labels = random_masks(
            ids, self.eligible(ids, there), self.params.masking_rate, self.mask_id, self.vocabulary, rng
        )
        lengths = np.array([len(row) for row in chosen], dtype=np.int64)
        return [
            inputs([corrupted[r, : lengths[r]] for r in rows], [labels[r, : lengths[r]] for r in rows], self.pad_id)
            for rows in by_budget(np.arange(len(chosen)), lengths, self.micro_batch, padded=True)
        ]


class MaskedTrainer(Trainer):
    """transformers' Trainer over steps that are planned in advance; validation by `validate`, per row."""

    def __init__(self, steps: Steps, validate: Callable[[], pd.DataFrame], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.steps = steps
        self.validate = validate

    def get_train_dataloader(self) -> DataLoader[Step]:
        return DataLoader(self.steps, batch_size=None, shuffle=False)

    def training_step(
        self, model: torch.nn.Module, inputs: Any, num_items_in_batch: torch.Tensor | int | None = None
    ) -> torch.Tensor:
        """One forward and backward pass over a step's micro-batches; returns the mean loss a masked token."""
        model.train()
        step = cast(Step, self._prepare_inputs(inputs))
        masked = sum(int((part["labels"] != IGNORED).sum()) for part in step)
        total = torch.zeros((), device=self.args.device)
        for part in step:
            loss = model(**part) / masked
            self.accelerator.backward(loss)
            total += loss.detach()
        return total

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        metrics = {"eval_loss": mean_loss(self.validate())}
        self.log(metrics)
        self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


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
        self.weights: dict[str, torch.Tensor] = {}

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

    def __init__(self, live: Live, tokens: Ints) -> None:
        self.live = live
        self.tokens = tokens  # cumulative, by step (from 1)
        self.rows: list[dict[str, Any]] = []
        self.bar: tqdm[Any] | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.bar = tqdm(total=int(self.tokens[-1]), desc="train", unit="token", unit_scale=True, mininterval=1)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        assert self.bar is not None
        self.bar.update(int(self.tokens[state.global_step - 1]) - self.bar.n)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        logs = kwargs["logs"]
        for key, split in (("loss", "train"), ("eval_loss", "validation")):
            if key not in logs:
                continue
            step, loss = state.global_step, float(logs[key])
            tokens = int(self.tokens[step - 1]) if step else 0
            self.rows.append({"step": step, "tokens": tokens, "split": split, "loss": loss})
            self.live.step = step
            self.live.log_metric(f"{split}/loss", loss, plot=True)
            self.live.log_metric(f"{split}/perplexity", float(np.exp(loss)), plot=True)
            if self.bar is not None:
                self.bar.set_postfix_str(f"step {step}/{state.max_steps}, {split} loss {loss:.3f}")

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def history(self) -> pd.DataFrame:
        """Columns step, tokens, split, loss, perplexity; sorted."""
        table = pd.DataFrame(self.rows)
        table["perplexity"] = np.exp(table["loss"])
        return table.sort_values(["step", "split"], ignore_index=True)


def set_dropout(model: PreTrainedModel, share: float) -> None:
    """Let every dropout layer of the model drop this share while training; the saved config keeps its own."""
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share


def validator(
    model: PreTrainedModel, pad_id: int, questions: Questions, rows: int, micro_batch: int, bf16: bool
) -> Callable[[], pd.DataFrame]:
    """A function that scores the model as it is now on fixed questions: per row the columns of `score`."""

    def validate() -> pd.DataFrame:
        training = model.training
        model.eval()
        with autocast(bf16, next(model.parameters()).device):
            scores = score(model, pad_id, questions, rows, micro_batch)
        model.train(training)
        return scores

    return validate


def mean_loss(scores: pd.DataFrame) -> float:
    """Mean negative log-likelihood a token (nats)."""
    return float(scores["nll"].sum() / scores["tokens"].sum())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="what the model is called in the progress lines: full or filtered")
    parser.add_argument("--data", type=Path, required=True, help="training rows (parquet)")
    parser.add_argument("--validation", type=Path, required=True, help="validation rows (parquet)")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parser.parse_args()
    whole = load_params()
    params, execution = whole.train, whole.execution

    train_rows, validation_rows = read_corpus(args.data), read_corpus(args.validation)
    device = set_up(execution, params.seed)
    bf16 = use_bf16(execution, device)
    model, tokenizer = load_checkpoint(args.base, device)
    check_length(tokenizer, params.max_length, "train.max_length")
    set_dropout(model, params.dropout)
    windows = make_windows(tokenizer, list(train_rows["text"]), params.max_length)
    plan = plan_training(windows.lengths, params.tokens, params.batch_tokens, params.seed)
    tokens = np.cumsum([int(windows.lengths[batch].sum()) for batch in plan])
    steps = Steps(tokenizer, windows, plan, params, execution.micro_batch_tokens)
    questions = fixed_questions(
        tokenizer,
        list(validation_rows["id"]),
        list(validation_rows["text"]),
        VALIDATION_PASSES,
        params.max_length,
        asked=[0],
    )
    validate = validator(model, steps.pad_id, questions, len(validation_rows), execution.micro_batch_tokens, bf16)
    with atomic_folder(args.out) as out, TemporaryDirectory() as scratch:
        live = Live(str(out / "live"), dvcyaml=None, report=None, save_dvc_exp=False)
        best, record = Best(model), Record(live, tokens)
        trainer = MaskedTrainer(
            steps=steps,
            validate=validate,
            model=Objective(model),
            args=TrainingArguments(
                output_dir=scratch,
                max_steps=len(plan),
                learning_rate=params.learning_rate,
                lr_scheduler_type="linear",
                warmup_steps=round(params.warm_up * len(plan)),
                weight_decay=params.weight_decay,
                optim="adamw_torch_fused",
                bf16=bf16,
                use_cpu=device.type == "cpu",
                seed=params.seed,
                eval_on_start=True,
                logging_steps=max(1, len(plan) // 15),
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            callbacks=[Schedule(len(plan), params.evaluations), best, record],
        )
        trainer.remove_callback(PrinterCallback)
        started = time.monotonic()
        trainer.train()
        seconds = time.monotonic() - started
        live.end()
        model.load_state_dict(best.weights)
        synthetic = (validation_rows["source"] == "synthetic").to_numpy()
        scores = validate()
        parts = {"real": scores[~synthetic], "synthetic": scores[synthetic]}
        losses = {name: mean_loss(part) for name, part in parts.items() if part["tokens"].sum()}
        save_checkpoint(model, tokenizer, out)
        write_table(record.history(), out / "history.parquet")
        write_json(
            out / "training.json",
            {
                "rows": len(train_rows),
                "windows": len(windows),
                "window_tokens": int(windows.lengths.sum()),
                "steps": len(plan),
                "tokens": int(tokens[-1]),
                "epochs": float(tokens[-1] / windows.lengths.sum()),
                "best_step": best.step,
                "best_validation_loss": best.loss,
                "validation_loss": losses,
            },
        )
    shown = ", ".join(f"{name} {np.exp(loss):.1f}" for name, loss in losses.items())
    say(
        f"train {args.name}: {len(train_rows):,} rows, {len(plan)} steps, {tokens[-1]:,} tokens, {seconds:.0f} s, "
        f"{tokens[-1] / seconds:,.0f} tokens/s; best at step {best.step}: validation perplexity "
        f"{np.exp(best.loss):.1f} ({shown})"
    )


if __name__ == "__main__":
    run(main)
