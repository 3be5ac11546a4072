"""A guard on a process: no connection, and no look-up of a name, other than on this machine.

What it refuses it also notes in the file `$CONNECTIONS_LOG`, because the code that tried may swallow the error.
"""

import contextlib
import errno
import ipaddress
import json
import os
import socket
import sys

NAMES = {"", "localhost", socket.gethostname()}
EVENTS = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"}


def is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return True  # no host: a socket file, a netlink socket, all interfaces of this machine
    if host in NAMES:
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    return False


def watch(event: str, args: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    # A connection's address is (host, port, ...), or a path for a socket file.
    target = args[1] if event in ("socket.connect", "socket.sendto") else args[:1]
    if isinstance(target, tuple) and target and not is_local(target[0]):
        if log := os.environ.get("CONNECTIONS_LOG"):
            with open(log, "a") as file:  # noqa: PTH123
                file.write(json.dumps({"event": event, "to": str(target[0]), "by": sys.orig_argv}) + "\n")
        raise OSError(errno.ENETUNREACH, f"the tests allow connections to this machine only, not to {target[0]}")


def guard() -> None:
    """Watch this process from now on; there is no way back."""
    sys.addaudithook(watch)
