"""What a project is after a moment: `dvc repro` ends in the bytes of an undisturbed run, or says what to do."""

from __future__ import annotations

import hashlib
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chaos.edits import BROKEN, EDITS, SPOILED
from chaos.happen import Disk, disturb, has_traceback
from chaos.moments import Moment
from chaos.world import World, run, run_cache, snapshot

ROUNDS = 5  # of a run, a refusal and what it says to do


@dataclass
class Verdict:
    moment: Moment
    reached: bool = False
    refusals: list[str] = field(default_factory=list)
    unhelpful: str = ""  # a line of DVC's that does not say what to do; `make repro` does
    resumed: bool = False  # a training went on from a checkpoint
    left: list[str] = field(default_factory=list)  # partial outputs and locks that are still there
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def outcome(self) -> str:
        return "FAULT" if self.faults else "refused, then same bytes" if self.refusals else "same bytes"

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "outcome": self.outcome}


def refusal(output: str) -> str:
    """The line in which a run says why it failed: the stage's, or else DVC's, or else the last one."""
    lines = [""] + [stripped for part in output.splitlines() for line in part.split("\r") if (stripped := line.strip())]
    own = [line for line in lines if line.startswith("error: ")]
    return (own or [line for line in lines if line.startswith("ERROR: ")] or lines)[-1]


class Remedy:
    """Does what a refusal says."""

    def __init__(self, world: World, project: Path, moment: Moment, disk: Disk) -> None:
        self.world, self.project, self.moment, self.disk = world, project, moment, disk

    def restore_broken(self) -> None:
        if self.moment.edit in BROKEN:
            file = BROKEN[self.moment.edit][0]
            self.world.restore(self.project, file)
            if file == EDITS[self.moment.change].file:
                EDITS[self.moment.change].make(self.project)

    def follow(self, line: str) -> bool:
        """False if the line does not say what to do."""
        broken = BROKEN.get(self.moment.edit or "", ("",))[0]
        if re.search(r"No space left|free space|File too large", line):
            self.disk.free()
        elif broken and broken in line:
            self.restore_broken()
        elif commands := re.findall(r"`((?:dvc|git|rm) [^`]+)`", line):
            for command in commands:
                if command != "dvc repro":
                    run(self.project, "sh", "-c", command)
        elif not re.search(r"run (it |this )?again", line):
            return False
        return True


def expected(moment: Moment) -> set[str]:
    """The edits of inputs that a project has after a moment."""
    if moment.edit == "reverted":
        return set()
    return {moment.change, *([moment.edit] if moment.edit in EDITS else [])}


def compare(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    faults = []
    for name in sorted(found["files"].keys() | wanted["files"].keys()):
        here, there = found["files"].get(name), wanted["files"].get(name)
        if here != there:
            faults.append(f"{name}: {'missing' if here is None else 'superfluous' if there is None else 'other bytes'}")
    if found["lock"] != wanted["lock"]:
        faults.append("dvc.lock: other content")
    return faults


def cache_faults(project: Path, known: dict[str, str]) -> list[str]:
    """What is wrong with DVC's cache, though nothing shows it yet."""
    faults = []
    for file in (project / ".dvc" / "cache" / "files" / "md5").glob("*/*"):
        name = (file.parent.name + file.name).removesuffix(".dir")
        if re.fullmatch("[0-9a-f]{32}", name) and hashlib.md5(file.read_bytes()).hexdigest() != name:
            faults.append(f"{file.relative_to(project)}: not the bytes of its name")
    runs = run_cache(project)
    faults += [
        f"run cache {key[:8]}: other outputs than undisturbed" for key in runs if known.get(key, runs[key]) != runs[key]
    ]
    return faults


def leftovers(project: Path) -> list[str]:
    found = [path for path in project.rglob(".*") if re.search(r"\.(partial|lock)$", path.name)]
    return sorted(str(path.relative_to(project)) for path in found if ".git" not in path.parts)


Log = Callable[[str], object]


def _repro(project: Path, log: Log, *before: str) -> subprocess.CompletedProcess[str]:
    done = run(project, *before, "dvc", "repro")
    log(f"--- {' '.join(before)} dvc repro: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def recover(project: Path, remedy: Remedy, verdict: Verdict, log: Log) -> bool:
    """Run until it succeeds, and do what each refusal says."""
    for _ in range(ROUNDS):
        try:
            done = _repro(project, log)
        except subprocess.TimeoutExpired:
            verdict.faults.append("a run after the moment did not end")
            return False
        verdict.resumed |= "resuming from" in done.stdout
        if has_traceback(done.stdout + done.stderr):
            verdict.faults.append("a traceback of a run after the moment")
        if done.returncode == 0:
            return True
        line = refusal(done.stdout + "\n" + done.stderr)
        verdict.refusals.append(line)
        if remedy.follow(line):
            continue
        # DVC stops at a file of its own. `make repro` runs it so, and mends the file or says what to do.
        verdict.unhelpful = line
        done = _repro(project, log, "python", "-m", "brandmlm", "timed")
        line = refusal(done.stdout + "\n" + done.stderr)
        if done.returncode and not remedy.follow(line):
            verdict.faults.append(f"does not say what to do: {line}")
            return False
    verdict.faults.append(f"still refused after {ROUNDS} runs")
    return False


def judge(world: World, moment: Moment, log: Log) -> Verdict:
    """Let a moment happen to a new copy of the project, and see what becomes of it."""
    verdict = Verdict(moment)
    began = time.monotonic()
    wanted = world.reference(expected(moment))
    world.reference([])
    project, disk = world.project(), Disk(world)
    if moment.edit in SPOILED:  # with outputs linked as after `dvc pull`: what is overwritten may be a cache's, too
        run(project, "dvc", "checkout", "--relink")
    EDITS[moment.change].make(project)
    happened = disturb(world, project, moment, disk)
    log(f"--- disturbed: {happened.code} {happened.spoiled}\n{happened.output}")
    verdict.reached = happened.reached
    verdict.faults += happened.faults
    remedy = Remedy(world, project, moment, disk)
    done = recover(project, remedy, verdict, log)
    disk.free()
    if done and moment.edit in BROKEN:  # where nothing read it
        remedy.restore_broken()
        done = recover(project, remedy, verdict, log)
    if done:
        verdict.faults += compare(snapshot(project), wanted)
        verdict.faults += cache_faults(project, world.known_runs())
        again = _repro(project, log)
        if again.returncode or "Running stage" in again.stdout:
            verdict.faults.append("another run is not a no-op")
    verdict.left = leftovers(project)
    verdict.seconds = time.monotonic() - began
    return verdict
