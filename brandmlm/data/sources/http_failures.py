"""What a failed HTTP request means, in words without credentials."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError

from brandmlm.core.retries import Failure, retry_after
from brandmlm.data.sources.remote import Limits, Remote


class FileChanged(Exception):
    """The server has another file now than the one whose beginning was downloaded."""


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and all that it wraps: requests keeps urllib3's errors in `args`, urllib3 its own in `reason`."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, BaseException) and inner not in found:
            found.append(inner)
            waiting += [*inner.args, getattr(inner, "reason", None), inner.__cause__, inner.__context__]
    return found


def _explain_status(response: requests.Response, remote: Remote) -> Failure:
    status = response.status_code
    if status in (401, 403):
        return Failure(f"access denied ({status})", remote.if_denied)
    if status in (404, 410):
        return Failure(f"not found ({status})", remote.if_missing)
    if status == 429 or status >= 500:
        what = "too many requests (429)" if status == 429 else f"the server cannot answer now ({status})"
        return Failure(what, "try again later", transient=True, wait_s=retry_after(response.headers))
    return Failure(f"unexpected answer ({status})", remote.if_missing)


def _explain_connection(error: Exception, host: str, remote: Remote, received: int) -> Failure:
    if any(isinstance(cause, NameResolutionError) for cause in _causes(error)):
        return Failure(f"the host name {host!r} is unknown", "check the address and the network")
    match error:
        case requests.exceptions.SSLError():
            advice = "check the address and the machine's certificates"
            return Failure(f"the TLS certificate of {host} is not accepted", advice)
        case requests.exceptions.ProxyError():
            return Failure("the proxy does not answer", "check the variables HTTPS_PROXY and NO_PROXY")
        case requests.exceptions.TooManyRedirects():
            return Failure("endless redirects", remote.if_missing)
        case ProtocolError():
            return Failure(f"the connection broke after {received:,} bytes", "try again", transient=True)
        case DecodeError() | requests.exceptions.ContentDecodingError():
            return Failure("the compressed answer is damaged", "try again", transient=True)
        case requests.ConnectionError():
            return Failure(f"no connection to {host}", "check the address and the network", transient=True)
    return Failure(f"no usable answer ({type(error).__name__})", remote.if_missing)


def explain_failure(error: Exception, remote: Remote, limits: Limits, received: int = 0) -> Failure | None:
    """Return what a failed request or download means; None for an exception with another cause (the disk, a UserError).

    Args:
        error: What was raised.
        remote: The file that was asked for.
        limits: The limits of the download.
        received: Bytes that have arrived.
    """
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _explain_status(error.response, remote)
    if isinstance(error, FileChanged):
        return Failure("the file was replaced on the server meanwhile", "try again", transient=True, wait_s=0)
    if not isinstance(error, requests.RequestException | HTTPError | UnicodeError):
        return None
    request = getattr(error, "request", None)
    host = urlsplit(getattr(request, "url", None) or "").hostname or remote.host
    if any(isinstance(cause, requests.Timeout | ReadTimeoutError) for cause in _causes(error)):
        advice = "try again, or raise fetch.timeout_s in params.yaml"
        return Failure(f"{host} sent nothing for {limits.timeout_s:g} s", advice, transient=True)
    return _explain_connection(error, host, remote, received)
