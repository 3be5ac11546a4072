"""Compare this project's training with a plain one: speed, memory, and perplexity afterwards.

    python -m bench.train

Both start from the same checkpoint, read the same rows for the same number of tokens, and are scored on every token of
the same held-out rows. Ours is the stage `train` itself, with its params, but without general English beside the rows,
which is not scored here; the other is `bench/plain.py` in float32, with bf16 autocast, and with texts grouped by
length, each with several learning rates, of which the best one counts. They take turns, each in a process of its own.
Ours also runs on parts of the tokens, to find how soon it is as good as the plain ones at their ends.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd
import torch
from ruamel.yaml import YAML
from transformers import DistilBertConfig, DistilBertForMaskedLM
from transformers.utils import logging

from brandmlm.config.params.reading import Params, load_params
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.data.corpus import make_corpus, read_corpus, read_table, write_table
from brandmlm.data.splitting import SPLITS, split_corpus
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.scoring import perplexity, score
from brandmlm.modeling.checkpoint import load_checkpoint, save_checkpoint
from brandmlm.modeling.device import has_bf16, pick_device

ROOT: Final = Path(__file__).resolve().parents[1]
DEFAULT_RATE: Final = 5e-5  # of transformers' TrainingArguments, and so of run_mlm.py
PARTS: Final = (8, 4, 2)  # ours runs for an eighth of the tokens, a quarter, a half, until it is as good as plain
# Plain trainings by name, with their options.
KINDS: Final[dict[str, list[str]]] = {
    "plain": [],
    "plain, bf16": ["--bf16"],
    "plain, bf16, grouped by length": ["--bf16", "--group-by-length"],
    "plain, grouped by length": ["--group-by-length"],
}
VALIDATION_ROWS: Final = 100  # for the stage, which validates before and after the training; not timed
SPEED: Final = re.compile(r"([\d,]+) tokens in ([\d.]+) s, .* peak memory ([\d,]+) MB")  # in the stage's last line


@dataclass(frozen=True)
class Run:
    """One training: tokens, seconds, peak memory in bytes, and perplexity on the held-out rows afterwards."""

    tokens: int
    seconds: float
    memory: float
    perplexity: float

    @property
    def rate(self) -> float:
        """Tokens a second."""
        return self.tokens / self.seconds


class Anchor(NamedTuple):
    """A plain training: how it runs, a key of `KINDS`, and its learning rate."""

    kind: str
    rate: float

    def __str__(self) -> str:
        return f"{self.kind}, learning rate {self.rate:g}"


@dataclass(frozen=True)
class Bench:
    """What all runs share. `folder` has the base, the rows and a params.yaml; the runs write into it."""

    folder: Path
    params: Params
    held_out: pd.DataFrame

    def start(self, *words: str) -> str:
        """Run a module in the folder and return its output; exit with its code if it fails."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        # Each with the settings of OpenMP that its user has: `brandmlm` changes them on import.
        variables = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=self.folder, env={**variables, "PYTHONPATH": path},
            stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.returncode)
        return done.stdout

    def score(self, model_folder: Path) -> float:
        """The perplexity of a checkpoint on the held-out rows, in float32."""
        model, tokenizer = load_checkpoint(model_folder)
        evaluate = self.params.evaluate
        ids, texts = list(self.held_out["id"]), list(self.held_out["text"])
        examples = fixed_mask_examples(tokenizer, ids, texts, evaluate.mask_folds, evaluate.max_length)
        scores = score(model, tokenizer.pad_token_id, examples, len(texts), self.params.execution.micro_batch_tokens)
        return perplexity(float(scores["nll"].sum()), int(scores["tokens"].sum()))

    def plain(self, anchor: Anchor, tokens: int, seed: int) -> Run:
        out = self.folder / "plain"
        places = ["--data", "train.parquet", "--base", "base", "--out", "plain", *KINDS[anchor.kind]]
        recipe = ["--tokens", f"{tokens}", "--learning-rate", f"{anchor.rate}", "--seed", f"{seed}"]
        self.start("bench.plain", *places, *recipe)
        return Run(**read_json(out / "run.json"), perplexity=self.score(out))

    def ours(self, tokens: int, seed: int) -> Run:
        self.set_params(tokens, seed)
        data = ["--data", "train.parquet", "--validation", "validation.parquet", "--base", "base"]
        said = self.start("stages.train", "bench", *data, "--checkpoints", "steps", "--live", "live", "--out", "ours")
        found = SPEED.search(said)
        assert found, said
        trained, seconds, megabytes = (float(number.replace(",", "")) for number in found.groups())
        # Seconds are printed with one digit: 0.0 are less than 0.05.
        return Run(int(trained), max(seconds, 0.05), megabytes * 1e6, self.score(self.folder / "ours"))

    def set_params(self, tokens: int, seed: int) -> None:
        """Set tokens and seed, and validate only before the first and after the last step."""
        file = self.folder / "params.yaml"
        yaml = YAML()
        document = yaml.load(file)
        own = document[self.params.profile].setdefault("train", {})
        own.update({"tokens": tokens, "seed": seed, "num_evals": 1})
        yaml.dump(document, file)


