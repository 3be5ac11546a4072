"""Train the masked-LM adapter of a BERT encoder that has no masked-LM head: low-rank adapters on every linear layer
of the encoder, its norms and biases, and a head whose decoder is tied to the frozen word embeddings.

In: text, one paragraph a line (.txt or .txt.gz). Out: `adapter_model.safetensors` and `adapter_config.json` in peft's
format, `head.safetensors` (head, norms and biases), `training.json` (recipe and held-out perplexity).
A part of the lines is held out of the training, always the same ones, to measure perplexity on.

An interrupted training goes on from its checkpoint when the same command is given again; on the same machine the
result has the same bytes as an uninterrupted one.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from peft import LoraConfig
from safetensors.torch import load_file, save_file
from tqdm import tqdm
from transformers import AutoTokenizer, BertForMaskedLM, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, sha256, write_json
from brandmlm.data.corpus import row_id
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import perplexity, score
from brandmlm.modeling.adapter import ADAPTER, CONFIG, HEAD, check_adapter, merge
from brandmlm.modeling.batching import by_budget, inputs, pad
from brandmlm.modeling.device import has_bf16
from brandmlm.modeling.masked_lm import masked_loss
from brandmlm.modeling.masking import IGNORED, random_masks
from tools.general_text import Block, Text, Window, batches, read_lines, sides, tokenise
from tools.low_rank import AdaptedLinear, adapted_layers

PASSES: Final = 7  # one held-out pass masks a seventh of the tokens, 14.3 %
MICRO_BATCH: Final = 4096  # padded tokens in one forward pass

PEFT_PREFIX: Final = "base_model.model."  # before a layer's name in peft's files

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Recipe:
    """What decides the result (beside text, base and machine)."""

    tokens: int
    rank: int
    learning_rate: float
    mlm_probability: float
    corruption: str
    sentences: float
    batch_tokens: int
    max_length: int
    warm_up: int
    decay: float
    seed: int
    workers: int
    start: list[str]  # sha256 of the adapters whose mean was trained further


def log_frequencies(text: Text, vocabulary: int) -> torch.Tensor:
    """The decoder's first bias: log of each token's (add-one smoothed) frequency, shifted to a mean of zero."""
    own = np.concatenate([sentence for block in text.blocks for sentence in block])
    counts = np.bincount(own, minlength=vocabulary) + 1.0
    logs = np.log(counts)
    return torch.tensor(logs - logs.mean(), dtype=torch.float32)


def first_weights(model: BertForMaskedLM, recipe: Recipe, text: Text) -> Tensors:
    """What is trained, float32: adapters (A random, B zero: no change at first), norms, biases and head."""
    generator = torch.Generator().manual_seed(recipe.seed)
    trained: Tensors = {}
    for name, part in adapted_layers(model).items():
        a = torch.randn(recipe.rank, part.in_features, generator=generator)
        trained[f"{name}.lora_A"] = a / math.sqrt(part.in_features)
        trained[f"{name}.lora_B"] = torch.zeros(part.out_features, recipe.rank)
    for name, value in model.named_parameters():
        if value.ndim == 1:
            trained[name] = value.detach().clone()
    dense = "cls.predictions.transform.dense.weight"
    trained[dense] = torch.eye(model.config.hidden_size)
    trained["cls.predictions.bias"] = log_frequencies(text, model.config.vocab_size)
    return {name: trained[name].requires_grad_() for name in sorted(trained)}


class Worker:
    """A copy of the model, in the precision of the computation, and the gradients of its share of a step."""

    def __init__(self, model: BertForMaskedLM, names: Iterable[str], recipe: Recipe, device: torch.device) -> None:
        dtype = torch.bfloat16 if has_bf16(device) else torch.float32
        self.device = device
        self.model: Any = copy.deepcopy(model).train()
        self.layers = {name: AdaptedLinear(part, recipe.rank) for name, part in adapted_layers(self.model).items()}
        for name, layer in self.layers.items():
            self.model.set_submodule(name, layer)
            layer.base, layer.weight = layer.base.to(device), layer.weight.to(device, dtype)
        self.model.to(device, dtype).requires_grad_(False)
        self.weights = {name: value for name, value in self.model.named_parameters() if name in set(names)}
        for value in self.weights.values():
            value.requires_grad_()

    def gradients(self, trained: Tensors, parts: Sequence[dict[str, torch.Tensor]]) -> tuple[Tensors, float]:
        """Float32 gradients of the summed loss over some micro-batches, and that loss (nats)."""
        with torch.no_grad():
            for name, value in self.weights.items():
                value.copy_(trained[name])
                value.grad = torch.zeros_like(value)
            for name, layer in self.layers.items():
                b, a = (trained[f"{name}.lora_{side}"].to(self.device) for side in "BA")
                layer.weight.copy_(torch.addmm(layer.base, b, a))
        total = 0.0
        for part in parts:
            loss = masked_loss(self.model, **{key: value.to(self.device) for key, value in part.items()})
            loss.backward()
            total += loss.item()
        return {name: value.grad.float() for name, value in self.weights.items() if value.grad is not None}, total


class Training:
    """The weights, the optimiser and the place in the text: all that a checkpoint holds."""

    def __init__(
        self, model: BertForMaskedLM, tokenizer: Any, text: Text, recipe: Recipe, device: torch.device
    ) -> None:
        self.tokenizer, self.recipe = tokenizer, recipe
        self.trained = first_weights(model, recipe, text)
        self.optimiser = torch.optim.AdamW(
            self.trained.values(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        self.step = self.tokens = 0
        self.workers = [Worker(model, self.trained, recipe, device) for _ in range(recipe.workers)]
        # One thread a worker: workers meet once a step, while threads inside an operation meet at each of them and
        # wait for the slowest, which costs several times over on a machine that does other work.
        self.pool = ThreadPoolExecutor(recipe.workers, initializer=torch.set_num_threads, initargs=(1,))
        special = set(tokenizer.all_special_ids)
        self.vocabulary = np.array([i for i in range(len(tokenizer)) if i not in special])

    def rate(self) -> float:
        """The learning rate at this place: rises over the warm-up, stays, falls linearly to zero at the end."""
        left = max(0.0, 1 - self.tokens / self.recipe.tokens)
        ramp = (self.tokens + self.recipe.batch_tokens) / self.recipe.warm_up
        return self.recipe.learning_rate * min(1.0, ramp, left / self.recipe.decay)

    def parts(self, chunks: list[Window]) -> list[dict[str, torch.Tensor]]:
        """A step's micro-batches, masked; the masks depend on the seed and the step alone."""
        rng = np.random.default_rng([self.recipe.seed, self.step, 1])
        ids = pad([chunk.ids for chunk in chunks], self.tokenizer.pad_token_id)
        eligible = pad([chunk.askable for chunk in chunks], 0).astype(bool)
        corrupted, labels = random_masks(
            ids, eligible, self.recipe.mlm_probability, self.tokenizer.mask_token_id, self.vocabulary, rng
        )
        if self.recipe.corruption == "mask":
            corrupted = np.where(labels != IGNORED, self.tokenizer.mask_token_id, ids)
        lengths = np.array([len(chunk.ids) for chunk in chunks])
        budget = min(MICRO_BATCH, -(-int(lengths.max()) * len(chunks) // self.recipe.workers) + int(lengths.max()))
        return [
            inputs([corrupted[r, : lengths[r]] for r in rows], [labels[r, : lengths[r]] for r in rows], 0)
            for rows in by_budget(np.arange(len(chunks)), lengths, budget, padded=True)
        ]

    def advance(self, chunks: list[Window]) -> float:
        """One optimiser step; returns the mean loss of its masked tokens (nats)."""
        parts = self.parts(chunks)
        masked_positions = sum(int((part["labels"] >= 0).sum()) for part in parts)
        shares = [parts[number :: len(self.workers)] for number in range(len(self.workers))]
        found = list(self.pool.map(lambda w, share: w.gradients(self.trained, share), self.workers, shares))
        for name, value in self.trained.items():
            value.grad = torch.stack([gradients[name].cpu() for gradients, _ in found]).sum(0) / masked_positions
        torch.nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        self.optimiser.step()
        self.step += 1
        self.tokens += sum(len(chunk.ids) for chunk in chunks)
        return float(sum(loss for _, loss in found)) / masked_positions

    def state(self) -> dict[str, Any]:
        return {
            "recipe": asdict(self.recipe),
            "trained": {name: value.detach() for name, value in self.trained.items()},
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "tokens": self.tokens,
        }

    def start_from(self, folders: Sequence[Path]) -> None:
        """Take the mean of the weights of some adapters; the optimiser and the text begin anew."""
        loaded = []
        for folder in folders:
            check_adapter(folder, {})
            low_rank = load_file(folder / ADAPTER).items()
            weights = {name.removeprefix(PEFT_PREFIX).removesuffix(".weight"): value for name, value in low_rank}
            loaded.append(weights | load_file(folder / HEAD))
            if {name: value.shape for name, value in loaded[-1].items()} != {
                name: value.shape for name, value in self.trained.items()
            }:
                raise UserError(f"{folder}: of another rank or base; give the --rank and --base it was trained with")
        with torch.no_grad():
            for name, value in self.trained.items():
                value.copy_(torch.stack([weights[name].float() for weights in loaded]).mean(0))

    def resume(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        longest = max(state["recipe"]["tokens"], self.recipe.tokens)
        shortest = min(state["recipe"]["tokens"], self.recipe.tokens)
        if state["recipe"] | {"tokens": 0} != asdict(self.recipe) | {"tokens": 0}:
            raise UserError(f"{path}: a checkpoint of another recipe; give the same options to go on, or remove it")
        # Until the rate begins to fall, two trainings that differ in length alone are the same.
        if longest != shortest and state["tokens"] > (1 - self.recipe.decay) * shortest:
            raise UserError(f"{path}: the rate has begun to fall; go on with --tokens {state['recipe']['tokens']}")
        with torch.no_grad():
            for name, value in self.trained.items():
                value.copy_(state["trained"][name])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.tokens = state["step"], state["tokens"]

    def save(self, path: Path) -> None:
        with atomic_file(path) as partial:
            torch.save(self.state(), partial)

    def run(self, text: Text, checkpoint: Path, minutes: float) -> None:
        """Train to the end, saving a checkpoint every so many minutes."""
        saved = time.monotonic()
        smooth = math.nan
        with tqdm(total=self.recipe.tokens, initial=self.tokens, unit="token", unit_scale=True, mininterval=5) as bar:
            dealt = batches(text, self.recipe.sentences, self.recipe.batch_tokens, self.recipe.seed)
            for number, chunks in enumerate(dealt):
                if number < self.step:
                    continue
                if self.tokens >= self.recipe.tokens:
                    break
                loss = self.advance(chunks)
                smooth = loss if math.isnan(smooth) else 0.95 * smooth + 0.05 * loss
                bar.set_postfix_str(f"step {self.step}, loss {smooth:.3f}", refresh=False)
                bar.update(self.tokens - bar.n)
                if time.monotonic() - saved > minutes * 60:
                    self.save(checkpoint)
                    saved = time.monotonic()
        self.save(checkpoint)


def write_adapter(trained: Tensors, recipe: Recipe, base_name: str, out: Path) -> None:
    """The three files of an adapter: float16, in peft's naming for what is low-rank."""
    half = {name: value.detach().to(torch.float16).contiguous() for name, value in trained.items()}
    low_rank = {f"{PEFT_PREFIX}{name}.weight": value for name, value in half.items() if ".lora_" in name}
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.rank,  # a scale of one: the update is B A
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
    """Perplexity on fixed masks (the first of `PASSES` complementary passes), and the number of tokens asked."""
    examples = fixed_mask_examples(tokenizer, [row_id(text) for text in texts], texts, PASSES, max_length, [0])
    total = sum(len(ids) for ids in examples.ids)
    with tqdm(total=total, unit="token", unit_scale=True, desc="held out", mininterval=5) as bar:
        scores = score(
            model, tokenizer.pad_token_id, examples, len(texts), MICRO_BATCH, lambda batch: bar.update(batch.tokens)
        )
    masked_positions = int(scores["tokens"].sum())
    return perplexity(float(scores["nll"].sum()), masked_positions), masked_positions


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.train_adapter",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("text", nargs="+", type=Path, help=".txt or .txt.gz, UTF-8, one paragraph a line")
    parser.add_argument("--base", type=Path, required=True, help="folder of the encoder's checkpoint")
    parser.add_argument("--base-name", default="sentence-transformers/all-MiniLM-L6-v2", help="its name")
    parser.add_argument("--out", type=Path, required=True, help="folder of the adapter; its other files stay")
    parser.add_argument("--tokens", type=float, default=11e6, help="tokens to train on, over several passes")
    parser.add_argument("--rank", type=int, default=24, help="rank of the adapters")
    parser.add_argument("--learning-rate", type=float, default=2.5e-3, help="peak rate")
    parser.add_argument("--mlm-probability", type=float, default=0.2, help="share of tokens to predict in training")
    parser.add_argument(
        "--corruption", choices=("mask", "bert"), default="mask", help="mask: always by the mask token; bert: 80/10/10"
    )
    parser.add_argument("--sentences", type=float, default=0.3, help="share of blocks cut into sentences")
    parser.add_argument("--batch-tokens", type=int, default=2048, help="tokens per step")
    parser.add_argument("--max-length", type=int, default=128, help="tokens per sequence")
    parser.add_argument("--warm-up", type=float, default=200e3, help="tokens over which the rate rises")
    parser.add_argument("--decay", type=float, default=0.8, help="last share of the training, in which the rate falls")
    parser.add_argument(
        "--start", type=Path, nargs="+", default=[], help="adapters of the same rank whose mean to train further"
    )
    parser.add_argument("--seed", type=int, default=5, help="seed of weights, order and masks")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to train")
    parser.add_argument("--workers", type=int, default=0, help="data-parallel threads; 0: one a core, one on a GPU")
    parser.add_argument("--checkpoint", type=Path, default=Path("data/adapter-training.pt"), help="to go on from")
    parser.add_argument("--checkpoint-minutes", type=float, default=5, help="time between checkpoints")
    parser.add_argument("--held-out-step", type=int, default=1, help="measure on every n-th held-out block")
    args = parser.parse_args()
    device = torch.device("cuda" if args.device != "cpu" and torch.cuda.is_available() else "cpu")
    if args.device == "cuda" and device.type == "cpu":
        raise UserError("--device cuda: no CUDA device here; take auto or cpu")
    workers = args.workers or (1 if device.type == "cuda" else torch.get_num_threads())
    recipe = Recipe(
        int(args.tokens), args.rank, args.learning_rate, args.mlm_probability, args.corruption, args.sentences,
        args.batch_tokens, args.max_length, int(args.warm_up), args.decay, args.seed, workers,
        [sha256(folder / ADAPTER) for folder in args.start],
    )  # fmt: skip
    torch.set_num_threads(1)  # `Training` says why
    torch.manual_seed(recipe.seed)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(args.base, local_files_only=True)
    model = BertForMaskedLM.from_pretrained(
        args.base, local_files_only=True, use_safetensors=True, dtype="float32", attn_implementation="eager",
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    lines = read_lines(args.text)
    training_blocks, held_out = sides(lines)
    if not training_blocks or not held_out:
        raise UserError(f"{args.text[0]}: too little text to hold some out ({len(lines):,} lines); give more lines")
    text = tokenise(tokenizer, training_blocks, recipe.max_length)
    apart = sum(len(block) for block in held_out)
    say(
        f"{len(lines):,} lines, {apart:,} held out; {text.tokens:,} training tokens a pass; "
        f"{workers} workers on {device}"
    )
    started = time.monotonic()
    training = Training(model, tokenizer, text, recipe, device)
    if args.start:
        training.start_from(args.start)
    if args.checkpoint.is_file():
        training.resume(args.checkpoint)
        say(f"going on from step {training.step} ({args.checkpoint})")
    training.run(text, args.checkpoint, args.checkpoint_minutes)
    write_adapter(training.trained, recipe, args.base_name, args.out)
    seconds = time.monotonic() - started
    merged: Any = merge(args.base, args.out)
    merged.to(device, torch.bfloat16 if has_bf16(device) else torch.float32)
    sample: list[Block] = held_out[:: args.held_out_step]
    running, masked_positions = held_out_perplexity(
        merged, tokenizer, [" ".join(block) for block in sample], recipe.max_length
    )
    single, _ = held_out_perplexity(merged, tokenizer, [line for block in sample for line in block], recipe.max_length)
    size = sum((args.out / name).stat().st_size for name in (ADAPTER, CONFIG, HEAD))
    write_json(
        args.out / "training.json",
        asdict(recipe)
        | {"epochs": training.tokens / text.tokens, "steps": training.step, "held_out_lines": apart}
        | {"held_out_tokens_asked": masked_positions, "held_out_perplexity": running}
        | {"held_out_perplexity_line_by_line": single},
    )  # fmt: skip
    args.checkpoint.unlink()
    say(
        f"{training.tokens:,} tokens, {seconds:.0f} s; {size:,} bytes; "
        f"held-out perplexity {running:.2f} on {masked_positions:,} tokens of running text, {single:.2f} line by line"
    )


if __name__ == "__main__":
    run(main)
