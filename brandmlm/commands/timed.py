"""`brand-mlm timed`: run a command of DVC's and note how long each stage took.

The times go to `.dvc/tmp/stage_times.json`: by stage, the seconds of its last run on this machine and the digest of
the entry in dvc.lock that the run made; `brand-mlm compare` shows them. They are no output of the pipeline: outputs are
the same in every run, times are not.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.commands.dvc_files import explain_failure, remove_cut_off_list
from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import ENDING, fail
from brandmlm.core.files import write_json
from brandmlm.core.lifetime import die_with_parent

EXAMPLE: Final = "brand-mlm timed dvc repro"

TIMES: Final = ".dvc/tmp/stage_times.json"

STARTED: Final = re.compile(r"^Running stage '([^']+)':")

# What DVC prints after a stage: the next one, or the end of the run.
ENDED: Final = re.compile(r"^(Updating lock file|Generating lock file|Running stage|Stage '|Use `dvc push`|ERROR: )")


def follow(words: list[str]) -> tuple[int, dict[str, float]]:
    """Run a command and pass its output on line by line; its exit code, and the seconds of each stage that it ran."""
    seconds: dict[str, float] = {}
    # Unbuffered: otherwise a stage's line arrives when the pipe is full, not when the stage starts.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        bufsize=1,
        preexec_fn=die_with_parent(signal.SIGTERM),
    ) as process:
        assert process.stdout is not None
        stage, started = "", 0.0
        with passing_signals_to(process):
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                if stage and ENDED.match(line):
                    seconds[stage] = time.monotonic() - started
                    stage = ""
                if found := STARTED.match(line):
                    stage, started = found.group(1), time.monotonic()
            process.wait()
    return process.returncode, seconds


@contextmanager
def passing_signals_to(process: subprocess.Popen[str]) -> Iterator[None]:
    """Leave the answer to signals to a child: it gets those that end a process, and its end is waited for.

    Ctrl-C reaches the child by itself: the terminal sends it to both.
    """
    handlers = {signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            handlers[number] = signal.signal(number, lambda number, frame: process.send_signal(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def note(seconds: dict[str, float]) -> None:
    """Add the times of stages that dvc.lock knows to those noted before."""
    from brandmlm.reporting.comparison.locks import entry_digest, parse_lock

    lock = Path("dvc.lock")
    stages = parse_lock(lock.read_bytes(), "workspace") if lock.exists() else {}
    try:
        noted = dict(json.loads(Path(TIMES).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        noted = {}
    for stage, taken in seconds.items():
        if stage in stages:
            noted[stage] = {"entry": entry_digest(stages[stage]), "seconds": round(taken, 2)}
    write_json(TIMES, noted)


def read_times() -> dict[str, tuple[str, float]]:
    """By stage, the digest of its lock entry and the seconds of that run, as noted on this machine."""
    try:
        document = json.loads(Path(TIMES).read_text(encoding="utf-8"))
        return {stage: (str(entry["entry"]), float(entry["seconds"])) for stage, entry in document.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # times are a convenience: without them the page shows none


def timed(words: Annotated[list[str], typer.Argument(metavar="COMMAND", help="A command that runs stages.")]) -> None:
    """Run a DVC command in the project's root folder and note how long each stage takes."""
    enter_project()
    remove_cut_off_list()
    try:
        code, seconds = follow(words)
    except FileNotFoundError:
        fail(f"{words[0]}: no such command; activate the environment with `. .venv/bin/activate`", 127)
    if code > 0:
        explain_failure()
    if seconds:
        note(seconds)
    raise typer.Exit(code if code >= 0 else 128 - code)  # ended by a signal: as a shell says it
