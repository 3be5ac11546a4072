"""Processor and wall seconds of every stage's process, and of its imports.

    python -m bench.whole_run                                # this project, after `make repro`
    python -m bench.whole_run BEFORE . --stages evaluate report --turns 3

Runs the commands that dvc.lock records, without DVC, in each of the folders: copies of the project, of any revision,
that have been run. Folders take turns, so that other work on the machine affects them alike. Outputs are written again;
the same code writes the same bytes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

IMPORT = "import gc; gc.disable(); import stages.{}"  # as `python -m stages.…` does it


class Cost(NamedTuple):
    processor: float  # seconds, of the process and those that it started
    wall: float  # seconds
    memory: float  # MB at the peak, of the largest process


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def commands(folder: Path, chosen: list[str]) -> dict[str, str]:
    """The command of each stage, items of `foreach` included, in the order of dvc.yaml."""
    locked = read(folder / "dvc.lock")["stages"]
    return {
        stage: str(entry["cmd"])
        for name in read(folder / "dvc.yaml")["stages"]
        for stage, entry in locked.items()
        if stage.partition("@")[0] == name and (not chosen or name in chosen)
    }


def measure(folder: Path, words: list[str], stage: str) -> Cost:
    """Run a command in a folder."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "DVC_STAGE": stage, "DVC_ROOT": str(folder.resolve()), "PATH": search}
    started = time.monotonic()
    process = subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{folder}: {stage}: {said[-1000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.whole_run", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[Path()], help="copies that have been run")
    parser.add_argument("--stages", nargs="+", default=[], help="names as in dvc.yaml (default: all)")
    parser.add_argument("--turns", type=int, default=1)
    args = parser.parse_args()
    planned = {folder: commands(folder, args.stages) for folder in args.folders}
    if args.stages:  # the others compare their code with what this one writes
        for folder in args.folders:
            measure(folder, ["sh", "-c", commands(folder, ["code"])["code"]], "code")
    imports: dict[tuple[Path, str], list[Cost]] = {}
    runs: dict[tuple[Path, str], list[Cost]] = {}
    for _ in range(args.turns):
        for stage in dict.fromkeys(stage for stages in planned.values() for stage in stages):
            for folder, stages in planned.items():
                name = stage.partition("@")[0]
                if (folder / "stages" / f"{name}.py").exists():
                    words = [sys.executable, "-c", IMPORT.format(name)]
                    imports.setdefault((folder, stage), []).append(measure(folder, words, ""))
                if stage in stages:
                    runs.setdefault((folder, stage), []).append(measure(folder, ["sh", "-c", stages[stage]], stage))
    for folder in planned:
        print(f"\n{folder}: medians of {args.turns} turns\n")
        print("| stage | imports, processor s | processor s | wall s | peak memory, MB |\n|---|---:|---:|---:|---:|")
        mine = {stage: median(costs) for (where, stage), costs in runs.items() if where == folder}
        for stage, cost in mine.items():
            took = imports.get((folder, stage))
            importing = f"{median(took).processor:.2f}" if took else ""
            print(f"| `{stage}` | {importing} | {cost.processor:.1f} | {cost.wall:.1f} | {cost.memory:.0f} |")
        print(f"| all | | {sum(c.processor for c in mine.values()):.1f} | {sum(c.wall for c in mine.values()):.1f} | |")
    metrics = {(folder / "metrics" / "metrics.json").read_bytes() for folder in planned}
    if len(planned) > 1:
        print("\nmetrics.json:", "the same bytes" if len(metrics) == 1 else "differs")


if __name__ == "__main__":
    main()
