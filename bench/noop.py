"""How long a `dvc repro` takes that has nothing to do, against a bare DVC project of as many stages that run `true`.

    python -m bench.noop            # this project, after `make repro`
    python -m bench.noop FOLDER     # another copy of it that has been run

The two take turns, so that whatever else the machine does meets both alike; medians are compared.
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
    """A git and DVC project with so many stages that run `true`, run once."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    dvc(folder, "init", "-q")
    for key in ("core.analytics", "core.check_update"):
        dvc(folder, "config", key, "false")
    # One dependency each: DVC runs a stage without any every time.
    (folder / "input").write_text("1\n", encoding="utf-8")
    document = {"stages": {f"stage{n}": {"cmd": "true", "deps": ["input"]} for n in range(stages)}}
    YAML().dump(document, folder / "dvc.yaml")
    dvc(folder, "repro", "-q")


def timed(folder: Path) -> tuple[float, float]:
    """Wall and processor seconds (both of the children) of one `dvc repro`."""
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
                raise SystemExit(f"{folder}: had something to run; it has not now, start again")
        both = [(timed(arguments.folder), timed(Path(scratch))) for _ in range(arguments.repeats)]
    for name, place in (("wall", 0), ("processor", 1)):
        ours, theirs = (statistics.median(pair[side][place] for pair in both) for side in (0, 1))
        print(f"{name}: {stages} stages, {ours:.2f} s; bare project {theirs:.2f} s; ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
