"""Compare variants of a training step on a GPU: tokens per second, utilization and memory, for two shapes of model.

    bash bench/gpu.sh

trains models of random weights on random rows whose lengths are like those of the sample (sentences, reviews, replayed
paragraphs); only the tokenizer of the base is read. `--device cpu --dry` runs every variant that a processor can, with
few tokens, to test the script; its numbers mean nothing.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from bench.rates import matrix_rate, model_flops
from brandmlm.config.params.train import Train
from brandmlm.modeling import masked_lm, unpadded
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.device import autocast, compile_layers
from brandmlm.modeling.masking import IGNORED, Ints
from brandmlm.modeling.token_rows import Tokens
from brandmlm.modeling.unpadded import Packed, encode_packed, pack
from brandmlm.modeling.weights import set_dropout
from brandmlm.training.contrast_words import ContrastWords
from brandmlm.training.loss import Objective
from brandmlm.training.optimizer import make_optimizer
from brandmlm.training.steps import Division, Steps, TokenizedRows
from brandmlm.training.throughput import peak_memory
from brandmlm.training.workers import make_workers

WARM_UP: Final = 3  # steps that are not timed
STEPS: Final = 12  # steps that are timed
LAYERS: Final = 6  # of both shapes
LISTED: Final = 100  # wanted, and unwanted words of the contrast
H100_PEAK: Final = 989e12  # bf16 operations a second without sparsity, by the data sheet

RECIPE: Final = Train(
    seed=5, tokens=200_000, learning_rate=3e-4, weight_decay=0.01, warmup_ratio=0.1, batch_tokens=1024, max_length=128,
    dropout=0.0, mlm_probability=0.25, target_word_probability=0.5, contrastive_weight=2.0, anchor_weight=6.0,
    replay_share=0.4, real_repeats=1, drop_final_punctuation=0.7, num_evals=1, validation_rows=1, wise_ft_alpha=1.0,
)  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """How a step is computed.

    Attributes:
        batch_tokens: tokens of a step.
        bf16: products in bf16, by autocast.
        attention: of transformers (eager, sdpa), or varlen: no padding at all.
        compiled: layers through torch.compile.
        head: own: this project's loss; liger, cce: cross-entropy fused with the product of the head, no contrast.
        multiple: the vocabulary is padded to a multiple of this.
        graph: the whole step as one CUDA graph of fixed shapes (cross-entropy alone).
    """

    name: str
    batch_tokens: int = 8192
    bf16: bool = True
    attention: str = "sdpa"
    compiled: bool = False
    head: str = "own"
    multiple: int = 1
    graph: bool = False
    layers: int = LAYERS


VARIANTS: Final = (
    Variant("fp32, steps of 8,192 tokens", bf16=False),
    Variant("bf16"),
    Variant("... attention eager", attention="eager"),
    Variant("... unpadded (varlen)", attention="varlen"),
    Variant("... compiled layers", compiled=True),
    Variant("... vocabulary padded to 64", multiple=64),
    Variant("... cross-entropy alone", head="plain"),
    Variant("... cross-entropy alone, fused (Liger)", head="liger"),
    Variant("... cross-entropy alone, fused (cut-cross-entropy, no bias)", head="cce"),
    Variant("... cross-entropy alone, unpadded, one CUDA graph", attention="varlen", head="plain", graph=True),
    Variant("bf16, steps of 1,024 tokens", batch_tokens=1024),
    Variant("... unpadded (varlen)", batch_tokens=1024, attention="varlen"),
    Variant("... cross-entropy alone, unpadded, one CUDA graph", 1024, attention="varlen", head="plain", graph=True),
    Variant("bf16, steps of 65,536 tokens", batch_tokens=65_536),
    Variant("... unpadded (varlen)", batch_tokens=65_536, attention="varlen"),
    Variant("... cross-entropy alone, unpadded, one CUDA graph", 65_536, attention="varlen", head="plain", graph=True),
)


def minilm(vocabulary: int, layers: int) -> PreTrainedModel:
    """all-MiniLM-L6-v2's shape with random weights."""
    return BertForMaskedLM(
        BertConfig(
            vocab_size=vocabulary, hidden_size=384, num_hidden_layers=layers, num_attention_heads=12,
            intermediate_size=1536,
        )
    )  # fmt: skip


