"""Fine-tune the base on the rows it is given: the same recipe and the same number of tokens for either model.

In: training rows, validation rows (the same for both models), the base checkpoint.
Out: a folder with the checkpoint of the lowest validation loss, `history.parquet` (loss and perplexity of training
and validation over steps) and `training.json` (steps, tokens, best step). While it trains, DVCLive's curves stand in
another folder, for `dvc plots show`; they go when the model is there.
An interrupted training goes on from its last checkpoint when it is run again.
"""

from __future__ import annotations

import argparse
import shutil
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from dvclive.live import Live
from torch._dynamo.exc import TorchDynamoException
from transformers import PrinterCallback, TrainingArguments

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.train import Train
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import labelled_words, read_corpus, write_table
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import check_length, load_checkpoint, save_checkpoint
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.modeling.device import compile_layers, fastest_attention, set_up, use_bf16
from brandmlm.modeling.weights import interpolate_weights, set_dropout
from brandmlm.training.callbacks import BestWeightsCallback, EvaluationCallback, MetricsCallback
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.cpu_workers import worker_count
from brandmlm.training.dataset import Steps
from brandmlm.training.distributed import distributed_context, launch, launched
from brandmlm.training.loss import Objective
from brandmlm.training.resume import CheckpointCallback, fingerprint
from brandmlm.training.throughput import matrix_rate, model_flops, peak_memory
from brandmlm.training.trainer import MaskedTrainer
from brandmlm.training.validation import VALIDATION_FOLDS, mean_loss, validator