def texts_of(files: list[Path], column: str) -> pd.DataFrame:
    """The corpus of CSV or parquet files with a column of texts, without repeated texts. Raises UserError."""
    texts: list[str] = []
    for file in files:
        try:
            table = read_table(file) if file.suffix == ".parquet" else pd.read_csv(file)
        except (OSError, ValueError) as error:
            raise UserError(f"{file}: not a readable CSV file ({error}); give CSV or parquet files") from None
        if column not in table.columns:
            raise UserError(
                f"{file}: no column {column!r}; name the texts' column: --column, one of {[*table.columns]}"
            )
        texts += [text for text in table[column].dropna().astype(str) if text.strip()]
    rows = pd.DataFrame({"text": list(dict.fromkeys(texts)), "source": "rows", "label": None, "rating": None})
    return make_corpus(rows.assign(group=rows["text"]))


def read_rows(places: list[Path], column: str, params: Params) -> dict[str, pd.DataFrame]:
    """Training, validation and test rows: a folder that the stage `split` has written, or files of texts to split."""
    if len(places) == 1 and places[0].is_dir():
        return {side: read_corpus(places[0] / f"{side}.parquet") for side in SPLITS}
    return split_corpus(texts_of(places, column), params.split)


def random_distilbert(tokenizer_folder: Path, folder: Path) -> None:
    """Write a checkpoint of distilbert-base-uncased's shape with random weights and the tokenizer of another."""
    _, tokenizer = load_checkpoint(tokenizer_folder)
    torch.manual_seed(0)
    config = DistilBertConfig(vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id)
    save_checkpoint(DistilBertForMaskedLM(config), tokenizer, folder)


def anchors(device: torch.device, rates: Sequence[float]) -> list[Anchor]:
    """The plain trainings to compare with on a device: those in bf16 only where it has such products."""
    bf16 = has_bf16(device)
    grouped = "plain, bf16, grouped by length" if bf16 else "plain, grouped by length"
    return [Anchor(kind, rate) for kind in ["plain", *["plain, bf16"] * bf16, grouped] for rate in rates]