def distilbert(vocabulary: int, layers: int) -> PreTrainedModel:
    """distilbert-base-uncased's shape with random weights."""
    return DistilBertForMaskedLM(DistilBertConfig(vocab_size=vocabulary, pad_token_id=0, n_layers=layers))


SHAPES: Final[dict[str, Callable[[int, int], PreTrainedModel]]] = {"MiniLM": minilm, "DistilBERT": distilbert}


def random_rows(tokens: int, vocabulary: int) -> TokenizedRows:
    """Rows of random ids: by tokens half sentences of 8 to 20, half texts of 30 to 128; a target word in sentences."""
    rng = np.random.default_rng(0)
    lengths: list[int] = []
    while sum(lengths) < tokens:
        lengths += [*rng.integers(8, 21, size=50), *rng.integers(30, 129, size=9)]
    ids = [rng.integers(1000, vocabulary, size=length) for length in lengths]
    targets = [np.arange(length) == (length - 3 if length < 21 else -1) for length in lengths]
    for row, target in zip(ids, targets, strict=True):
        row[target] = 1000 + rng.integers(2 * LISTED)
    return TokenizedRows(ids, targets, np.array(lengths), np.arange(len(lengths)))


@lru_cache(maxsize=3)
def make_steps(tokenizer: PreTrainedTokenizerBase, batch_tokens: int, number: int, device: torch.device) -> list[Any]:
    """Steps with one forward pass each, on the device."""
    rows = random_rows(batch_tokens * (number + 2), len(tokenizer))
    plan = plan_training(rows.lengths, number * batch_tokens, batch_tokens, 0)[:number]
    steps = Steps(tokenizer, rows, plan, RECIPE, Division(10**9))
    made = [steps[step] for step in range(len(steps))]
    for step in made:
        for batch in step.micro_batches:
            batch.update({name: value.to(device) for name, value in batch.items()})
    return made


