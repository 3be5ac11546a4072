"""Train the masked-LM adapter of a BERT encoder that has no masked-LM head: low-rank adapters on every linear layer
of the encoder, its norms and biases, and a head whose decoder is tied to the frozen word embeddings.

In: text, one paragraph per line (.txt or .txt.gz). Out: `adapter_model.safetensors` and `adapter_config.json` in peft's
format, `head.safetensors` (head, norms and biases), `training.json` (recipe and held-out perplexity).
The same proportion of the lines is always held out of the training, to measure perplexity on.

An interrupted training resumes from its checkpoint when the same command is run again; on the same machine it ends with
the same bytes as an uninterrupted one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig
from safetensors.torch import save_file
from tqdm import tqdm
from transformers import AutoTokenizer, BertForMaskedLM, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, sha256, write_json
from brandmlm.data.corpus import row_id
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import perplexity, score
from brandmlm.modeling.adapter import ADAPTER, CONFIG, HEAD, merge
from brandmlm.modeling.device import has_bf16
from tools.adapter_training import (
    MICRO_BATCH_TOKENS,
    PEFT_PREFIX,
    AdapterRecipe,
    AdapterSteps,
    AdapterTraining,
    Tensors,
)
from tools.general_text import Block, read_lines, split_blocks, tokenize

MASK_FOLDS: Final = 7  # of which one is scored: a seventh of the tokens, 14.3 %


def write_adapter(trained: Tensors, rank: int, base_name: str, out: Path) -> None:
    """Write the three files of an adapter in float16, the low-rank weights under peft's names."""
    half = {name: value.detach().to(torch.float16).contiguous() for name, value in trained.items()}
    low_rank = {f"{PEFT_PREFIX}{name}.weight": value for name, value in half.items() if ".lora_" in name}
    config = LoraConfig(
        r=rank,
        lora_alpha=rank,  # a scale of one: the update is B A
        target_modules=r"bert\.encoder\..*\.(query|key|value|dense)",
        base_model_name_or_path=base_name,
        inference_mode=True,
    )
    out.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(str(out))
    for name, tensors in ((ADAPTER, low_rank), (HEAD, {k: v for k, v in half.items() if ".lora_" not in k})):
        with atomic_file(out / name) as partial:
            save_file(tensors, partial, metadata={"format": "pt"})


def held_out_perplexity(
    model: Any, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int
) -> tuple[float, int]:
    """Perplexity on fixed masks (the first of `MASK_FOLDS` folds), and the number of masked tokens."""
    examples = fixed_mask_examples(tokenizer, [row_id(text) for text in texts], texts, MASK_FOLDS, max_length, [0])
    total = sum(len(ids) for ids in examples.ids)
    with tqdm(total=total, unit="token", unit_scale=True, desc="held out", mininterval=5) as bar:
        scores = score(
            model,
            tokenizer.pad_token_id,
            examples,
            len(texts),
            MICRO_BATCH_TOKENS,
            lambda batch: bar.update(batch.tokens),
        )
    masked = int(scores["tokens"].sum())
    return perplexity(float(scores["nll"].sum()), masked), masked


