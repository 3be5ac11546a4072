"""Processor and wall seconds of every stage's process, and of its imports.

    python -m bench.whole_run                                # this project, after `make repro`
    python -m bench.whole_run BEFORE . --stages evaluate report --turns 3

Runs the commands of dvc.yaml, without DVC, in each of the folders: copies of the project, of any revision, that have
been run. Folders take turns, so that other work on the machine affects them alike. Outputs are written again;
the same code writes the same bytes.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

IMPORT = "import gc; gc.disable(); import stages.{}"  # as `python -m stages.…` does it


class Cost(NamedTuple):
    processor: float  # seconds, of the process and those that it started
    wall: float  # seconds
    memory: float  # MB at the peak, of the largest process


def commands(folder: Path) -> dict[str, str]:
    """The command of each stage, items of `foreach` included, in the order in which DVC runs them."""
    words = [sys.executable, "-m", "dvc", "repro", "--dry", "--force"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{folder}: {done.stderr}")
    return dict(re.findall(r"^Running stage '(.+)':\n> (.+)$", done.stdout, re.MULTILINE))


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
    # All compare their code with what the stage `code` writes.
    chosen = {"code", *args.stages}
    planned = {
        folder: {
            stage: command
            for stage, command in commands(folder).items()
            if not args.stages or stage.partition("@")[0] in chosen
        }
        for folder in args.folders
    }
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
    if len(planned) > 1:
        metrics = {(folder / "metrics" / "metrics.json").read_bytes() for folder in planned}
        print("\nmetrics.json:", "the same bytes" if len(metrics) == 1 else "differs")


if __name__ == "__main__":
    main()
