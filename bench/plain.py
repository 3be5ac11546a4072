"""Train a masked language model as a user of transformers' `run_mlm.py` would, for comparison in `bench/train.py`.

Texts are tokenised, concatenated and cut into blocks of 128 tokens; `Trainer` with `DataCollatorForLanguageModeling`
and its defaults does the rest: float32, logits at all positions, the config's dropout, AdamW, a learning rate that
falls linearly from the first step. Options are its two usual ones for speed: bf16 autocast, and texts on their own, in
batches of similar length that are padded to the longest. Writes the checkpoint and `run.json`: tokens (padding not
counted), seconds, peak memory in bytes.
"""

from __future__ import annotations

import argparse
import time
from itertools import chain
from pathlib import Path
from typing import Any, Final

import torch
from transformers import (
    DataCollatorForLanguageModeling,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    set_seed,
)

from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError
from brandmlm.core.files import write_json
from brandmlm.data.corpus import read_corpus
from brandmlm.modeling.checkpoint import check_length, load_checkpoint, save_checkpoint
from brandmlm.modeling.device import pick_device
from brandmlm.training.throughput import peak_memory

LENGTH: Final = 128  # tokens of a block
BATCH: Final = 32  # blocks of a step
MLM_PROBABILITY: Final = 0.15


def group(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[dict[str, list[int]]]:
    """Blocks of `LENGTH` tokens, special tokens between texts included; the remainder at the end is dropped."""
    encoded = tokenizer(texts, return_special_tokens_mask=True, verbose=False)
    names = ("input_ids", "attention_mask", "special_tokens_mask")
    joined = {name: list(chain.from_iterable(encoded[name])) for name in names}
    ends = range(LENGTH, len(joined["input_ids"]) + 1, LENGTH)
    return [{name: values[end - LENGTH : end] for name, values in joined.items()} for end in ends]


def steps_for(tokens: int, blocks: int) -> tuple[int, int]:
    """The fewest steps that read `tokens`, and the tokens they read; an epoch's last step has the remaining blocks."""
    epochs, rest = divmod(tokens, blocks * LENGTH)
    more = -(-rest // (BATCH * LENGTH))
    return epochs * -(-blocks // BATCH) + more, LENGTH * (epochs * blocks + min(more * BATCH, blocks))


def alone(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[dict[str, list[int]]]:
    """Each text on its own, cut after `LENGTH` tokens (`run_mlm.py --line_by_line`)."""
    encoded = tokenizer(texts, truncation=True, max_length=LENGTH, return_special_tokens_mask=True)
    names = ("input_ids", "attention_mask", "special_tokens_mask")
    return [{name: encoded[name][number] for name in names} for number in range(len(texts))]


def steps_alone(tokens: int, texts: list[dict[str, list[int]]]) -> int:
    """Steps of `BATCH` texts that read about `tokens`."""
    return -(-tokens * len(texts) // (BATCH * sum(len(text["input_ids"]) for text in texts)))


class CountingTrainer(Trainer):
    """Counts the tokens it trains on, padding not counted."""

    tokens = 0

    def training_step(self, model: Any, inputs: dict[str, Any], *more: Any) -> torch.Tensor:
        self.tokens += int(inputs["attention_mask"].sum())
        return super().training_step(model, inputs, *more)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.plain", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="training rows (parquet)")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--tokens", type=int, required=True, help="tokens to train on")
    parser.add_argument("--learning-rate", type=float, required=True, help="learning rate of the first step")
    parser.add_argument("--seed", type=int, default=0, help="seed of order, masks and dropout")
    parser.add_argument("--bf16", action="store_true", help="bf16 autocast")
    parser.add_argument("--group-by-length", action="store_true", help="texts on their own, in batches of like length")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parser.parse_args()
    execution = load_params().execution
    device = pick_device(execution)
    if execution.threads:
        torch.set_num_threads(execution.threads)
    set_seed(args.seed)
    model, tokenizer = load_checkpoint(args.base)
    check_length(tokenizer, LENGTH, "train.max_length")
    texts = list(read_corpus(args.data)["text"])
    data = alone(tokenizer, texts) if args.group_by_length else group(tokenizer, texts)
    if not data:
        raise UserError(f"{args.data}: less text than one block of {LENGTH} tokens; give it more rows")
    steps = steps_alone(args.tokens, data) if args.group_by_length else steps_for(args.tokens, len(data))[0]
    trainer = CountingTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(args.out / "trainer"),
            max_steps=steps,
            per_device_train_batch_size=BATCH,
            learning_rate=args.learning_rate,
            seed=args.seed,
            bf16=args.bf16,
            train_sampling_strategy="group_by_length" if args.group_by_length else "random",
            use_cpu=device.type == "cpu",
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
        ),
        train_dataset=data,
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=MLM_PROBABILITY),
    )
    trainer.remove_callback(PrinterCallback)
    started = time.monotonic()
    trainer.train()
    seconds = time.monotonic() - started
    memory = peak_memory(device)
    save_checkpoint(model, tokenizer, args.out)
    write_json(args.out / "run.json", {"tokens": trainer.tokens, "seconds": seconds, "memory": memory})


if __name__ == "__main__":
    run(main)
