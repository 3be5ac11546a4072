"""Run a command of DVC's and note how long each stage took: `python -m brandmlm.commands.timed dvc repro`.

In: a command that runs stages. Out: what the command prints, as it comes, and `.dvc/tmp/stage_times.json`: by stage,
the seconds of its last run here and the digest of the entry in dvc.lock that it made. `brandmlm.commands.compare` shows the times.
They are no output of the pipeline: those are the same at every run, times are not.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from brandmlm.commands.locks import entry_digest, parse_lock
from brandmlm.core.command_line import fail, run
from brandmlm.core.files import write_json

TIMES: Final = ".dvc/tmp/stage_times.json"

STARTED = re.compile(r"^Running stage '([^']+)':")

# What DVC prints when it is done with a stage: the next one, or the end of all.
ENDED = re.compile(r"^(Updating lock file|Generating lock file|Running stage|Stage '|Use `dvc push`|ERROR: )")


def follow(words: list[str]) -> tuple[int, dict[str, float]]:
    """Run a command, its output passed on line by line; its exit code, and the seconds of each stage that it ran."""
    seconds: dict[str, float] = {}
    # Unbuffered, or a stage's line would come when the pipe is full and not when the stage starts.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, bufsize=1) as process:
        assert process.stdout is not None
        stage, started = "", 0.0
        # Ctrl-C reaches DVC as well, which ends its stage; we wait for it to say so.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                if stage and ENDED.match(line):
                    seconds[stage] = time.monotonic() - started
                    stage = ""
                if found := STARTED.match(line):
                    stage, started = found.group(1), time.monotonic()
        finally:
            signal.signal(signal.SIGINT, interrupt)
    return process.returncode, seconds


def note(seconds: dict[str, float]) -> None:
    """Add the times to those noted before, for the stages that dvc.lock knows."""
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
    """By stage, the digest of its lock entry and the seconds that run took, as noted here."""
    try:
        document = json.loads(Path(TIMES).read_text(encoding="utf-8"))
        return {stage: (str(of["entry"]), float(of["seconds"])) for stage, of in document.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # nothing was timed here; it only means that no times are shown


def main() -> None:
    words = sys.argv[1:]
    if not words or words[0] in ("-h", "--help"):
        print(__doc__.strip() if words else "usage: python -m brandmlm.commands.timed dvc repro")
        raise SystemExit(0 if words else 2)
    try:
        code, seconds = follow(words)
    except FileNotFoundError:
        fail(f"{words[0]}: no such command; activate the environment with `. .venv/bin/activate`", 127)
    if seconds:
        note(seconds)
    raise SystemExit(code)


if __name__ == "__main__":
    run(main)
