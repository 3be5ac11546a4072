"""Runs the project's commands for the tests in forks of processes that have imported their libraries once.

A `train` of seconds spends half of them on importing torch and transformers. Here a *zygote* imports them, then forks
for each command. Only third-party libraries are imported before the fork: a command imports the project's own modules
from the copy in which it runs. Importing starts no thread that a fork would miss.

The supervisor (`python server.py <address>`) takes requests from `client.py` and passes each one, with the client's
streams, to the zygote of its environment: variables like HF_HOME and PYTHONHASHSEED are read on import, so each
combination of these has its own zygote. It ends when its standard input does.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import gc
import marshal
import os
import re
import runpy
import selectors
import signal
import site
import socket
import subprocess
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ("bench", "brandmlm", "stages")
MOST_BYTES = 1 << 20  # of a request
MOST_ZYGOTES = 4
FEW = 2  # requests of an environment that are left to Python, but for the first environment of all
# Variables that no library reads on import.
PER_COMMAND = re.compile(
    r"_|BASE|CELERY_\w+|COLUMNS|CONNECTIONS_LOG|DVC_\w+|DW_\w+|GIT_\w+|GITHUB_\w+|HTML|KAGGLE_\w+|MAKE\w*|MFLAGS|NAME"
    r"|NUMBER|OLDPWD|PATH|PICTURES|PWD|PYTEST_\w+|PYTHONPATH|SEEDS|SHLVL|TORCHINDUCTOR_CACHE_DIR|TRACE_FOLDER"
    r"|_MP_FORK_\w+"
)
# What is imported by name at run time: by DVC per command, by transformers per architecture.
DVC = """
import dvc.cli.parser, dvc.repo.checkout, dvc.repo.commit, dvc.repo.diff, dvc.repo.experiments.queue.celery
import dvc.repo.experiments.show, dvc.repo.metrics.show, dvc.repo.params.show, dvc.repo.plots, dvc.repo.push
import dvc.repo.reproduce, dvc.stage.cache, dvc.stage.run
"""
MODELS = """
import transformers.models.bert.modeling_bert, transformers.models.bert.tokenization_bert
import transformers.models.distilbert.modeling_distilbert
"""


class Request(NamedTuple):
    module: str
    words: tuple[str, ...]
    environment: dict[str, str]
    folder: str
    umask: int
    ignored: list[int]  # signals

    @property
    def kind(self) -> str:
        return "dvc" if self.module == "dvc" else "project"

    @property
    def key(self) -> tuple[str, ...]:
        """Requests of the same key can be served by the same zygote."""
        shared = (f"{name}={value}" for name, value in self.environment.items() if not PER_COMMAND.fullmatch(name))
        return (self.kind, *sorted(shared))


def libraries() -> Iterator[str]:
    """The import statements of third-party modules in the project's sources."""
    for file in sorted(file for folder in PROJECT for file in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = node.names[0].name if isinstance(node, ast.Import) else getattr(node, "module", None)
            if isinstance(node, ast.Import | ast.ImportFrom) and names and names.partition(".")[0] not in PROJECT:
                yield ast.unparse(node)


def preload(kind: str) -> None:
    if os.environ.get("PRELOAD") == "nothing":
        return
    for statement in dict.fromkeys(DVC.splitlines() if kind == "dvc" else [*libraries(), *MODELS.splitlines()]):
        with contextlib.suppress(ImportError):  # a module that is there for some versions or systems
            exec(statement, {})
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()


def end(code: object) -> NoReturn:
    """Leave the process as Python does, without taking the imported modules down."""
    if not isinstance(code, int | None):
        print(code, file=sys.stderr)
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads; concurrent.futures hooks into it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit((code or 0) & 0xFF)


def become(request: Request, streams: list[int]) -> NoReturn:
    """Turn this fork into the process that was asked for and run its module."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in request.ignored:
        signal.signal(number, signal.SIG_IGN)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.umask(request.umask)
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    sys.orig_argv[:] = [sys.executable, "-m", request.module, *request.words]
    sys.argv[:] = ["-m", *request.words]
    sys.path[:0] = filter(None, request.environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.modules.pop("sitecustomize", None)
    site.execsitecustomize()
    sys.path.insert(0, request.folder)
    code: object = 0
    try:
        runpy.run_module(request.module, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        code = left.code
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        code = 1
    end(code)


def zygote(kind: str, control: socket.socket) -> None:
    """Fork for each request from the supervisor, tell clients how their command ended, pass their signals on."""
    sys.path.pop(0)  # this script's folder
    preload(kind)
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wakes.fileno())
    running: dict[int, socket.socket] = {}  # connections by process
    poll = selectors.DefaultSelector()
    poll.register(control, selectors.EVENT_READ, "control")
    poll.register(woken, selectors.EVENT_READ, "ended")
    asked = True
    while asked or running:
        for ready, _ in poll.select():
            if ready.data == "control":
                data, descriptors, *_ = socket.recv_fds(control, MOST_BYTES, 4)
                if not data:
                    asked = False
                    poll.unregister(control)
                    continue
                pid = os.fork()
                if not pid:
                    for other in (control, woken, wakes, poll, *running.values()):
                        other.close()
                    os.close(descriptors[0])
                    become(Request(*marshal.loads(data)), descriptors[1:])
                for stream in descriptors[1:]:
                    os.close(stream)
                running[pid] = socket.socket(fileno=descriptors[0])
                poll.register(running[pid], selectors.EVENT_READ, pid)
            elif ready.data == "ended":
                woken.recv(4096)
                while running:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                    if not pid:
                        break
                    connection = running.pop(pid)
                    with contextlib.suppress(KeyError):
                        poll.unregister(connection)
                    with connection, contextlib.suppress(OSError):
                        connection.send(b"%d" % status)
            elif ready.data in running:
                try:
                    number = running[ready.data].recv(1)
                except OSError:
                    number = b""
                with contextlib.suppress(ProcessLookupError):
                    if number:
                        os.kill(ready.data, number[0])
                    else:  # the client was killed
                        os.killpg(ready.data, signal.SIGKILL)
                        poll.unregister(running[ready.data])


class Zygote:
    def __init__(self, request: Request) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: value for name, value in request.environment.items() if name != "PYTHONPATH"}
        environment.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as brandmlm.onnx does before it imports ONNX Runtime
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "zygote", request.kind, str(theirs.fileno())],
                env=environment, cwd="/", stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip

    def stop(self) -> None:
        self.control.close()


def supervise(listening: socket.socket) -> None:
    zygotes: dict[tuple[str, ...], Zygote] = {}  # the least recently used first
    ending: list[Zygote] = []
    seen = Counter[tuple[str, ...]]()
    poll = selectors.DefaultSelector()
    for source in (sys.stdin, listening):
        poll.register(source, selectors.EVENT_READ)
    while not any(ready.fileobj is sys.stdin for ready, _ in poll.select()):
        connection, _ = listening.accept()
        with connection:
            data, streams, *_ = socket.recv_fds(connection, MOST_BYTES, 3)
            if not data:
                continue
            request = Request(*marshal.loads(data))
            seen[request.key] += 1
            served = seen[request.key] > FEW or not any(key[0] == request.kind for key in zygotes)
            kept = zygotes.pop(request.key, None) or (Zygote(request) if served else None)
            try:
                if kept is None:
                    connection.send(b"python")
                else:
                    socket.send_fds(kept.control, [data], [connection.fileno(), *streams])
                    zygotes[request.key] = kept
            except OSError:  # the zygote or the client has ended: the one tells the other
                pass
        for stream in streams:
            os.close(stream)
        while len(zygotes) > MOST_ZYGOTES:
            ending.append(zygotes.pop(next(iter(zygotes))))
            ending[-1].stop()
    for one in [*zygotes.values(), *ending]:
        one.stop()
        one.process.wait()


def write_scripts(folder: Path, address: Path) -> None:
    """Write scripts that ask the server at this address: `python`, `dvc` and the project's own command."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in {"python": "", "python3": "", "dvc": "-m dvc ", "brand-mlm": "-m brandmlm "}.items():
        script = folder / name
        client = Path(__file__).with_name("client.py")
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{client}" "{address}" {module}"$@"\n')
        script.chmod(0o755)


def main(role: str, *words: Any) -> None:
    if role == "zygote":
        zygote(words[0], socket.socket(fileno=int(words[1])))
    else:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(words[0])
            listening.listen(64)
            supervise(listening)


if __name__ == "__main__":
    main(*sys.argv[1:])
