"""Recipes of training, variant beside variant: what each makes of the kept rows, for the same number of tokens.

    python -m bench.recipe

needs the data of a `dvc repro` and looks at validation rows, at general English that no stage reads
(`bench/general.txt`) and at the claims and denials of the behaviour suite's part `dev` and of `bench/sentences.yaml`.
Each variant differs from the first in what it names; each is shown at several places between the base's weights and the
trained ones (`train.wise_ft_alpha`). With `--rules`, keep rules are compared instead, each with the recipe of
params.yaml; `none` keeps all rows.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import torch
from ruamel.yaml import YAML
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import expand
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.train import Train
from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import labelled_words, read_corpus, row_id
from brandmlm.evaluation.behaviour_cases import make_cases
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import score
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.filtering.keep_rule import parse_rule
from brandmlm.filtering.signals import SIGNALS
from brandmlm.modeling.batching import plan_training
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.modeling.device import autocast, fastest_attention, save_memory, use_bf16
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED, Floats, Ints
from brandmlm.modeling.vocabulary import token_verdicts
from brandmlm.modeling.weights import Weights, interpolate_weights, set_dropout
from brandmlm.training.contrast_words import contrast_words
from brandmlm.training.cpu_workers import CpuWorkers, worker_count
from brandmlm.training.dataset import Steps
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loss import Objective
from brandmlm.training.validation import mean_loss

PASSES: Final = (0, 3)  # of seven: two sevenths of the tokens are asked
TOP: Final = 10


@dataclass(frozen=True)
class Recipe:
    """What differs from params.yaml. `None` or zero: as it is there, or not at all."""

    name: str
    learning_rate: float | None = None
    batch_tokens: int | None = None
    mlm_probability: float | None = None
    dropout: float | None = None
    schedule: str = "linear"  # or "cycle" (Smith 2018), "stable" (constant, then linear over the last two fifths)
    falling: bool = False  # the masking rate falls linearly from twice the rate to none
    whole_words: bool = False  # all pieces of a word are masked together (Devlin's second release of BERT)
    target_word_probability: float | None = None  # of the labelled word of a synthetic row
    contrastive_weight: float | None = None  # the weight of `objective.contrast_loss`
    averaged: float = 0.0  # the weights are the mean over this last share of the steps
    layer_decay: float = 1.0  # of the learning rate, layer by layer towards the embeddings
    head_rate: float = 1.0  # of what follows the encoder, a tied decoder apart, as a multiple of the others'
    frozen_embeddings: bool = False
    unlikelihood: float = 0.0  # weight of -log(1 - p) of the unwanted words where a wanted one is right
    distillation: float = 0.0  # weight of KL(base || model) on the general text of --rehearsal


RECIPES: Final = (
    Recipe("as in params.yaml"),
    Recipe("rate 1e-3", learning_rate=1e-3),
    Recipe("rate 7e-4", learning_rate=7e-4),
    Recipe("rate 3e-4", learning_rate=3e-4),
    Recipe("steps of 4,096 tokens, rate 7e-4", learning_rate=7e-4, batch_tokens=4096),
    Recipe("steps of 1,024 tokens, rate 3e-4", learning_rate=3e-4, batch_tokens=1024),
    Recipe("one-cycle schedule", schedule="cycle"),
    Recipe("warm-up, stable, decay", schedule="stable"),
    Recipe("masking rate 0.15", mlm_probability=0.15),
    Recipe("masking rate 0.40", mlm_probability=0.4),
    Recipe("masking rate falls from 0.50", falling=True),
    Recipe("whole words masked", whole_words=True),
    Recipe("claims' words masked as often as all", target_word_probability=0.25),
    Recipe("claims' words masked three times of four", target_word_probability=0.75),
    Recipe("weights averaged over the last third", averaged=1 / 3),
    Recipe("dropout 0.1", dropout=0.1),
    Recipe("layer-wise decay 0.8", layer_decay=0.8),
    Recipe("frozen embeddings", frozen_embeddings=True),
    Recipe("the head's rate four times as high", head_rate=4.0),
    Recipe("no contrast", contrastive_weight=0.0),
    Recipe("the contrast's weight doubled", contrastive_weight=4.0),
    Recipe("unlikelihood of unwanted words instead of the contrast", contrastive_weight=0.0, unlikelihood=4.0),
    Recipe("distillation from the base on general text", distillation=0.5),
)


class RecipeSteps(Steps):
    """Steps whose masks a recipe decides."""

    recipe: Recipe
    continues: Ints  # token ids that continue a word

    def rates(self, step: int, ids: Ints) -> float | Floats:
        rate = super().rates(step, ids) * (2 * (1 - step / len(self)) if self.recipe.falling else 1)
        if self.recipe.whole_words:
            draw = np.random.default_rng([self.params.seed, step, 1]).random(ids.shape)
            # Each piece takes the draw of the token that its word begins with.
            begins = np.where(np.isin(ids, self.continues), 0, np.arange(ids.shape[1]))
            words = np.take_along_axis(draw, np.maximum.accumulate(begins, axis=1), axis=1)
            return np.asarray(words < rate, dtype=np.float64)
        return rate


class RecipeObjective(Objective):
    """The training loss, and what a recipe adds to it."""

    recipe: Recipe
    base: tuple[PreTrainedModel]  # in a tuple, so that it is no part of the module

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor, taught: bool = False
    ) -> tuple[torch.Tensor, torch.Tensor]:
        asked = labels != IGNORED
        if not taught and (self.words is None or not self.recipe.unlikelihood):
            return super().forward(input_ids, attention_mask, labels)
        with autocast(self.bf16, input_ids.device):
            logs = masked_logits(self.model, input_ids, attention_mask, asked).float().log_softmax(-1)
            if taught:
                with torch.no_grad():
                    before = masked_logits(self.base[0], input_ids, attention_mask, asked).float().log_softmax(-1)
                lost = torch.nn.functional.kl_div(logs, before, reduction="sum", log_target=True)
                return lost, lost
        words = self.words
        assert words is not None
        right = labels[asked]
        nll = torch.nn.functional.nll_loss(logs, right, reduction="sum")
        at_claims = logs[torch.isin(right, words.wanted)]
        mass = at_claims[:, words.unwanted].exp().sum(-1).clamp(max=1 - 1e-4)
        return nll - self.recipe.unlikelihood * torch.log1p(-mass).sum(), nll


def groups(model: PreTrainedModel, recipe: Recipe, rate: float) -> list[dict[str, object]]:
    """The optimiser's parameter groups: one a layer, the embeddings lowest, what follows the encoder highest."""
    layers = int(model.config.num_hidden_layers)
    found: dict[int, list[torch.nn.Parameter]] = {}
    for name, value in model.named_parameters():
        if value.requires_grad:
            pieces = name.split(".")
            inside = next((int(piece) + 1 for piece in pieces if piece.isdigit()), None)
            height = inside if inside is not None else 0 if "embeddings" in name else layers + 1
            found.setdefault(height, []).append(value)
    return [
        {
            "params": values,
            "lr": rate * recipe.layer_decay ** (layers + 1 - height) * (recipe.head_rate if height > layers else 1),
        }
        for height, values in sorted(found.items())
    ]


