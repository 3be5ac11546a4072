"""Serve the page on the loopback interface until Ctrl-C."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from brandmlm.core.errors import UserError

HOST: Final = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback interface; port 0: any free one.

    Raises:
        UserError: The port is in use, or the system refuses it.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":  # a page that has just ended still holds its port; elsewhere the option would share it
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(64)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"port {port}: in use, perhaps by another `brand-mlm try`; end that one, or choose another with --port"
            ) from None
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise UserError(f"port {port}: {reason}; choose another with --port") from None
    return listening


def address(listening: socket.socket) -> str:
    """The page's address."""
    return f"http://{HOST}:{listening.getsockname()[1]}/"


def open_browser(url: str) -> bool:
    """Open a page in the user's browser; False where there is none with a window."""
    windows = "BROWSER" in os.environ or sys.platform in ("win32", "darwin")
    if not windows and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False  # a browser in the terminal would take it from us
    try:
        return webbrowser.open(url)
    except webbrowser.Error:
        return False


def make_server(app: ASGIApp) -> uvicorn.Server:
    """A server that says nothing about itself, keeps no log of requests and ends at once."""
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="error", access_log=False, server_header=False, date_header=False, lifespan="off", ws="none",
            http="h11", loop="asyncio", timeout_graceful_shutdown=1, timeout_keep_alive=30, proxy_headers=False,
        )
    )  # fmt: skip


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Serve until Ctrl-C, which is how people end it and therefore no error."""
    server = make_server(app)
    # The socket listens already: a browser that comes before the server waits for it.
    threading.Thread(target=open_browser, args=(address(listening),), daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
