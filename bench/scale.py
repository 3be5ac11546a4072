"""Measure the data stages at several numbers of rows: processor and wall seconds, peak memory, and how they grow.

    python -m bench.scale
    python -m bench.scale --rows 10000 100000 1000000 --stages fetch split filter

makes rows of the sample's sentences (`bench/scale_rows.py`), or takes three tables of the sample's schemas from
`--tables FOLDER`, and runs each stage in a process of its own, as DVC does. What finished is kept in `--work` and not
run again. Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ruamel.yaml import YAML

from bench.scale_rows import TABLES, write_tables
from brandmlm.core.code_digest import PROJECT
from brandmlm.core.command_line import run
from brandmlm.core.files import read_json, write_json

ARGUMENTS: Final = {
    "fetch": "--out data/raw",
    "clean": "--raw data/raw --lexicon {brand}/lexicon.yaml --out data/clean",
    "synthesize": "--lexicon {brand}/lexicon.yaml --templates {brand}/templates.yaml --probes {brand}/probes.yaml "
    "--out data/synthetic",
    "split": "--corpus data/clean --synthetic data/synthetic --out data/split",
    "filter": "--split data/split --reviews data/clean --lexicon {brand}/lexicon.yaml --out data/filtered",
}

OUTPUTS: Final = {
    "fetch": "raw",
    "clean": "clean",
    "synthesize": "synthetic",
    "split": "split",
    "filter": "filtered",
}


class Cost(NamedTuple):
    """What one run of a stage took."""

    cpu_s: float
    wall_s: float
    peak_mb: float  # resident memory of the largest process
    digest: str  # of the output: the same for the same bytes


def digest(folder: Path) -> str:
    """Twelve hex digits of a folder's files, names and bytes."""
    total = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "origin.json"):
        with file.open("rb") as stream:
            total.update(f"{file.relative_to(folder)} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()[:12]


def write_params(folder: Path, tables: Path, settings: Sequence[str]) -> None:
    """Write the project's params with the three tables as sources.

    Args:
        folder: Where `params.yaml` goes.
        tables: The folder of the tables.
        settings: Changes, such as `execution.workers=2`.
    """
    yaml = YAML()
    document = yaml.load((PROJECT / "params.yaml").read_text(encoding="utf-8"))
    document["profile"] = "sample"
    document["fetch"]["max_megabytes"] = 1_000_000
    for name, source in document["sample"]["sources"].items():
        source["kind"], source["path"] = "file", str(tables / f"{name}.csv")
    for setting in settings:
        key, _, value = setting.partition("=")
        section, _, name = key.partition(".")
        document[section][name] = yaml.load(value)
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def run_stage(stage: str, folder: Path) -> Cost:
    """Run one stage in `folder`, which has the outputs of those before it. Raises SystemExit if it fails."""
    words = ARGUMENTS[stage].format(brand=PROJECT / "brands" / "nike")
    script = f"cd '{folder}' && exec '{sys.executable}' -m stages.{stage} {words}"
    began = time.monotonic()
    pid = os.posix_spawn("/bin/sh", ["/bin/sh", "-c", script], os.environ | {"PYTHONPATH": str(PROJECT)})
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"stage {stage} in {folder} failed")
    cost = (used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1000)
    return Cost(*cost, digest(folder / "data" / OUTPUTS[stage]))


def measure(rows: int, folder: Path, tables: Path, stages: Sequence[str]) -> dict[str, Cost]:
    """The cost of each stage; those measured before are read from `costs.json`."""
    file = folder / "costs.json"
    costs = {stage: Cost(*cost) for stage, cost in (read_json(file) if file.exists() else {}).items()}
    for stage in stages:
        if stage not in costs:
            costs[stage] = run_stage(stage, folder)
            write_json(file, {name: list(cost) for name, cost in costs.items()})
            print(f"{rows:,} rows: {stage}: {json.dumps(costs[stage]._asdict())}", file=sys.stderr, flush=True)
    return costs


def exponent(small: float, large: float, factor: float) -> float:
    """The growth between two numbers of rows: 1 is linear."""
    return math.log(large / small) / math.log(factor)


def print_table(found: dict[int, dict[str, Cost]], stages: Sequence[str]) -> None:
    """Print a line for each stage and number of rows; the exponent is that of processor seconds."""
    print("| stage | rows | CPU s | wall s | peak MB | exponent | output |\n|---|---:|---:|---:|---:|---:|---|")
    for stage in stages:
        before: tuple[int, Cost] | None = None
        for rows, costs in sorted(found.items()):
            cost = costs[stage]
            growth = f"{exponent(before[1].cpu_s, cost.cpu_s, rows / before[0]):.2f}" if before else ""
            print(
                f"| `{stage}` | {rows:,} | {cost.cpu_s:.1f} | {cost.wall_s:.1f} | {cost.peak_mb:,.0f} | {growth} "
                f"| {cost.digest} |"
            )
            before = rows, cost


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--large", action="store_true", help="also 1,000,000 and 10,000,000 rows")
    parser.add_argument("--stages", nargs="+", choices=list(ARGUMENTS), default=list(ARGUMENTS))
    parser.add_argument("--tables", type=Path, help="folder of folders, named after their rows, with the three tables")
    parser.add_argument("--work", type=Path, default=Path("data/bench-scale"), help="where the runs are kept")
    parser.add_argument("-S", "--set", dest="settings", action="append", default=[], help="such as execution.workers=2")
    parser.add_argument("--again", action="store_true", help="forget earlier measurements of these stages")
    args = parser.parse_args()
    sizes = sorted({*args.rows, *((1_000_000, 10_000_000) if args.large else ())})
    found = {}
    for rows in sizes:
        folder = (args.work / str(rows)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        tables = (args.tables / str(rows)).absolute() if args.tables else folder / "tables"
        if not all((tables / f"{name}.csv").is_file() for name in TABLES):
            write_tables(rows, tables)
        write_params(folder, tables, args.settings)
        if args.again and (folder / "costs.json").exists():
            kept = {stage: cost for stage, cost in read_json(folder / "costs.json").items() if stage not in args.stages}
            write_json(folder / "costs.json", kept)
        found[rows] = measure(rows, folder, tables, args.stages)
        shutil.rmtree(folder / "data" / ".raw.unused", ignore_errors=True)
    print_table(found, args.stages)


if __name__ == "__main__":
    run(main)