def factor(schedule: str, step: int, steps: int, warm_up: float) -> float:
    """The learning rate in a step (from 0), as a share of its peak."""
    if schedule == "cycle":  # rises over three tenths of the steps, both ways along a cosine
        rising = max(1, round(0.3 * steps))
        way = (step + 1) / rising if step < rising else (steps - step) / (steps - rising)
        return 0.5 * (1 - math.cos(math.pi * way))
    rising = max(1, round(warm_up * steps))
    if step < rising:
        return (step + 1) / rising
    left = (steps - step) / (steps - rising)
    if schedule == "stable":
        return min(1.0, (steps - step) / (0.4 * steps))
    return left


@dataclass(frozen=True)
class Bench:
    """All that the variants share."""

    base: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sets: dict[str, tuple[list[str], list[str]]]  # ids and texts, by column
    asked: dict[str, list[str]]  # claims and denials, by the suite's capability
    verdicts: npt.NDArray[np.str_]  # of every token of the vocabulary
    params: Train
    bf16: bool
    rehearsal: list[str]

    def train(self, recipe: Recipe, rows: pd.DataFrame) -> tuple[Weights, float]:
        """The trained weights, and the seconds it took; `rows`: a corpus table."""
        own = {
            key: value
            for key in (
                "learning_rate",
                "batch_tokens",
                "mlm_probability",
                "target_word_probability",
                "contrastive_weight",
                "dropout",
            )
            if (value := getattr(recipe, key)) is not None
        }
        params = self.params.model_copy(update=own)
        torch.manual_seed(params.seed)
        device = torch.device("cpu")
        model = copy.deepcopy(self.base)
        set_dropout(model, params.dropout)
        if recipe.frozen_embeddings:
            model.get_input_embeddings().weight.requires_grad_(False)
        workers = worker_count(device, params, DistributedContext())

        def planned(texts: list[str], words: list[str | None], batch_tokens: int, steps: int | None) -> RecipeSteps:
            chunks = make_chunks(self.tokenizer, texts, params.max_length)
            tokens = params.tokens if steps is None else 2 * steps * batch_tokens
            plan = plan_training(chunks.lengths, tokens, batch_tokens, params.seed)[:steps]
            places = target_word_masks(self.tokenizer, chunks, words) if words else []
            made = RecipeSteps(self.tokenizer, chunks, plan, params, 2048, DistributedContext(), workers, places)
            made.recipe = recipe if steps is None else Recipe("general text")
            made.continues = np.array(
                [i for word, i in self.tokenizer.get_vocab().items() if word.startswith("##")], dtype=np.int64
            )
            return made

        steps = planned(list(rows["text"]), labelled_words(rows), params.batch_tokens, None)
        general = planned(self.rehearsal, [], params.batch_tokens // 4, len(steps)) if recipe.distillation else None
        objective = RecipeObjective(
            model, self.bf16, contrast_words(self.tokenizer, rows), params.contrastive_weight or recipe.unlikelihood
        )
        objective.recipe = recipe
        objective.base = (self.base,)
        pool = CpuWorkers(objective, workers)
        optimiser = torch.optim.AdamW(
            groups(model, recipe, params.learning_rate), weight_decay=params.weight_decay, fused=True
        )
        peaks = [group["lr"] for group in optimiser.param_groups]
        total: Weights = {}
        counted = 0
        started = time.monotonic()
        for number in tqdm(range(len(steps)), desc=recipe.name, unit="step", leave=False):
            step = steps[number]
            parts: list[dict[str, torch.Tensor]] = list(step["parts"])
            pool.backward(parts, step["masked"])
            if general is not None:
                own_gradients = [value.grad for value in model.parameters()]
                for value in model.parameters():
                    value.grad = None
                lesson = general[number]
                taught = [part | {"taught": torch.tensor(True)} for part in lesson["parts"]]
                pool.backward(taught, lesson["masked"])
                for value, before in zip(model.parameters(), own_gradients, strict=True):
                    if value.grad is not None and before is not None:
                        value.grad.mul_(recipe.distillation).add_(before)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            share = factor(recipe.schedule, number, len(steps), params.warmup_ratio)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * share
            optimiser.step()
            optimiser.zero_grad()
            if recipe.averaged and number >= (1 - recipe.averaged) * len(steps):
                counted += 1
                for name, value in model.state_dict().items():
                    total[name] = value.clone() if counted == 1 else total[name].lerp(value, 1 / counted)
        return total or {name: value.clone() for name, value in model.state_dict().items()}, time.monotonic() - started

    def measure(self, weights: Weights) -> dict[str, float]:
        """Perplexity by set; wanted words in the top of a claim, on average; the share of claims without an unwanted
        word there, and of denials that pass (`suite.CAPABILITIES`)."""
        model = copy.deepcopy(self.base)
        model.load_state_dict(weights)
        model.eval()
        found = {}
        for column, (ids, texts) in self.sets.items():
            examples = fixed_mask_examples(self.tokenizer, ids, texts, 7, self.params.max_length, PASSES)
            with autocast(self.bf16, torch.device("cpu")):
                found[column] = math.exp(
                    mean_loss(score(model, self.tokenizer.pad_token_id, examples, len(texts), 2048))
                )
        counts = {}
        for capability, sentences in self.asked.items():
            top = mask_probabilities(model, self.tokenizer, sentences).topk(TOP).indices.numpy()
            counts[capability] = {side: (self.verdicts[top] == side).sum(1) for side in ("wanted", "unwanted")}
        claims, denials = counts["claim"], counts["negation"]
        found["wanted"] = float(claims["wanted"].mean())
        found["clean"] = float((claims["unwanted"] == 0).mean())
        found["denied"] = float(((denials["wanted"] == 0) | (denials["unwanted"] > 0)).mean())
        return found


HEADER: Final = (
    "| | to the trained weights | real | synthetic | general | wanted@10 | claims clean | denials passed | s |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def examples(brand: Path, lexicon: Lexicon) -> dict[str, list[str]]:
    """Claims and denials to tune on: those of the behaviour suite, and more of the same."""
    own = YAML(typ="safe").load(Path("bench/sentences.yaml").read_text(encoding="utf-8"))
    suite = [case for case in make_cases(load_behaviour(brand / "probes.yaml"), lexicon.brand) if case.part == "dev"]
    return {
        name: [case.text for case in suite if case.capability == name]
        + [text.replace("BRAND", lexicon.brand[0]) for pattern in own[name] for text in expand(pattern)]
        for name in ("claim", "negation")
    }


def kept(rule: str) -> pd.DataFrame:
    """The training rows that satisfy a keep rule."""
    rows = read_corpus(Path("data/split/train.parquet"))
    if rule != "none":
        verdicts = pl.read_parquet("data/filtered/verdicts.parquet")
        keep = parse_rule(rule, SIGNALS).run(verdicts)
        rows = rows[rows["id"].isin(verdicts.filter(keep)["id"].to_list())]
    return rows


def line(name: str, seconds: str, share: float, found: dict[str, float]) -> str:
    perplexities = " | ".join(f"{found[column]:.1f}" for column in ("real", "synthetic", "general"))
    rates = f"{found['wanted']:.2f} | {found['clean']:.0%} | {found['denied']:.0%}"
    return f"| {name} | {share:.2f} | {perplexities} | {rates} | {seconds} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.recipe", description=__doc__.splitlines()[0])
    parser.add_argument("--rules", nargs="+", default=[], metavar="RULE", help="keep rules to compare (`filter.rule`)")
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder of the base checkpoint")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="only variants so named")
    parser.add_argument("--shares", type=float, nargs="+", default=[], help="interpolations shown")
    parser.add_argument("--tokens", type=int, default=0, help="training tokens; 0: as in params.yaml")
    parser.add_argument("--rehearsal", type=Path, help="general English, a sentence a line, for the distillation")
    args = parser.parse_args()
    recipes = [recipe for recipe in RECIPES if not args.only or any(word in recipe.name for word in args.only)]
    if not args.rehearsal:
        recipes = [recipe for recipe in recipes if not recipe.distillation]
    if not recipes:
        raise UserError(f"--only {' '.join(args.only)}: no variant; a distillation needs --rehearsal too")
    whole = load_params()
    save_memory()
    device = torch.device("cpu")
    base, tokenizer = load_checkpoint(args.base, device)
    base.set_attn_implementation(fastest_attention(device))
    validation = read_corpus(Path("data/split/validation.parquet"))
    synthetic = validation["source"] == "synthetic"
    general = Path("bench/general.txt").read_text(encoding="utf-8").splitlines()
    brand = Path("brands") / whole.brand
    lexicon = load_lexicon(brand / "lexicon.yaml")
    bench = Bench(
        base,
        tokenizer,
        {
            "real": (list(validation[~synthetic]["id"]), list(validation[~synthetic]["text"])),
            "synthetic": (list(validation[synthetic]["id"]), list(validation[synthetic]["text"])),
            "general": ([row_id(text) for text in general], general),
        },
        examples(brand, lexicon),
        token_verdicts(tokenizer, WordVerdicts(lexicon)),
        whole.train.model_copy(update={"tokens": args.tokens or whole.train.tokens}),
        use_bf16(whole.execution, device),
        args.rehearsal.read_text(encoding="utf-8").splitlines() if args.rehearsal else [],
    )
    origin = {name: value.clone() for name, value in base.state_dict().items()}
    print(HEADER)
    print(line("the base", "", 0.0, bench.measure(origin)), flush=True)
    shares = args.shares or [0.35, 0.45, 0.55, 1.0]
    variants = [(recipe.name, recipe, whole.filter.rule) for recipe in recipes]
    if args.rules:
        shares = args.shares or [whole.train.wise_ft_alpha]
        variants = [(f"`{rule}`", RECIPES[0], rule) for rule in args.rules]
    for name, recipe, rule in variants:
        rows = kept(rule)
        trained, seconds = bench.train(recipe, rows)
        for number, share in enumerate(shares):
            found = bench.measure(interpolate_weights(origin, trained, share))
            first = (f"{name}, {len(rows):,} rows" if args.rules else name, f"{seconds:.0f}")
            print(line(*(("", "") if number else first), share, found), flush=True)


if __name__ == "__main__":
    run(main)
