"""Measure a `dvc repro` that has nothing to do, against a bare DVC project with as many stages that run `true`.

    python -m bench.noop            # this project, after `make repro`
    python -m bench.noop FOLDER     # another copy of it that has been run

Runs alternate, so that other load affects both alike; medians are compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML


def dvc(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"dvc {' '.join(words)} in {folder}: {done.stderr}")
    return done.stdout


def bare(folder: Path, stages: int) -> None:
    """Create a git and DVC project with this many stages that run `true`, and run it once."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    dvc(folder, "init", "-q")
    for key in ("core.analytics", "core.check_update"):
        dvc(folder, "config", key, "false")
    # One dependency each: DVC always runs a stage that has none.
    (folder / "input").write_text("1\n", encoding="utf-8")
    document = {"stages": {f"stage{n}": {"cmd": "true", "deps": ["input"]} for n in range(stages)}}
    YAML().dump(document, folder / "dvc.yaml")
    dvc(folder, "repro", "-q")


def timed(folder: Path) -> tuple[float, float]:
    """Wall seconds and the children's processor seconds of one `dvc repro`."""
    before, started = os.times(), time.perf_counter()
    dvc(folder, "repro")
    wall, after = time.perf_counter() - started, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the project (default: this one)")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    stages = len(YAML(typ="safe").load(arguments.folder / "dvc.lock")["stages"])
    with TemporaryDirectory() as scratch:
        bare(Path(scratch), stages)
        for folder in (arguments.folder, Path(scratch)):
            if "Running stage" in dvc(folder, "repro"):
                raise SystemExit(f"{folder}: had something to run; now it has not: measure again")
        both = [(timed(arguments.folder), timed(Path(scratch))) for _ in range(arguments.repeats)]
    for name, place in (("wall", 0), ("processor", 1)):
        ours, theirs = (statistics.median(pair[side][place] for pair in both) for side in (0, 1))
        print(f"{name}: {stages} stages, {ours:.2f} s; bare project {theirs:.2f} s; ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
