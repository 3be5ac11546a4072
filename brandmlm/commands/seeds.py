"""Train with several seeds and print what they give: mean, spread, and in how many of them v2 is better than v1.

Each seed is an experiment of its own (`dvc exp run --temp -S train.seed=…`), one after the other: the workspace stays
as it is. Its name tells what it was run on, the commit and the edits upon it: one that is there is not run again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dvc.api
from dvc.exceptions import DvcException
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from brandmlm.commands.revisions import git, need_repository
from brandmlm.config.params.reading import load_params
from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.reporting.formatting import exact_percent, number
from brandmlm.reporting.tables import Measure, final_measures


@dataclass(frozen=True)
class Spread:
    """What several runs gave for one measure of one model."""

    values: tuple[float, ...]  # in the order of the seeds

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """Standard deviation of the sample (n - 1)."""
        return statistics.stdev(self.values)


@dataclass(frozen=True)
class Row:
    """A measure over all seeds."""

    name: str
    better: str  # lower or higher
    shares: bool  # whether the values are shares of 1
    models: Mapping[str, Spread]
    wins: int  # seeds in which v2 is better than v1


def workspace_digest() -> str:
    """What an experiment starts from: the commit, and the edits upon it of files that git knows."""
    need_repository("experiments")
    state = (git("rev-parse", "HEAD") or b"") + (git("diff", "HEAD", "--binary") or b"")
    return hashlib.sha256(state).hexdigest()[:8]


def is_there(name: str) -> bool:
    return bool(git("for-each-ref", f"refs/exps/**/{name}"))


def run_experiment(name: str, seed: int) -> None:
    """Run the pipeline with a seed, in a copy. Raises UserError where it fails."""
    words = [sys.executable, "-m", "dvc", "exp", "run", "--temp", "-n", name, "-S", f"train.seed={seed}"]
    if subprocess.run(words, check=False).returncode:
        raise UserError(f"seed {seed}: the experiment failed, see above; mend it and run `make seeds` again")


def read_measures(name: str, top: int) -> list[Measure]:
    """The final table of an experiment."""
    try:
        metrics: dict[str, Any] = dict(dvc.api.metrics_show(rev=name))
        return final_measures(metrics, top)
    except (DvcException, KeyError) as error:
        raise UserError(
            f"{name}: its metrics cannot be read ({error}); `dvc exp remove {name}` and run again"
        ) from None


def gather(runs: Sequence[Sequence[Measure]]) -> list[Row]:
    """The final tables of several runs, measure by measure; measures that one of them lacks are left out."""
    place = {model: column for column, model in enumerate(VARIANTS)}
    rows = []
    for same in zip(*runs, strict=True):
        found = {
            model: tuple(value for measure in same if (value := measure.values[place[model]]) is not None)
            for model in TRAINED_VARIANTS
        }
        if any(len(values) < len(runs) for values in found.values()):
            continue
        first, sign = same[0], -1 if same[0].better == "lower" else 1
        wins = sum(sign * v2 > sign * v1 for v1, v2 in zip(found["full"], found["filtered"], strict=True))
        spreads = {model: Spread(values) for model, values in found.items()}
        rows.append(Row(first.name, first.better, first.shares, spreads, wins))
    return rows


def cell(spread: Spread, shares: bool) -> str:
    """Mean ± standard deviation (least to greatest)."""
    show = exact_percent if shares else number
    low, high = min(spread.values), max(spread.values)
    return f"{show(spread.mean)} ± {show(spread.deviation)} ({show(low)} to {show(high)})"


def table(rows: Sequence[Row], seeds: Sequence[int]) -> Table:
    listed = ", ".join(map(str, seeds))
    shown = Table(
        title=f"{len(seeds)} seeds: {listed}", title_justify="left", caption_justify="left", box=box.SIMPLE,
        caption="mean ± standard deviation (least to greatest)",
    )  # fmt: skip
    shown.add_column("", overflow="fold")
    for model in TRAINED_VARIANTS:
        shown.add_column(VARIANTS[model], justify="right")
    shown.add_column("better")
    shown.add_column("v2 better", justify="right")
    for row in rows:
        cells = [row.name, *(cell(row.models[model], row.shares) for model in TRAINED_VARIANTS)]
        shown.add_row(*map(Text, [*cells, row.better, f"{row.wins} of {len(seeds)}"]))
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m brandmlm.commands.seeds", description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="+", type=int, help="values of train.seed, two at least")
    parser.add_argument("--json", action="store_true", help="all values as JSON, after what the runs print")
    args = parser.parse_args()
    seeds = list(dict.fromkeys(args.seeds))
    if len(seeds) < 2:
        raise UserError('one seed has no spread; name two at least: make seeds SEEDS="5 6 7"')
    top = load_params().report.top
    digest = workspace_digest()
    names = {seed: f"seed-{seed}-{digest}" for seed in seeds}
    for seed, name in names.items():
        if is_there(name):
            say(f"seeds: {name} is there")
        else:
            run_experiment(name, seed)
    rows = gather([read_measures(name, top) for name in names.values()])
    if args.json:
        measures = [
            {**asdict(row), "models": {m: asdict(of)["values"] for m, of in row.models.items()}} for row in rows
        ]
        say(json.dumps({"seeds": seeds, "measures": measures}, ensure_ascii=False))
    else:
        Console().print(table(rows, seeds))


if __name__ == "__main__":
    run(main, interrupted="the seeds that are done stay; run it again to go on")
