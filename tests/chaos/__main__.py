"""Lets moments happen to a small pipeline and says what became of each: `python -m chaos --help`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import conftest

from chaos.judge import judge
from chaos.moments import draw_moment
from chaos.world import World

ISOLATED = "CHAOS_ISOLATED"  # set in a namespace of its own


def isolate() -> None:
    """Begin again in a namespace of its own, in which a user may mount, if the system allows one."""
    words = ["unshare", "--user", "--map-root-user", "--mount"]
    if ISOLATED in os.environ or not shutil.which(words[0]):
        return
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
        os.environ[ISOLATED] = "1"
        os.execvp(words[0], [*words, sys.executable, "-m", "chaos", *sys.argv[1:]])


def summary(records: Iterable[dict[str, Any]]) -> str:
    records = [*records]
    lines = [f"{len(records)} moments: {dict(Counter(record['outcome'] for record in records))}"]
    kinds = {
        "signal": lambda moment: moment["signal"] and f"{moment['signal']} to {moment['target']}",
        "edit": lambda moment: moment["edit"],
        "disk": lambda moment: moment["free"] is not None and "full",
        "stage": lambda moment: moment["stage"],
        "event": lambda moment: moment["event"],
    }
    for name, kind in kinds.items():
        counts = Counter(kind(record["moment"]) for record in records)
        told = ", ".join(f"{value} {count}" for value, count in sorted(counts.items(), key=str) if value)
        lines.append(f"  {name}: {told}")
    late = sum(not record["reached"] for record in records)
    resumed = sum(record["resumed"] for record in records)
    lines.append(f"  {late} came after the end of the run; {resumed} trainings went on from a checkpoint")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of moments to let happen again")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "brand-mlm-chaos"))
    arguments = parser.parse_args()
    world = World(arguments.folder.absolute())
    with contextlib.ExitStack() as stack:
        stack.callback(world.unmount)
        world.mount()
        if not world.real_disk:
            isolate()
        os.environ.update(TMPDIR=str(world.disk / "tmp"), OMP_NUM_THREADS="1")
        conftest.pytest_configure(SimpleNamespace(add_cleanup=stack.callback))  # the preloaded processes
        world.prepare()
        print(
            f"chaos: seed {arguments.seed}, in {world.folder}, disk {'full' if world.real_disk else 'limited'}",
            flush=True,
        )
        records = go(world, arguments)
    print(summary(records))
    sys.exit(any(record["faults"] for record in records))


def go(world: World, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    results = world.folder / "results.jsonl"
    known = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    done = {record["moment"]["number"]: record for record in known if record["seed"] == arguments.seed}
    numbers = arguments.only or list(range(arguments.moments))
    logs = world.folder / "moments"
    logs.mkdir(exist_ok=True)
    for number in numbers:
        if number in done and not arguments.only:
            continue
        moment = draw_moment(arguments.seed, number)
        with (logs / f"{arguments.seed}-{number}.txt").open("w", encoding="utf-8") as log:
            print(moment, file=log, flush=True)
            verdict = judge(world, moment, lambda text: print(text, file=log, flush=True))
        done[number] = {"seed": arguments.seed, **verdict.record()}
        with results.open("a", encoding="utf-8") as file:
            print(json.dumps(done[number]), file=file)
        late = "" if verdict.reached else " (after the end)"
        print(f"{number:3} {verdict.seconds:4.0f} s {verdict.outcome}{late}: {moment}", flush=True)
        for line in [
            *(f"refused: {line}" for line in verdict.refusals),
            *verdict.faults,
            *(f"left: {path}" for path in verdict.left),
        ]:
            print(f"      {line}", flush=True)
        if verdict.faults:
            again = f"PYTHONPATH=tests python -m chaos --seed {arguments.seed} --only {number} --folder {world.folder}"
            print(f"      again: {again}; its output is in {log.name}", flush=True)
    return [done[number] for number in numbers]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    main()
