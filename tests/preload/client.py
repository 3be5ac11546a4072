"""`python` and `dvc` in copies of the project: `python -m <module>` runs in a fork of a preloaded process.

Run with -I and -S, by the scripts that `server.write_scripts` makes. Anything else than a module of the project or DVC,
and anything that a fork cannot do (a terminal), is run by Python itself.
"""

import marshal
import os
import signal
import socket
import sys
from typing import NoReturn

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
SERVED = {"bench", "brandmlm", "dvc", "stages"}  # top-level packages


def run_python(words: list[str]) -> NoReturn:
    os.execv(sys.executable, [sys.executable, *words])


def main(address: str, *words: str) -> None:
    if words[:1] != ("-m",) or words[1].partition(".")[0] not in SERVED or any(os.isatty(fd) for fd in range(3)):
        run_python([*words])
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    umask = os.umask(0)
    os.umask(umask)
    ignored = [number for number in FORWARDED if signal.getsignal(number) is signal.SIG_IGN]
    request = marshal.dumps((words[1], words[2:], dict(os.environ), os.getcwd(), umask, [*map(int, ignored)]))
    try:
        connection.connect(address)
        socket.send_fds(connection, [request], [0, 1, 2])
    except OSError:
        run_python([*words])
    for number in FORWARDED:
        if number not in ignored:
            signal.signal(number, lambda number, frame: connection.send(bytes([number])))
    try:
        reply = connection.recv(64)
    except ConnectionError:
        reply = b""
    if reply == b"python":
        run_python([*words])
    if not reply:
        sys.exit(f"tests/preload: the server of {' '.join(words)} has ended")
    status = int(reply)
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    sys.exit(os.waitstatus_to_exitcode(status))


main(*sys.argv[1:])
