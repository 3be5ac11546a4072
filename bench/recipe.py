"""Compare recipes of training: what each makes of the kept rows, for the same number of tokens.

    python -m bench.recipe

needs the data of a `dvc repro`. It measures perplexity on validation rows and on general English that no stage reads
(`bench/general.txt`, `bench/mixed.txt`), and the words predicted for claims, the same about rivals, denials and their
look-alikes (development cases of the behaviour suite; more claims in `bench/sentences.yaml`). Each variant differs from
the first in what its name says (`bench/variants.py`) and is shown at several points between the base's weights and the
trained ones (`train.wise_ft_alpha`). With `--rules`, keep rules are compared instead, each with the recipe of
params.yaml; `none` keeps all rows.
"""

from __future__ import annotations

import argparse
import copy
import math
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import torch
from ruamel.yaml import YAML
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from bench.variants import MICRO_BATCH_TOKENS, RECIPES, Trial
from brandmlm.config.brand.fields import expand
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour
from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import read_corpus, row_id
from brandmlm.evaluation.behaviour_cases import make_cases
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import score
from brandmlm.evaluation.test_sets import read_general
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.filtering.keep_rule import parse_rule
from brandmlm.filtering.signals import SIGNALS
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.device import autocast, fastest_attention, save_memory, use_bf16
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.vocabulary import Vocabulary, token_verdicts
from brandmlm.modeling.weights import Weights, interpolate_weights
from brandmlm.training.validation import mean_loss

MASK_FOLDS: Final = 7
ONLY_FOLDS: Final = (0, 3)  # two sevenths of the tokens are scored
TOP: Final = 10
VERDICTS: Final = ("wanted", "unwanted")
CAPABILITIES: Final = ("claim", "locality", "negation", "look_alike")  # of the suite


@dataclass(frozen=True)
class Measure:
    """What is measured of every variant.

    Attributes:
        sets: ids and texts by column of the table.
        sentences: by each of `CAPABILITIES`.
        verdicts: of every token of the vocabulary.
    """

    base: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sets: dict[str, tuple[list[str], list[str]]]
    sentences: dict[str, list[str]]
    verdicts: npt.NDArray[np.str_]
    max_length: int
    bf16: bool

    def __call__(self, weights: Weights) -> dict[str, float]:
        """Perplexity by set; mean number of wanted words in the top of a claim and of the same claim about a rival;
        proportions of claims and of look-alikes without an unwanted word there, and of denials in which unwanted words
        are likelier than wanted ones."""
        model = copy.deepcopy(self.base)
        model.load_state_dict(weights)
        model.eval()
        measured = {}
        for column, (ids, texts) in self.sets.items():
            examples = fixed_mask_examples(self.tokenizer, ids, texts, MASK_FOLDS, self.max_length, ONLY_FOLDS)
            with autocast(self.bf16, torch.device("cpu")):
                scores = score(model, int(self.tokenizer.pad_token_id), examples, len(texts), MICRO_BATCH_TOKENS)
            measured[column] = math.exp(mean_loss(scores))
        wanted, clean, denied = {}, {}, {}
        for capability, sentences in self.sentences.items():
            probabilities = mask_probabilities(model, self.tokenizer, sentences)
            likeliest = self.verdicts[probabilities.topk(TOP).indices.numpy()]
            mass = {word: probabilities[:, np.flatnonzero(self.verdicts == word)].sum(1) for word in VERDICTS}
            wanted[capability] = float((likeliest == "wanted").sum(1).mean())
            clean[capability] = float((likeliest != "unwanted").all(1).mean())
            denied[capability] = float((mass["unwanted"] > mass["wanted"]).float().mean())
        return measured | {
            "wanted": wanted["claim"],
            "rivals": wanted["locality"],
            "clean": clean["claim"],
            "look_alikes": clean["look_alike"],
            "denied": denied["negation"],
        }