class CrossEntropy(torch.nn.Module):
    """Cross-entropy alone, with the head's product fused into it or not."""

    def __init__(self, model: PreTrainedModel, bf16: bool, kind: str) -> None:
        super().__init__()
        self.model, self.bf16, self.kind = model, bf16, kind

    def forward(
        self, input_ids: Any, attention_mask: Any, labels: Any, position_ids: Any = None, anchored: Any = None
    ) -> Any:
        at = labels != IGNORED
        tokens = Tokens(input_ids, attention_mask, position_ids)
        with autocast(self.bf16, input_ids.device):
            loss = self.loss(self.features(masked_lm.encode(self.model, tokens, at)), labels[at])
        return loss, loss

    def features(self, hidden: torch.Tensor) -> torch.Tensor:
        """The input of the product with the vocabulary."""
        model: Any = self.model
        if model.config.model_type == "bert":
            transformed: torch.Tensor = model.cls.predictions.transform(hidden)
            return transformed
        return torch.Tensor(model.vocab_layer_norm(model.activation(model.vocab_transform(hidden))))

    def loss(self, hidden: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        decoder: Any = self.model.get_output_embeddings()
        weight, bias = decoder.weight, decoder.bias
        found: Any
        if self.kind == "liger":
            kernel: Any = import_module("liger_kernel.transformers.fused_linear_cross_entropy")
            found = kernel.LigerFusedLinearCrossEntropyLoss(reduction="sum")(
                weight, hidden.to(weight.dtype), targets, bias
            )
        elif self.kind == "cce":
            kernel = import_module("cut_cross_entropy")
            found = kernel.linear_cross_entropy(hidden.bfloat16(), weight.bfloat16(), targets, reduction="sum")
        else:
            found = torch.nn.functional.cross_entropy(decoder(hidden).float(), targets, reduction="sum")
        loss: torch.Tensor = found
        return loss


def tokens_of(batch: dict[str, torch.Tensor]) -> Tokens:
    return Tokens(batch["input_ids"], batch["attention_mask"], batch["position_ids"])


def _widen(value: torch.Tensor, size: int, fill: int) -> torch.Tensor:
    return torch.nn.functional.pad(value, (0, size - value.shape[-1]), value=fill)


class GraphedStep:
    """A training step recorded once as a CUDA graph: cross-entropy, gradients, clipping and AdamW, of fixed shapes."""

    def __init__(self, model: PreTrainedModel, steps: list[Any], bf16: bool) -> None:
        device = model.device
        packed = [
            (pack(tokens_of(batch), batch["labels"] != IGNORED), batch)
            for step in steps
            for batch in step.micro_batches
        ]
        self.size = (
            max(p.ids.shape[1] for p, _ in packed),
            max(len(p.starts) for p, _ in packed),
            max(len(p.masked) for p, _ in packed),
        )
        self.filled = [self.fill(p, batch["labels"]) for p, batch in packed]
        self.static = [value.clone() for value in self.filled[0]]
        self.module = CrossEntropy(model, bf16, "plain")
        self.model, self.bf16 = model, bf16
        self.longest = max(p.longest for p, _ in packed)
        named = [value for value in model.parameters() if value.requires_grad]
        self.parameters = named
        self.optimizer: Any = torch.optim.AdamW(
            named, lr=torch.tensor(1e-4, device=device), fused=True, capturable=True
        )
        side: Any = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(self.graph):
            self.step()

    def fill(self, packed: Packed, labels: torch.Tensor) -> list[torch.Tensor]:
        tokens, rows, masked = self.size
        targets = labels[labels != IGNORED]
        return [
            _widen(packed.ids, tokens, 0), _widen(packed.positions, tokens, 0),
            _widen(packed.starts, rows, int(packed.starts[-1])), _widen(packed.masked, masked, 0),
            _widen(targets, masked, IGNORED),
        ]  # fmt: skip

    def step(self) -> None:
        ids, positions, starts, masked, targets = self.static
        packed = Packed(ids, positions, starts, self.longest, masked)
        with torch.autocast("cuda", torch.bfloat16, enabled=self.bf16, cache_enabled=False):
            logits = self.model.get_output_embeddings()(
                self.module.features(encode_packed(self.model.base_model, packed))
            )
        loss = torch.nn.functional.cross_entropy(logits.float(), targets, ignore_index=IGNORED)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
        self.optimizer.step()

    def __call__(self, number: int) -> None:
        for to, value in zip(self.static, self.filled[number], strict=True):
            to.copy_(value)
        self.graph.replay()


def text_lengths(positions: Ints) -> Ints:
    """Tokens of each text, int64 (texts,), of texts one after another; `positions`: of each token in its text."""
    return np.diff(np.append(np.flatnonzero(positions == 0), len(positions)))


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def make_runner(
    variant: Variant, shape: str, tokenizer: PreTrainedTokenizerBase, steps: list[Any], device: torch.device
) -> tuple[PreTrainedModel, Callable[[int], None]]:
    """A model, and the function that takes one of the steps."""
    torch.manual_seed(0)
    size = -(-len(tokenizer) // variant.multiple) * variant.multiple
    model: Any = SHAPES[shape](size, variant.layers)
    model.to(device)
    set_dropout(model, 0.0)
    model.set_attn_implementation("sdpa" if variant.attention == "varlen" else variant.attention)
    unpadded.enable(model, variant.attention == "varlen")
    if variant.compiled:
        compile_layers(model)
    if variant.graph:
        return model, GraphedStep(model, steps, variant.bf16)
    listed = torch.arange(1000, 1000 + 2 * LISTED)
    objective: torch.nn.Module = (
        Objective(model, variant.bf16, ContrastWords(listed[:LISTED], listed[LISTED:]), RECIPE.contrastive_weight)
        if variant.head == "own"
        else CrossEntropy(model, variant.bf16, variant.head)
    )
    workers = make_workers(cast(Objective, objective), 1)
    optimizer = make_optimizer(model, RECIPE.learning_rate, RECIPE.weight_decay)

    def take(number: int) -> None:
        workers.backward(steps[number])
        torch.nn.utils.clip_grad_norm_(workers.parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()

    return model, take


def weights_digest(model: PreTrainedModel) -> str:
    digest = hashlib.sha256()
    for value in model.state_dict().values():
        digest.update(value.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


def measure(
    variant: Variant, shape: str, tokenizer: PreTrainedTokenizerBase, device: torch.device
) -> tuple[float, float, float, str]:
    """Tokens a second, utilization of the H100's peak, GB at the peak, and a digest of the weights afterwards."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    steps = make_steps(tokenizer, variant.batch_tokens, WARM_UP + STEPS, device)
    model, take = make_runner(variant, shape, tokenizer, steps, device)
    for number in range(WARM_UP):
        take(number)
    times = []
    for number in range(WARM_UP, len(steps)):
        synchronize(device)
        started = time.perf_counter()
        take(number)
        synchronize(device)
        times.append(time.perf_counter() - started)
    seconds = statistics.median(times)
    positions = [batch["position_ids"][batch["attention_mask"] > 0] for s in steps for batch in s.micro_batches]
    lengths = text_lengths(torch.cat(positions).cpu().numpy())
    flops = model_flops(model, lengths, sum(step.masked for step in steps)) / len(steps)
    tokens = statistics.mean(step.tokens for step in steps)
    return tokens / seconds, flops / seconds / H100_PEAK, peak_memory(device) / 1e9, weights_digest(model)


def machine(device: torch.device) -> str:
    """Card and versions."""
    name = torch.cuda.get_device_name() if device.type == "cuda" else "processor"
    return f"{name}, torch {torch.__version__}, CUDA {torch.version.cuda}, Python {sys.version.split()[0]}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder with a tokenizer (data/base)")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--dry", action="store_true", help="few tokens, to test the script")
    parser.add_argument("--shapes", nargs="+", choices=[*SHAPES], default=[*SHAPES])
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("error: torch sees no GPU; `--device cpu --dry` tests the script without one")
    device = torch.device(args.device)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    tokenizer = AutoTokenizer.from_pretrained(args.base, local_files_only=True)
    print(f"{machine(device)}; bf16 products of side 1,024 and 8,192: ", end="")
    rates = [matrix_rate(device, True, 64 if args.dry else side) / 1e12 for side in (1024, 8192)]
    print(", ".join(f"{rate:,.0f}" for rate in rates), "TFLOP/s")
    print("\n| | tokens/s | ratio | of the peak | GB | same bytes twice |\n|---|---:|---:|---:|---:|---|")
    for shape in args.shapes:
        print(f"| **{shape}** | | | | | |")
        reference = 0.0
        for variant in VARIANTS:
            own = replace(variant, batch_tokens=256, layers=1) if args.dry else variant
            try:
                rate, share, memory, digest = measure(own, shape, tokenizer, device)
                again = measure(own, shape, tokenizer, device)[3] if not args.dry else digest
            except Exception as error:  # a package that is missing, or a kernel that this card or torch lacks
                reason = str(error).strip().partition("\n")[0][:80] or type(error).__name__
                print(f"| {variant.name} | no: {reason} | | | | |", flush=True)
                continue
            reference = reference or rate
            same = "yes" if digest == again else "no"
            print(
                f"| {variant.name} | {rate:,.0f} | {rate / reference:.2f} | {share:.1%} | {memory:.1f} | {same} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
