"""Runs `dvc repro` in real processes and lets a moment happen to it."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chaos.edits import BROKEN, EDITS, SPOILED
from chaos.moments import Moment
from chaos.world import World, outputs

END_S = 180.0  # in which a disturbed run must end; machines are busy
GONE_S = 15.0  # in which a stage must follow its DVC
POLL_S = 0.002

OUTS = {
    "code": "data/code", "fetch": "data/raw", "base": "data/base", "clean": "data/clean",
    "synthesize": "data/synthetic", "split": "data/split", "filter": "data/filtered", "report": "plots",
}  # fmt: skip
FOLDERS = {"train": "data/models", "evaluate": "data/eval", "export": "data/export"}


@dataclass
class Happened:
    code: int | None = None  # of DVC; None: it did not end
    output: str = ""
    reached: bool = False  # the event came before the run ended
    spoiled: str = ""  # the file of an output that was changed
    faults: list[str] = field(default_factory=list)


def out_of(project: Path, stage: str) -> Path:
    name, _, key = stage.partition("@")
    return project / (f"{FOLDERS[name]}/{key}" if key else OUTS[name])


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def processes(session: int) -> Iterator[int]:
    """The living processes of a session."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, *fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                if int(fields[2]) == session and state != b"Z":
                    yield int(entry.name)


def stage_process(session: int) -> int | None:
    """The process of the stage that runs: not DVC, and no shell."""
    for pid in processes(session):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"-m" in words[1:2] and words[2].partition(b".")[0] in (b"stages", b"brandmlm"):
                return pid
    return None


class Disk:
    """Leaves a number of bytes on the project's disk; where it has no disk of its own, limits the size of files."""

    def __init__(self, world: World) -> None:
        self.real = world.real_disk
        self.folder = world.disk
        self.filler = world.disk / "filler"

    def fill(self, free: int, session: int) -> None:
        if not self.real:
            for pid in processes(session):
                with contextlib.suppress(OSError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (free, resource.RLIM_INFINITY))
            return
        status = os.statvfs(self.folder)
        with self.filler.open("wb") as filler, contextlib.suppress(OSError):
            os.posix_fallocate(filler.fileno(), 0, max(1, status.f_bavail * status.f_frsize - free))

    def free(self) -> None:
        self.filler.unlink(missing_ok=True)


def _wait_for(moment: Moment, project: Path, seen: threading.Event, running: subprocess.Popen[str]) -> bool:
    """Wait for the moment's event and its delay; False if the run ended before."""
    out = out_of(project, moment.stage)
    before = _inode(out)
    checkpoints = project / "data" / "checkpoints" / moment.stage.partition("@")[2]

    def come() -> bool:
        if moment.event == "dvc":
            return True
        if not seen.is_set():
            return False
        if moment.event == "writing":
            return any([*out.parent.glob(f".{out.name}.partial"), *out.glob(".*.partial")])
        if moment.event == "written":
            return _inode(out) not in (0, before)
        if moment.event == "checkpoint":
            return any(checkpoints.glob("*/*"))
        return True

    while not come():
        if running.poll() is not None:
            return False
        time.sleep(POLL_S)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(moment.delay)
    return running.poll() is None


def edit(world: World, project: Path, moment: Moment) -> str:
    """Make the moment's edit; the file of an output that it changed, if any."""
    assert moment.edit
    if moment.edit == "reverted":
        world.restore(project, EDITS[moment.change].file)
    elif moment.edit in EDITS:
        EDITS[moment.edit].make(project)
    elif moment.edit in BROKEN:
        name, text = BROKEN[moment.edit]
        with (project / name).open("a", encoding="utf-8") as opened:
            opened.write(text)
    else:
        files = outputs(project)
        file = files[int(moment.spoiled * len(files))]
        with contextlib.suppress(FileNotFoundError):  # the stage that makes it has begun
            SPOILED[moment.edit](file)
        return str(file.relative_to(project))
    return ""


# What fsspec prints when Ctrl-C meets it while it makes a progress bar, beside DVC's own line.
_BAR = re.compile(
    r"Exception ignored in: <function TqdmCallback\.__del__ [^\n]*\nTraceback [^\n]*\n(?: [^\n]*\n)*\w+Error[^\n]*\n?"
)


def has_traceback(output: str) -> bool:
    """Whether a run printed a traceback, but for fsspec's about a progress bar that was never made."""
    return "Traceback (most recent call last)" in _BAR.sub("", output)


def _end(running: subprocess.Popen[str], happened: Happened) -> None:
    """Wait for DVC's end and for its stage's."""
    try:
        happened.code = running.wait(END_S)
    except subprocess.TimeoutExpired:
        happened.faults.append(f"the run did not end within {END_S:.0f} s")
    deadline = time.monotonic() + GONE_S
    while left := [*processes(running.pid)]:
        if happened.code is None or time.monotonic() > deadline:
            happened.faults.append(f"{len(left)} processes outlive DVC")
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            break
        time.sleep(0.05)


def disturb(world: World, project: Path, moment: Moment, disk: Disk) -> Happened:
    happened = Happened()
    running = subprocess.Popen(
        ["dvc", "repro"], cwd=project, env=world.disturbed(project, moment.stage), start_new_session=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    seen = threading.Event()
    lines: list[str] = []

    def read() -> None:
        assert running.stdout
        for line in running.stdout:
            lines.append(line)
            if line.startswith(f"Running stage '{moment.stage}'"):
                seen.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    happened.reached = _wait_for(moment, project, seen, running)
    if moment.free is not None:
        disk.fill(moment.free, running.pid)
    if moment.edit:
        happened.spoiled = edit(world, project, moment)
    if moment.signal and happened.reached:
        with contextlib.suppress(ProcessLookupError):
            number = moment.number_of_signal
            if moment.target == "group":
                os.killpg(running.pid, number)
            else:
                stage = stage_process(running.pid) if moment.target == "stage" else None
                os.kill(stage or running.pid, number)
    _end(running, happened)
    reader.join(10)
    happened.output = "".join(lines)
    if has_traceback(happened.output):
        happened.faults.append("a traceback of the disturbed run")
    return happened
