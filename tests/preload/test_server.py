"""A command in a fork of a preloaded process behaves as one that Python itself runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import command, environment
from preload.server import FEW

pytestmark = pytest.mark.skipif("PRELOADED" not in os.environ, reason="commands are preloaded on Linux only")

SHOW = """
import atexit, json, os, sys, threading
atexit.register(lambda: print("bye"))
threading.Timer(0.1, lambda: print("thread")).start()
print("to stderr", file=sys.stderr)
print(json.dumps({
    "read": sys.stdin.read(), "argv": sys.argv, "folder": os.getcwd(), "path": sys.path[0], "name": __name__,
    "variable": os.environ.get("SOME_VARIABLE"), "hash": hash("word"), "umask": os.umask(0),
    "own": sorted(name for name in sys.modules if name.partition(".")[0] in ("bench", "brandmlm", "stages", "tools")),
}))
sys.exit(3)
"""
WAIT = """
import os, time
from pathlib import Path
Path("waiting").write_text(str(os.getpid()))
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stages").mkdir()
    for name, text in {"__init__": "", "show": SHOW, "wait": WAIT, "fail": "1 / 0", "quit": "exit('why')"}.items():
        (tmp_path / "stages" / f"{name}.py").write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "variables", [{}, {"SOME_VARIABLE": "1", "PYTHONHASHSEED": "2", "PRELOAD": "nothing"}], ids=repr
)
def test_it_is_as_python_runs_it(folder: Path, variables: dict[str, str]) -> None:
    asked = ("-m", "stages.show", "one", "--two")
    for _ in range(FEW + 1):  # the last time by a process with these variables
        served, plain = (
            command(folder, python, *asked, ok=False, stdin="typed", **variables)
            for python in ("python", sys.executable)
        )
        assert (served.returncode, served.stdout, served.stderr) == (3, plain.stdout, "to stderr\n")
        assert json.loads(served.stdout.splitlines()[0])["own"] == ["stages"]


@pytest.mark.parametrize("module", ["fail", "quit", "missing"])
def test_failures_are_those_of_python(folder: Path, module: str) -> None:
    served, plain = (
        command(folder, python, "-m", f"stages.{module}", ok=False) for python in ("python", sys.executable)
    )
    assert served.returncode == plain.returncode == 1
    assert served.stderr.splitlines()[-1].split(": ")[-1] == plain.stderr.splitlines()[-1].split(": ")[-1]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_it(folder: Path, sent: signal.Signals) -> None:
    words = ("python", "-m", "stages.wait")
    with subprocess.Popen(words, cwd=folder, env=environment(), stderr=subprocess.DEVNULL) as running:
        while not (folder / "waiting").exists() or not (pid := (folder / "waiting").read_text()):
            time.sleep(0.01)
        assert int(pid) != running.pid
        running.send_signal(sent)
        assert running.wait(30) == -sent
    deadline = time.monotonic() + 30
    while Path("/proc", pid).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
