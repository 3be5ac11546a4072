"""Refuses requests that do not come from the page itself, and sets the headers that keep the page to itself.

A page elsewhere on the web can make a browser send requests to a server on this machine, directly (cross-site request
forgery) or under a name of its own that it lets resolve to 127.0.0.1 (DNS rebinding). The first carry another `Origin`,
the second another `Host`.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY: Final = 256 * 1024  # bytes of a request

_HOST: Final = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)

_WRITING: Final = frozenset({"POST"})

_READING: Final = frozenset({"GET", "HEAD"})

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def refusal(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """The status and the sentence with which a request is refused; None if it is the page's own."""
    host = headers.get("host", "")
    if not _HOST.fullmatch(host):
        return 403, "This page answers to 127.0.0.1 and localhost only; open it by one of these names."
    if method not in _WRITING | _READING:
        return 405, "This page knows GET and POST only."
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return 403, "Another page's request; this page answers to its own only."
    opened = path == "/" and headers.get("sec-fetch-mode", "navigate") == "navigate"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not opened:
        return 403, "Another page's request; this page answers to its own only."
    if method in _WRITING:
        if origin is None:
            return 403, "A request without an Origin; this page answers to its own only."
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return 415, "This page reads JSON only."
    if not headers.get("content-length", "0").isdigit() or int(headers.get("content-length", "0")) > MAX_BODY:
        return 413, TOO_LONG
    return None


TOO_LONG: Final = f"That is too much text for this page: it takes {MAX_BODY // 1024} KB at a time."


class TooLong(Exception):
    """A body of more than `MAX_BODY` bytes that did not declare its length."""


class Guard:
    """The outermost layer of the application (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no web sockets here
        started = False
        size = 0

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        async def counted_receive() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                raise TooLong
            return message

        async def refuse(status: int, sentence: str) -> None:
            await JSONResponse({"error": sentence}, status)(scope, receive, guarded_send)

        if refused := refusal(scope["method"], scope["path"], Headers(scope=scope)):
            await refuse(*refused)
            return
        try:
            await self.app(scope, counted_receive, guarded_send)
        except TooLong:
            if not started:
                await refuse(413, TOO_LONG)
