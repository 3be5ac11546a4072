"""A stage ends with the DVC that started it; a command that wraps DVC passes signals on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import PLAIN, ROOT, dvc, environment

# A stage that writes its process id and then does nothing.
STAGE = """
import os, sys, time
from pathlib import Path
sys.argv[0] = "-m"
sys.platform = os.environ.get("PLATFORM", sys.platform)
import stages
from brandmlm.core.command_line import run
def main():
    Path("started").write_text(str(os.getpid()))
    time.sleep(600)
run(main)
"""
DVC_YAML = "stages:\n  slow:\n    cmd: python slow.py\n    deps: [slow.py]\n    outs: [out]\n"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def stage_of(project: Path) -> int:
    started = project / "started"
    wait_until(lambda: started.exists() and started.read_text())
    return int(started.read_text())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "slow.py").write_text(STAGE)
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "params.yaml").write_text("{}\n")
    dvc(tmp_path, "init", "-q", "--no-scm")
    dvc(tmp_path, "config", "core.analytics", "false")
    return tmp_path


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(project: Path) -> Iterator[Start]:
    """Starts a command in the project, in a group of its own; ends what is left of it."""
    running = []

    def begin(*words: str, **extra: str) -> subprocess.Popen[str]:
        variables = environment(PYTHONPATH=str(ROOT), **PLAIN, **extra)
        process = subprocess.Popen(
            words, cwd=project, env=variables, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


DVC = (sys.executable, "-m", "dvc", "repro")
TIMED = (sys.executable, "-m", "brandmlm", "timed", *DVC)

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux
@pytest.mark.slow
@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_stage_ends_with_its_dvc(project: Path, start: Start, shell: str, number: int) -> None:
    """Some shells stay between DVC and the stage, and outlive DVC."""
    running = start(*DVC, SHELL=shell)
    stage = stage_of(project)
    running.send_signal(number)
    wait_until(lambda: not alive(stage), 10)


@linux
@pytest.mark.slow
def test_where_no_kernel_tells_a_stage_looks(project: Path, start: Start) -> None:
    running = start(*DVC, SHELL="/bin/bash", PLATFORM="other")
    stage = stage_of(project)
    running.kill()
    wait_until(lambda: not alive(stage), 10)


@linux
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_stage_ends_with_the_command_that_times_it(project: Path, start: Start, number: int) -> None:
    running = start(*TIMED, SHELL="/bin/sh")
    stage = stage_of(project)
    running.send_signal(number)
    wait_until(lambda: not alive(stage), 10)
    assert running.wait(20) == (-9 if number == signal.SIGKILL else 143)


@linux
def test_what_a_person_started_goes_on_without_its_shell(project: Path, start: Start) -> None:
    """As with `nohup`: only DVC's stages end with what started them."""
    parent = start(sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, 'slow.py'])")
    stage = stage_of(project)
    parent.kill()
    parent.wait()
    time.sleep(0.5)
    assert alive(stage)
    os.kill(stage, signal.SIGKILL)


def test_a_terminated_command_cleans_up_and_says_so(tmp_path: Path, project: Path, start: Start) -> None:
    code = """
import os, time
from brandmlm.core.command_line import run
from brandmlm.core.files import atomic_folder
def main():
    with atomic_folder("out"):
        open("started", "w").write(str(os.getpid()))
        time.sleep(600)
run(main, interrupted="the next run resumes")
"""
    running = start(sys.executable, "-c", code)
    stage_of(project)
    assert (project / ".out.partial").is_dir() and (project / ".out.lock").is_file()
    running.terminate()
    assert running.communicate(timeout=20)[1] == "error: ended by SIGTERM; the next run resumes\n"
    assert running.returncode == 143
    assert not [path for path in project.iterdir() if path.name.startswith(".out")]


def test_ctrl_c_while_modules_are_imported_is_one_line(project: Path, start: Start) -> None:
    code = """
import os, sys, time
sys.argv[0] = "-m"
import stages
open("started", "w").write(str(os.getpid()))
time.sleep(600)
"""
    running = start(sys.executable, "-c", code)
    stage_of(project)
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=20)[1] == "error: interrupted; nothing was changed\n"


POOL = """
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from brandmlm.core.lifetime import end_with_parent
def work(number):
    Path(f"worker{number}").write_text(str(os.getpid()))
    time.sleep(0.5)
    Path(f"worker{number}").rename(f"idle{number}")
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(2, initializer=end_with_parent, mp_context=context) as pool:
        list(pool.map(work, range(2)))
        time.sleep(600)
"""


@linux
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("state", ["worker", "idle"])
def test_the_workers_of_a_pool_end_with_their_process(project: Path, start: Start, method: str, state: str) -> None:
    (project / "pool.py").write_text(POOL)
    running = start(sys.executable, "pool.py", method)
    files = [project / f"{state}{number}" for number in range(2)]
    wait_until(lambda: all(file.exists() and file.read_text() for file in files))
    workers = [int(file.read_text()) for file in files]
    running.kill()
    wait_until(lambda: not any(map(alive, workers)), 10)