class Params(Sections):
    train: Train
    execution: Execution


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="what the model is called in the progress lines: full or filtered")
    parser.add_argument("--data", type=Path, required=True, help="training rows (parquet)")
    parser.add_argument("--validation", type=Path, required=True, help="validation rows (parquet)")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--checkpoints", type=Path, required=True, help="folder for checkpoints while it runs")
    parser.add_argument("--live", type=Path, required=True, help="folder for the curves while it trains")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parse_stage(parser)
    whole = Params.read()
    params, execution = whole.train, whole.execution
    train_rows, validation_rows = read_corpus(args.data), read_corpus(args.validation)
    if execution.processes > 1 and not launched():
        raise SystemExit(launch("stages.train", execution.processes))
    device = set_up(execution, params.seed)
    bf16 = use_bf16(execution, device)
    share = distributed_context()
    first = share.rank == 0
    model, tokenizer = load_checkpoint(args.base, device)
    check_length(tokenizer, params.max_length, "train.max_length")
    set_dropout(model, params.dropout)
    model.set_attn_implementation(fastest_attention(device))
    if execution.compile:
        compile_layers(model)
    chunks = make_chunks(tokenizer, list(train_rows["text"]), params.max_length)
    plan = plan_training(chunks.lengths, params.tokens, params.batch_tokens, params.seed)
    tokens = np.cumsum([int(chunks.lengths[batch].sum()) for batch in plan])
    workers = worker_count(device, params, share, execution.compile)
    claims = target_word_masks(tokenizer, chunks, labelled_words(train_rows))
    words = contrast_words(tokenizer, train_rows)
    if params.contrastive_weight and words is None and first:
        say(f"train {args.name}: no contrast, since the rows' labelled words are not of both sides")
    steps = Steps(tokenizer, chunks, plan, params, execution.micro_batch_tokens, share, workers, claims)
    examples = fixed_mask_examples(
        tokenizer,
        list(validation_rows["id"]),
        list(validation_rows["text"]),
        VALIDATION_FOLDS,
        params.max_length,
        only_folds=[0],
    )
    validate = validator(model, steps.pad_id, examples, len(validation_rows), execution.micro_batch_tokens, bf16, share)
    settings = {
        "train": params.model_dump(),
        # How it is executed changes the last digits, and a resumed training has to end with the same bytes.
        "execution": execution.model_dump() | {"checkpoint_s": None},
        "computes": [device.type, bf16, torch.get_num_threads(), share.processes],
    }
    checkpoints = args.checkpoints / fingerprint([args.data, args.validation, args.base], settings)
    with atomic_folder(args.out) if first else nullcontext(args.out) as out:
        live = Live(str(args.live), dvcyaml=None, report=None, save_dvc_exp=False) if first else None
        trainer = MaskedTrainer(
            steps=steps,
            validate=validate,
            model=Objective(model, bf16, words, params.contrastive_weight),
            args=TrainingArguments(
                output_dir=str(checkpoints / "partial"),
                max_steps=len(plan),
                learning_rate=params.learning_rate,
                lr_scheduler_type="linear",
                warmup_steps=round(params.warmup_ratio * len(plan)),
                weight_decay=params.weight_decay,
                optim="adamw_torch_fused",
                use_cpu=device.type == "cpu",
                seed=params.seed,
                logging_strategy="no",
                save_strategy="no",
                report_to=[],
                disable_tqdm=True,
                ddp_find_unused_parameters=False,
            ),
        )
        trainer.args._n_gpu = 1  # GPUs are shared out to processes (`execution.processes`), never to threads of one
        trainer.remove_callback(PrinterCallback)
        best = BestWeightsCallback(model)
        record = MetricsCallback(live, tokens, max(1, len(plan) // 15), trainer.mean_training_loss)
        checkpointing = CheckpointCallback(checkpoints, execution.checkpoint_s, trainer, best, record)
        for callback in (EvaluationCallback(len(plan), params.num_evals), best, record, checkpointing):
            trainer.add_callback(callback)
        found = checkpointing.latest()
        trainer.args.eval_on_start = found is None
        if found is not None:
            checkpointing.restore(found)
            say(f"train {args.name}: going on from {found}")
        started = time.monotonic()
        try:
            trainer.train(resume_from_checkpoint=str(found) if found else None)
        except TorchDynamoException as error:
            reason = str(error).strip().partition("\n")[0]
            raise UserError(f"params.yaml: execution.compile: torch cannot ({reason}); set it to false") from error
        finally:
            record.close()
        seconds = time.monotonic() - started - trainer.validation_s
        if live is not None:
            live.end()
            shutil.rmtree(args.live)
        base = load_checkpoint(args.base)[0].state_dict()  # read again: no copy is held while memory is scarce
        model.load_state_dict(interpolate_weights(base, best.weights, params.wise_ft_alpha))
        synthetic = (validation_rows["source"] == "synthetic").to_numpy()
        scores = validate()
        parts = {"real": scores[~synthetic], "synthetic": scores[synthetic]}
        losses = {name: mean_loss(part) for name, part in parts.items() if part["tokens"].sum()}
        if first:
            save_checkpoint(model, tokenizer, out)
            write_table(record.history(), out / "history.parquet")
            write_json(
                out / "training.json",
                {
                    "rows": len(train_rows),
                    "windows": len(chunks),
                    "window_tokens": int(chunks.lengths.sum()),
                    "steps": len(plan),
                    "tokens": int(tokens[-1]),
                    "epochs": float(tokens[-1] / chunks.lengths.sum()),
                    "best_step": best.step,
                    "best_validation_loss": best.loss,
                    "validation_loss": losses,
                },
            )
    if not first:
        return
    shutil.rmtree(args.checkpoints, ignore_errors=True)
    begun = int(found.name.removeprefix("step-")) if found else 0
    done = [chunks.lengths[batch] for batch in plan[begun:]]
    now = int(sum(lengths.sum() for lengths in done))
    emphasised = sum(int(claims[w].sum()) for batch in plan[begun:] for w in batch)
    masked_positions = round(
        params.mlm_probability * now + (params.target_word_probability - params.mlm_probability) * emphasised
    )
    flops = model_flops(model, np.concatenate(done), masked_positions) / share.processes
    shown = ", ".join(f"{name} {np.exp(loss):.1f}" for name, loss in losses.items())
    say(
        f"train {args.name}: {len(train_rows):,} rows, {len(plan)} steps, {tokens[-1]:,} tokens; best at step "
        f"{best.step}: validation perplexity {np.exp(best.loss):.1f} ({shown})"
    )
    say(
        f"train {args.name}: {now:,} tokens in {seconds:.1f} s, {now / seconds:,.0f} tokens/s, "
        f"{trainer.validation_s:.1f} s of validation, "
        f"{steps.padding:.1%} padding, peak memory {peak_memory(device) / 1e6:,.0f} MB, "
        f"{flops / seconds / matrix_rate(device, bf16):.0%} of the matrix product's rate"
    )


if __name__ == "__main__":
    run(main, interrupted="the next run goes on from the last checkpoint")
