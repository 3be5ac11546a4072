"""`brand-mlm seeds`: train with several seeds, as experiments, show mean and spread, and write the known noise.

Each seed is an experiment of its own (`dvc exp run --temp -S train.seed=…`), one after the other, so that nothing in
the workspace changes but `metrics/noise.json`. An experiment's name has a digest of the commit and of the edits on top
of it: an experiment that exists is not run again.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from brandmlm.commands.git import changes, git, head_commit, need_repository, read_file
from brandmlm.commands.project import enter_project
from brandmlm.config.published import DETAILS
from brandmlm.core.command_line import fail, say
from brandmlm.core.errors import UserError

if TYPE_CHECKING:
    from brandmlm.reporting.seed_spread import MeasureSpread
    from brandmlm.reporting.tables import Measure

EXAMPLE: Final = "brand-mlm seeds 5 6 7"


def workspace_digest() -> str:
    """A digest of what an experiment starts from: the commit, and the edits of tracked files on top of it,
    but for the file that this command writes."""
    return hashlib.sha256(f"{head_commit()}\n".encode() + changes("metrics/noise.json")).hexdigest()[:8]


def experiment_commit(name: str) -> str:
    """The digest of an experiment's commit; empty if there is no experiment of this name."""
    return (git("for-each-ref", "--format=%(objectname)", f"refs/exps/**/{name}") or b"").decode().strip()


def run_experiment(name: str, seed: int) -> None:
    """Run the pipeline with a seed, in a copy. Raises UserError if it fails."""
    words = [sys.executable, "-m", "dvc", "exp", "run", "--temp", "-n", name, "-S", f"train.seed={seed}"]
    if subprocess.run(words, check=False).returncode:
        raise UserError(f"seed {seed}: the experiment failed, see above; correct the cause and run `make seeds` again")


def run_missing(names: dict[int, str]) -> None:
    """Run the experiments that do not exist yet; `names`: by seed."""
    for seed, name in names.items():
        if experiment_commit(name):
            say(f"seeds: {name} is there")
        else:
            run_experiment(name, seed)


def read_run(name: str, top: int) -> tuple[dict[str, float], list[Measure]]:
    """The metrics of an experiment by their full names, without counts, and its final table."""
    from brandmlm.reporting.comparison.metrics import flatten, without_counts
    from brandmlm.reporting.tables import final_measures

    try:
        metrics: dict[str, Any] = json.loads(read_file(experiment_commit(name), DETAILS) or b"null")
        return dict(flatten(without_counts(metrics))), final_measures(metrics, top)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{name}: its metrics cannot be read ({error}); `dvc exp remove {name}` and run again"
        ) from None


def show(spreads: Sequence[MeasureSpread], seeds: Sequence[int], as_json: bool) -> None:
    """Print the spread over the seeds as a table or as JSON."""
    from brandmlm.reporting.seed_spread import spread_table

    if as_json:
        measures = [
            {**asdict(row), "models": {model: spread.values for model, spread in row.models.items()}} for row in spreads
        ]
        say(json.dumps({"seeds": seeds, "measures": measures}, ensure_ascii=False))
    else:
        Console().print(spread_table(spreads, seeds))


def seeds(
    values: Annotated[list[int], typer.Argument(metavar="SEED", help="Values of train.seed; at least two.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all values as JSON, after the runs' output.")] = False,
) -> None:
    """Train with several seeds; show mean and spread.

    Each seed is an experiment; one that exists is not run again. Writes `metrics/noise.json`, by which `compare` and
    `results` tell differences from noise: commit it.
    """
    distinct = list(dict.fromkeys(values))
    if len(distinct) < 2:
        raise UserError("one seed has no spread; name at least two: brand-mlm seeds 5 6 7")
    enter_project()
    need_repository("experiments")

    from brandmlm.config.params.reading import load_params

    params = load_params()
    digest = workspace_digest()
    names = {seed: f"seed-{seed}-{digest}" for seed in distinct}
    try:
        run_missing(names)
    except KeyboardInterrupt:
        fail("interrupted; finished seeds are kept, run it again to continue", 130)

    from brandmlm.reporting.comparison.noise import NOISE, measure_noise, write_noise
    from brandmlm.reporting.seed_spread import spread_over_seeds

    runs, tables = zip(*(read_run(name, params.report.top) for name in names.values()), strict=True)
    spreads = spread_over_seeds(tables)
    write_noise(measure_noise(params.profile, params.brand, distinct, runs, spreads))
    say(f"seeds: {NOISE} is written; commit it")
    show(spreads, distinct, as_json)