def turn(bench: Bench, tokens: int, plainly: list[Anchor], seed: int) -> tuple[dict[Anchor, Run], dict[int, Run]]:
    """Plain runs, and ours by divisor of the tokens (1: all), until a shorter one is as good as the best plain run."""
    ours: dict[int, Run] = {}
    plain: dict[Anchor, Run] = {}
    for anchor in plainly:
        plain[anchor] = bench.plain(anchor, tokens, seed)
        say(f"{anchor}: {describe(plain[anchor])}")
    aim = min(run.perplexity for run in plain.values())
    ours[1] = bench.ours(tokens, seed)
    say(f"ours: {describe(ours[1])}")
    for part in PARTS:
        ours[part] = bench.ours(tokens // part, seed)
        say(f"ours, 1/{part} of the tokens: {describe(ours[part])}")
        if ours[part].perplexity <= aim:
            break
    return plain, ours


def best_of_each(runs: dict[Anchor, Run]) -> list[Anchor]:
    """Of each kind, the learning rate with the lowest perplexity."""
    kinds = dict.fromkeys(anchor.kind for anchor in runs)
    return [min((a for a in runs if a.kind == kind), key=lambda a: runs[a].perplexity) for kind in kinds]


def describe(run: Run) -> str:
    return (
        f"{run.tokens:,} tokens in {run.seconds:.1f} s, {run.rate:,.0f} tokens/s, {run.memory / 1e6:,.0f} MB, "
        f"perplexity {run.perplexity:.1f}"
    )


def middle(runs: list[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(value(run) for run in runs)


def row(name: str, runs: list[Run], reference: list[Run]) -> str:
    """A row of the table: medians over the turns; the ratio of speed is the median of the turns' ratios."""
    ratio = statistics.median(run.rate / other.rate for run, other in zip(runs, reference, strict=False))
    return (
        f"| {name} | {middle(runs, lambda run: run.tokens):,.0f} | {middle(runs, lambda run: run.rate):,.0f} | "
        f"{ratio:.2f} | {middle(runs, lambda run: run.seconds):.1f} | "
        f"{middle(runs, lambda run: run.memory) / 1e6:,.0f} | {middle(runs, lambda run: run.perplexity):.1f} |"
    )


def table(start: float, plain: dict[Anchor, list[Run]], ours: dict[int, list[Run]], best: list[Anchor]) -> str:
    """The Markdown table and its conclusions about time and memory.

    Args:
        start: the base's perplexity.
        best: the plain runs with which ours is compared, of each kind one. Ratios are to that of lowest perplexity.
    """
    reference = min(best, key=lambda anchor: middle(plain[anchor], lambda run: run.perplexity))
    lines = [
        "| | tokens | tokens/s | ratio | seconds | peak memory, MB | held-out perplexity |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| base, not trained | | | | | | {start:.1f} |",
    ]
    for anchor, runs in plain.items():
        notes = ["the default"] * (anchor.rate == DEFAULT_RATE) + ["the best"] * (anchor in best and len(plain) > 1)
        lines.append(row(", ".join([str(anchor), *notes]), runs, plain[reference]))
    for part, runs in ours.items():
        lines.append(row("ours" if part == 1 else f"ours, 1/{part} of the tokens", runs, plain[reference]))
    lines.append("")
    for anchor in best:
        wanted = middle(plain[anchor], lambda run: run.perplexity)
        rates = middle(ours[1], lambda run: run.rate) / middle(plain[anchor], lambda run: run.rate)
        reached = [runs for runs in ours.values() if middle(runs, lambda run: run.perplexity) <= wanted]
        said = f"{anchor} (perplexity {wanted:.1f}): ours has {rates:.2f} times its tokens/s"
        if reached:
            seconds = min(middle(runs, lambda run: run.seconds) for runs in reached)
            plainly = middle(plain[anchor], lambda run: run.seconds)
            said += f" and is as good after {seconds:.1f} s instead of {plainly:.1f} s: 1/{plainly / seconds:.1f}."
        else:
            said += " and is not as good."
        lines.append(said)
    memory = middle(ours[1], lambda run: run.memory) / middle(plain[reference], lambda run: run.memory)
    lines.append(f"Peak memory: {memory:.2f} of the best plain run's ({reference}).")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, default=Path("data/base"), help="folder of the checkpoint (data/base)")
    parser.add_argument(
        "--random-weights", action="store_true", help="DistilBERT's shape with random weights; the base's tokenizer"
    )
    parser.add_argument(
        "--rows", type=Path, nargs="+", default=[Path("data/split")],
        help="a folder that the stage split has written (data/split), or CSV or parquet files of texts",
    )  # fmt: skip
    parser.add_argument("--column", default="text", help="the texts' column in such files (text)")
    parser.add_argument("--tokens", type=int, default=100_000, help="tokens to train on (100000)")
    parser.add_argument("--held-out", type=int, default=200, help="most test rows to score (200)")
    parser.add_argument("--turns", type=int, default=2, help="turns, with another seed each (2)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="else execution.device of params.yaml")
    parser.add_argument(
        "--wise-ft-alpha", type=float, metavar="ALPHA",
        help="WiSE-FT mixing coefficient of ours; else train.wise_ft_alpha of params.yaml, which also keeps general "
        "English, which is not scored here",
    )  # fmt: skip
    parser.add_argument(
        "--learning-rates", type=float, nargs="+", default=[DEFAULT_RATE, 2e-4, 5e-4], metavar="RATE",
        help="of the plain runs: all in the first turn, then the best of each (5e-5 2e-4 5e-4)",
    )  # fmt: skip
    args = parser.parse_args()
    if min(args.tokens // max(PARTS), args.turns, args.held_out) < 1:
        raise UserError(f"--tokens must be {max(PARTS)} or more, --turns and --held-out 1 or more")
    params = load_params()
    logging.set_verbosity_error()
    rows = read_rows(args.rows, args.column, params)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if args.random_weights:
            random_distilbert(args.base, folder / "base")
        else:
            load_checkpoint(args.base)  # fail early
            (folder / "base").symlink_to(args.base.resolve())
        yaml = YAML()
        document = yaml.load(Path("params.yaml"))
        if args.device:
            document["execution"]["device"] = args.device
        if args.wise_ft_alpha is not None:
            document[params.profile].setdefault("train", {})["wise_ft_alpha"] = args.wise_ft_alpha
        yaml.dump(document, folder / "params.yaml")
        write_table(rows["train"], folder / "train.parquet")
        # Ids are hashes: the first ones are a fixed sample.
        write_table(rows["validation"].sort_values("id").head(VALIDATION_ROWS), folder / "validation.parquet")
        bench = Bench(folder, params, rows["test"].sort_values("id").head(args.held_out))
        start = bench.score(folder / "base")
        say(f"{len(rows['train']):,} training rows, {len(bench.held_out):,} held out; base: perplexity {start:.1f}")
        plain: dict[Anchor, list[Run]] = {}
        ours: dict[int, list[Run]] = {}
        device = pick_device(load_params(folder / "params.yaml").execution)
        plainly = anchors(device, args.learning_rates)
        for number in range(args.turns):
            done, own = turn(bench, args.tokens, plainly, params.train.seed + number)
            for anchor, run in done.items():
                plain.setdefault(anchor, []).append(run)
            for part, run in own.items():
                ours.setdefault(part, []).append(run)
            if number == 0:
                plainly = best = best_of_each(done)
    say("\n" + table(start, plain, ours, best))


if __name__ == "__main__":
    run(main, interrupted="nothing is kept of it")