def measure(
    base: Path, adapter: Path, held_out: Sequence[Block], max_length: int, device: torch.device
) -> dict[str, float]:
    """The merged model's perplexity on held-out blocks, as running text and line by line."""
    model: Any = merge(base, adapter)
    model.to(device, torch.bfloat16 if has_bf16(device) else torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    running, masked = held_out_perplexity(model, tokenizer, [" ".join(block) for block in held_out], max_length)
    single, _ = held_out_perplexity(model, tokenizer, [line for block in held_out for line in block], max_length)
    return {
        "held_out_masked_tokens": masked,
        "held_out_perplexity": running,
        "held_out_perplexity_line_by_line": single,
    }


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.train_adapter",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("text", nargs="+", type=Path, help=".txt or .txt.gz, UTF-8, one paragraph per line")
    parser.add_argument("--base", type=Path, required=True, help="folder of the encoder's checkpoint")
    parser.add_argument("--base-name", default="sentence-transformers/all-MiniLM-L6-v2", help="its name")
    parser.add_argument("--out", type=Path, required=True, help="folder of the adapter; other files in it are kept")
    parser.add_argument("--tokens", type=float, default=11e6, help="tokens to train on, over several epochs")
    parser.add_argument("--rank", type=int, default=24, help="rank of the adapters")
    parser.add_argument("--learning-rate", type=float, default=2.5e-3, help="peak learning rate")
    parser.add_argument("--mlm-probability", type=float, default=0.2, help="proportion of tokens masked in training")
    parser.add_argument(
        "--corruption", choices=("mask", "bert"), default="mask", help="mask: always by the mask token; bert: 80/10/10"
    )
    parser.add_argument("--sentences", type=float, default=0.3, help="proportion of blocks cut into sentences")
    parser.add_argument("--batch-tokens", type=int, default=2048, help="tokens per step")
    parser.add_argument("--max-length", type=int, default=128, help="tokens per chunk")
    parser.add_argument("--warm-up", type=float, default=200e3, help="tokens over which the learning rate rises")
    parser.add_argument("--decay", type=float, default=0.8, help="last proportion of the tokens, where the rate falls")
    parser.add_argument(
        "--start", type=Path, nargs="+", default=[], help="adapters of the same rank whose mean to train further"
    )
    parser.add_argument("--seed", type=int, default=5, help="seed of weights, order and masks")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to train")
    parser.add_argument("--workers", type=int, default=0, help="data-parallel threads; 0: one per core, one on a GPU")
    parser.add_argument("--checkpoint", type=Path, default=Path("data/adapter-training.pt"), help="to resume from")
    parser.add_argument("--checkpoint-minutes", type=float, default=5, help="time between checkpoints")
    parser.add_argument("--held-out-step", type=int, default=1, help="measure on every n-th held-out block")
    return parser.parse_args()


def read_recipe(args: argparse.Namespace, device: torch.device) -> AdapterRecipe:
    return AdapterRecipe(
        tokens=int(args.tokens),
        rank=args.rank,
        learning_rate=args.learning_rate,
        mlm_probability=args.mlm_probability,
        corruption=args.corruption,
        sentences=args.sentences,
        batch_tokens=args.batch_tokens,
        max_length=args.max_length,
        warmup_tokens=int(args.warm_up),
        decay=args.decay,
        seed=args.seed,
        workers=args.workers or (1 if device.type == "cuda" else torch.get_num_threads()),
        start=[sha256(folder / ADAPTER) for folder in args.start],
    )


def load_encoder(folder: Path) -> tuple[BertForMaskedLM, PreTrainedTokenizerBase]:
    """The encoder without dropout, with a head of random weights, and its tokenizer."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model = BertForMaskedLM.from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        dtype="float32",
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def main() -> None:
    args = parse_arguments()
    device = torch.device("cuda" if args.device != "cpu" and torch.cuda.is_available() else "cpu")
    if args.device == "cuda" and device.type == "cpu":
        raise UserError("--device cuda: no CUDA device here; choose auto or cpu")
    recipe = read_recipe(args, device)
    torch.set_num_threads(1)  # per worker: `Workers` says why
    torch.manual_seed(recipe.seed)
    model, tokenizer = load_encoder(args.base)
    lines = read_lines(args.text)
    training_blocks, held_out = split_blocks(lines)
    if not training_blocks or not held_out:
        raise UserError(f"{args.text[0]}: too little text to hold some out ({len(lines):,} lines); give more lines")
    text = tokenize(tokenizer, training_blocks, recipe.max_length)
    held_out_lines = sum(len(block) for block in held_out)
    say(
        f"{len(lines):,} lines, {held_out_lines:,} held out; {text.tokens:,} training tokens per epoch; "
        f"{recipe.workers} workers on {device}"
    )
    started = time.monotonic()
    training = AdapterTraining(model, text, recipe, device)
    if args.start:
        training.start_from(args.start)
    if args.checkpoint.is_file():
        training.resume(args.checkpoint)
        say(f"resuming from step {training.state.step} ({args.checkpoint})")
    training.run(AdapterSteps(tokenizer, text, recipe), args.checkpoint, args.checkpoint_minutes)
    write_adapter(training.trained, recipe.rank, args.base_name, args.out)
    seconds = time.monotonic() - started
    measured = measure(args.base, args.out, held_out[:: args.held_out_step], recipe.max_length, device)
    state = training.state
    record = {"epochs": state.tokens / text.tokens, "steps": state.step, "held_out_lines": held_out_lines}
    write_json(args.out / "training.json", asdict(recipe) | record | measured)
    args.checkpoint.unlink()
    size = sum((args.out / name).stat().st_size for name in (ADAPTER, CONFIG, HEAD))
    say(
        f"{state.tokens:,} tokens, {seconds:.0f} s; {size:,} bytes; held-out perplexity "
        f"{measured['held_out_perplexity']:.2f} on {measured['held_out_masked_tokens']:,} tokens of running text, "
        f"{measured['held_out_perplexity_line_by_line']:.2f} line by line"
    )


if __name__ == "__main__":
    run(main)