HEADER: Final = (
    "| | alpha | real | synthetic | general | mixed | wanted@10 | rivals' wanted@10 | claims clean "
    "| look-alikes clean | denials passed | s |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def read_sentences(brand: Path, lexicon: Lexicon) -> dict[str, list[str]]:
    """Sentences to tune on, by capability: those of the behaviour suite's development part, and more claims."""
    own = YAML(typ="safe").load(Path("bench/sentences.yaml").read_text(encoding="utf-8"))
    suite = [case for case in make_cases(load_behaviour(brand / "probes.yaml"), lexicon) if case.part == "dev"]
    found = {name: [case.text for case in suite if case.capability == name] for name in CAPABILITIES}
    found["claim"] += [text.replace("BRAND", lexicon.brand[0]) for pattern in own["claim"] for text in expand(pattern)]
    return found


def read_sets() -> dict[str, tuple[list[str], list[str]]]:
    """Ids and texts of the real and the synthetic validation rows and of general English."""
    validation = read_corpus(Path("data/split/validation.parquet"))
    synthetic = validation["source"] == "synthetic"
    english = {
        column: Path("bench", file).read_text(encoding="utf-8").splitlines()
        for column, file in (("general", "general.txt"), ("mixed", "mixed.txt"))
    }
    sets = {"real": validation[~synthetic], "synthetic": validation[synthetic]}
    return {name: (list(rows["id"]), list(rows["text"])) for name, rows in sets.items()} | {
        column: ([row_id(text) for text in texts], texts) for column, texts in english.items()
    }


def select_rows(rule: str) -> pd.DataFrame:
    """The training rows that a keep rule keeps."""
    rows = read_corpus(Path("data/split/train.parquet"))
    if rule != "none":
        signals = pl.read_parquet("data/filtered/signals.parquet")
        keep = parse_rule(rule, SIGNALS).run(signals)
        rows = rows[rows["id"].isin(signals.filter(keep)["id"].to_list())]
    return rows


def line(name: str, seconds: str, alpha: float, measured: dict[str, float]) -> str:
    """A row of the table."""
    perplexities = " | ".join(f"{measured[column]:.1f}" for column in ("real", "synthetic", "general", "mixed"))
    words = f"{measured['wanted']:.2f} | {measured['rivals']:.2f} | " + " | ".join(
        f"{measured[column]:.0%}" for column in ("clean", "look_alikes", "denied")
    )
    return f"| {name} | {alpha:.2f} | {perplexities} | {words} | {seconds} |"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.recipe", description=__doc__.splitlines()[0])
    parser.add_argument("--rules", nargs="+", default=[], metavar="RULE", help="keep rules to compare (`filter.rule`)")
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder of the base checkpoint")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="variants whose name contains a word")
    parser.add_argument("--alphas", type=float, nargs="+", default=[], help="values of train.wise_ft_alpha to show")
    parser.add_argument("--tokens", type=int, default=0, help="training tokens; 0: as in params.yaml")
    return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    recipes = [recipe for recipe in RECIPES if not args.only or any(word in recipe.name for word in args.only)]
    if not recipes:
        raise UserError(f"--only {' '.join(args.only)}: no variant is called so")
    params = load_params()
    save_memory()
    if params.execution.threads:
        torch.set_num_threads(params.execution.threads)
    device = torch.device("cpu")
    base, tokenizer = load_checkpoint(args.base, device)
    base.set_attn_implementation(fastest_attention(device))
    brand = Path("brands") / params.brand
    lexicon = load_lexicon(brand / "lexicon.yaml")
    bf16 = use_bf16(params.execution, device)
    measure = Measure(
        base,
        tokenizer,
        read_sets(),
        read_sentences(brand, lexicon),
        token_verdicts(Vocabulary(tokenizer), WordVerdicts(lexicon)),
        params.train.max_length,
        bf16,
    )
    recipe_params = params.train.model_copy(update={"tokens": args.tokens or params.train.tokens})
    replay = read_general(Path("sample/general/replay.txt"))["text"].tolist()
    variants = [(recipe.name, recipe, params.filter.rule) for recipe in recipes]
    alphas = args.alphas or [0.8, 0.9, 1.0]
    if args.rules:
        variants = [(f"`{rule}`", RECIPES[0], rule) for rule in args.rules]
        alphas = args.alphas or [params.train.wise_ft_alpha]
    base_weights = {name: value.clone() for name, value in base.state_dict().items()}
    print(HEADER)
    print(line("the base", "", 0.0, measure(base_weights)), flush=True)
    with TemporaryDirectory() as folder:
        trial = Trial(base, tokenizer, recipe_params, bf16, replay, Path(folder))
        for name, recipe, rule in variants:
            rows = select_rows(rule)
            trained, seconds = trial.train(recipe, rows)
            for number, alpha in enumerate(alphas):
                measured = measure(interpolate_weights(base_weights, trained, alpha))
                first = (f"{name}, {len(rows):,} rows" if args.rules else name, f"{seconds:.0f}")
                print(line(*(("", "") if number else first), alpha, measured), flush=True)


if __name__ == "__main__":
    run(main)
