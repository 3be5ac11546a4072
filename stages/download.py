"""Downloads over http(s): bounded in time and size, shown as they come, whole or not at all.

Nothing here prints or returns a URL's credentials (user:password@, query string): `redact` stands before every message.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests
from tqdm import tqdm
from urllib3.exceptions import HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError

from stages.cli import UserError

CHUNK = 1 << 16  # bytes


@dataclass(frozen=True)
class Limits:
    """What a source may take before it is given up."""

    timeout_s: float  # seconds for a connection, and seconds without a byte
    max_bytes: int


def redact(url: str) -> str:
    """A URL without user, password, query and fragment: those are where credentials stand."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def too_large(name: str, size: int, limits: Limits) -> UserError:
    return UserError(
        f"{name}: {size / 1e6:,.0f} MB or more, over the limit of {limits.max_bytes / 1e6:,.0f} MB; "
        "raise fetch.max_megabytes in params.yaml if the file is right"
    )


def _causes(error: BaseException) -> list[BaseException]:
    """An exception with all that it wraps: requests keeps urllib3's in `args` and theirs in `reason`."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, BaseException) and inner not in found:
            found.append(inner)
            waiting += [*inner.args, getattr(inner, "reason", None), inner.__cause__, inner.__context__]
    return found


def explain_failure(url: str, error: Exception, limits: Limits, received: int = 0) -> str:
    """One sentence for a connection that failed: what, and what to do. It holds no credentials."""
    host = urlsplit(url).hostname or "?"
    causes = _causes(error)
    if any(isinstance(cause, requests.Timeout | ReadTimeoutError) for cause in causes):
        return f"{host} sent nothing for {limits.timeout_s:g} s; try again, or raise fetch.timeout_s in params.yaml"
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return f"the host name {host!r} is not known; check the address and the network"
    if isinstance(error, requests.exceptions.SSLError):
        return f"the TLS certificate of {host} is not accepted; check the address and the machine's certificates"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy does not answer; check the variables HTTPS_PROXY and NO_PROXY"
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return "it redirects without end; check the address"
    if isinstance(error, ProtocolError):
        return f"the connection broke after {received:,} bytes; try again"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}; check the address and the network"
    return f"no usable answer ({type(error).__name__}); check the address"


def explain_status(status: int) -> str:
    """One clause for an answer that is no success: what, and what to do."""
    if status in (401, 403):
        return f"access denied ({status}); check the credentials (~/.netrc holds a host's user and password)"
    if status in (404, 410):
        return f"nothing is there ({status}); check the address"
    if status == 429 or status >= 500:
        return f"the server cannot answer now ({status}); try again later"
    return f"an unexpected answer ({status}); check the address"


def download(url: str, target: Path, limits: Limits) -> None:
    """Write what a URL holds into `target`, with a progress bar on standard error.

    Raises UserError, naming the URL without its credentials: no connection, an error status, no byte for
    `limits.timeout_s`, more than `limits.max_bytes`, a body shorter than announced. `target` may then be half written.
    """
    name = redact(url)
    received = 0
    try:
        # The length announced of a compressed body says nothing about the bar's end or the limit.
        headers = {"Accept-Encoding": "identity"}
        with requests.get(url, stream=True, timeout=limits.timeout_s, headers=headers) as response:
            if response.status_code != requests.codes.ok:
                raise UserError(f"{name}: {explain_status(response.status_code)}")
            length = response.headers.get("Content-Length", "")
            announced = int(length) if length.isdecimal() else None
            if (announced or 0) > limits.max_bytes:
                raise too_large(name, announced or 0, limits)
            bar = tqdm(
                total=announced,
                desc=target.name,
                unit="B",
                unit_scale=True,
                mininterval=1,
                leave=False,
                dynamic_ncols=True,
            )
            with bar, target.open("wb") as file:
                # read1 gives what has come; read would wait for a whole chunk and lose a part of one at a break.
                while chunk := response.raw.read1(CHUNK, decode_content=True):
                    received += len(chunk)
                    if received > limits.max_bytes:
                        raise too_large(name, received, limits)
                    file.write(chunk)
                    bar.update(len(chunk))
    except (requests.RequestException, HTTPError, UnicodeError) as error:
        raise UserError(f"{name}: {explain_failure(url, error, limits, received)}") from None
