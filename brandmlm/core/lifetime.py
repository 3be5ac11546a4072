"""A process that ends with another one: a stage without its DVC would write beside the next run's stages."""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_POLL_S: Final = 1.0  # between two looks at the parent, where the system has no signal for its end

# What says that a program, not a person, started this process: DVC, or a launcher of torch.
_STARTED_BY: Final = ("DVC_STAGE", "RANK")


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A function that asks the kernel to send this process a signal when its parent ends; None if no kernel can.

    The request outlives `exec`, so that the function can be the `preexec_fn` of a child.
    """
    if sys.platform != "linux":
        return None
    import ctypes  # 10 ms, which only a stage of DVC pays

    prctl = ctypes.CDLL(None).prctl  # looked up here: after a fork, before an exec, is no time to load a library
    starter = os.getpid()

    def request() -> None:
        parent = starter if os.getpid() != starter else os.getppid()
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it ended before the request
            os.kill(os.getpid(), number)

    return request


def _starter(pid: int) -> int:
    """The nearest process from `pid` upwards that is no shell of DVC's: DVC gives the variable to what it starts."""
    mark = f"DVC_STAGE={os.environ.get('DVC_STAGE', '')}".encode()
    while pid > 1:
        try:
            process = Path("/proc", str(pid))
            if mark not in (process / "environ").read_bytes().split(b"\0"):
                return pid
            # The fields after the name, which may have blanks and parentheses: state, parent.
            pid = int((process / "stat").read_bytes().rpartition(b")")[2].split()[1])
        except OSError:  # another user's, or gone
            return pid
    return pid


def _kill() -> None:
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _wait_for(process: int) -> None:
    """Kill this process when another one ends."""
    try:
        select.select([os.pidfd_open(process)], [], [])
    except (AttributeError, OSError):  # it has ended, or this kernel or sandbox has no such call
        while Path("/proc", str(process)).exists():
            time.sleep(_POLL_S)
    _kill()


def _poll(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    _kill()


def _watch(target: Callable[[int], None], argument: int) -> None:
    threading.Thread(target=target, args=(argument,), name="parent", daemon=True).start()


def end_with_parent() -> None:
    """Kill this worker of a process pool when the process that made the pool ends: the workers hold the ends of their
    queue themselves, so that they would wait for ever."""
    if parent := multiprocessing.parent_process():

        def wait(_: int) -> None:
            parent.join()
            _kill()

        _watch(wait, 0)


def end_with_starter() -> None:
    """Kill this process when DVC, or the launcher that started it, ends. What a person started goes on, as with nohup.

    SIGKILL, because nobody is left to read a message, and because Python handles no signal inside a long operation.
    """
    if not any(name in os.environ for name in _STARTED_BY):
        return
    parent = os.getppid()
    request = die_with_parent(signal.SIGKILL)
    if request is None:
        _watch(_poll, parent)
        return
    request()
    starter = _starter(parent)
    if starter not in (parent, 1):  # a shell between (dash, fish) outlives DVC
        _watch(_wait_for, starter)
