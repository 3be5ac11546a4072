"""Compare this project's training with a plain one: speed, memory, and perplexity afterwards.

    python -m bench.train

Both start from the same checkpoint, read the same rows for the same number of tokens, and are scored on every token of
the same held-out rows. Ours is the stage `train` itself, with its params; the other is `bench/plain.py` with several
learning rates, of which the best one counts. They take turns, each in a process of its own. Ours also runs on parts of
the tokens, to find how soon it is as good as the plain one at its end.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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

ROOT: Final = Path(__file__).resolve().parents[1]
DEFAULT_RATE: Final = 5e-5  # of transformers' TrainingArguments, and so of run_mlm.py
PARTS: Final = (8, 4, 2)  # ours runs for an eighth of the tokens, a quarter, a half, until it is as good as plain
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


@dataclass(frozen=True)
class Bench:
    """What all runs share. `folder` has the base, the rows and a params.yaml; the runs write into it."""

    folder: Path
    params: Params
    held_out: pd.DataFrame

    def start(self, *words: str) -> str:
        """Run a module in the folder and return its output; exit with its code if it fails."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=self.folder, env={**os.environ, "PYTHONPATH": path},
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

    def plain(self, tokens: int, rate: float, seed: int) -> Run:
        out = self.folder / "plain"
        places = ["--data", "train.parquet", "--base", "base", "--out", "plain"]
        self.start("bench.plain", *places, "--tokens", f"{tokens}", "--learning-rate", f"{rate}", "--seed", f"{seed}")
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


def turn(bench: Bench, tokens: int, rates: list[float], seed: int) -> tuple[dict[float, Run], dict[int, Run]]:
    """Plain runs by learning rate, and ours by divisor of the tokens (1: all), until a shorter one is as good as the
    best plain run."""
    ours: dict[int, Run] = {}
    plain: dict[float, Run] = {}
    for rate in rates:
        plain[rate] = bench.plain(tokens, rate, seed)
        say(f"plain, learning rate {rate:g}: {describe(plain[rate])}")
    aim = min(run.perplexity for run in plain.values())
    ours[1] = bench.ours(tokens, seed)
    say(f"ours: {describe(ours[1])}")
    for part in PARTS:
        ours[part] = bench.ours(tokens // part, seed)
        say(f"ours, 1/{part} of the tokens: {describe(ours[part])}")
        if ours[part].perplexity <= aim:
            break
    return plain, ours


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


def table(start: float, plain: dict[float, list[Run]], ours: dict[int, list[Run]], best: float) -> str:
    """The Markdown table and its conclusion about time and memory; `start`: the base's perplexity."""
    aim = plain[best]
    lines = [
        "| | tokens | tokens/s | ratio | seconds | peak memory, MB | held-out perplexity |",
        "|---|---:|---:|---:|---:|---:|---:|",
        f"| base, not trained | | | | | | {start:.1f} |",
    ]
    for rate, runs in plain.items():
        notes = [f"learning rate {rate:g}"]
        notes += ["the default"] * (rate == DEFAULT_RATE) + ["the best"] * (rate == best and len(plain) > 1)
        lines.append(row(f"plain, {', '.join(notes)}", runs, aim))
    for part, runs in ours.items():
        lines.append(row("ours" if part == 1 else f"ours, 1/{part} of the tokens", runs, aim))
    wanted = middle(aim, lambda run: run.perplexity)
    reached = [runs for runs in ours.values() if middle(runs, lambda run: run.perplexity) <= wanted]
    lines.append("")
    if reached:
        seconds = min(middle(runs, lambda run: run.seconds) for runs in reached)
        plainly = middle(aim, lambda run: run.seconds)
        lines.append(
            f"As good as the plain run at its end (perplexity {wanted:.1f}) after {seconds:.1f} s instead of "
            f"{plainly:.1f} s: 1/{plainly / seconds:.1f} of the time."
        )
    else:
        lines.append(f"Not as good as the plain run at its end (perplexity {wanted:.1f}).")
    memory = middle(ours[1], lambda run: run.memory) / middle(aim, lambda run: run.memory)
    lines.append(f"Peak memory: {memory:.2f} of the plain run's.")
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
        help="of the plain run: all in the first turn, then the best one (5e-5 2e-4 5e-4)",
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
        plain: dict[float, list[Run]] = {}
        ours: dict[int, list[Run]] = {}
        rates, best = args.learning_rates, 0.0
        for number in range(args.turns):
            done, own = turn(bench, args.tokens, rates, params.train.seed + number)
            for rate, run in done.items():
                plain.setdefault(rate, []).append(run)
            for part, run in own.items():
                ours.setdefault(part, []).append(run)
            if number == 0:
                best = min(done, key=lambda rate: done[rate].perplexity)
                rates = [best]
    say("\n" + table(start, plain, ours, best))


if __name__ == "__main__":
    run(main, interrupted="nothing is kept of it")
