"""Downloads over http(s): bounded in time and size, shown as they come, tried again, whole or not at all.

The bytes gather in a folder beside the output, with the validator (ETag) that the server gave them; a later attempt, in
this process or after it was killed, goes on from there only if the server says that its file still has that validator.
Nothing here prints or keeps credentials (user:password@, query string): `redact` stands before every message.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import requests
from filelock import FileLock, Timeout
from tqdm import tqdm
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError

from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json, write_json
from brandmlm.core.retries import Failure, retry_after, with_retries

CHUNK: Final = 1 << 16  # bytes


class _Changed(Exception):
    """The server has another file now than the one of which a part is here."""


# Asks for the file, with these headers beside its own, and gives the answer with its body unread.
Request = Callable[[dict[str, str]], requests.Response]


@dataclass(frozen=True)
class Limits:
    """What a source may take before it is given up."""

    timeout_s: float  # seconds for a connection, and seconds without a byte
    max_bytes: int


@dataclass(frozen=True)
class Place:
    """What messages say of where a file comes from, and what to do when it cannot be had."""

    name: str  # without credentials
    host: str
    denied: str = "check the credentials (~/.netrc holds a host's user and password)"
    missing: str = "check the address"


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


def _explain_status(response: requests.Response, place: Place) -> Failure:
    status = response.status_code
    if status in (401, 403):
        return Failure(f"access denied ({status})", place.denied)
    if status in (404, 410):
        return Failure(f"nothing is there ({status})", place.missing)
    if status == 429 or status >= 500:
        what = "too many requests (429)" if status == 429 else f"the server cannot answer now ({status})"
        return Failure(what, "try again later", transient=True, wait_s=retry_after(response.headers))
    return Failure(f"an unexpected answer ({status})", place.missing)


def explain_failure(error: Exception, place: Place, limits: Limits, received: int = 0) -> Failure | None:
    """What a failed request or download means; None for an exception of another origin (the disk, a UserError).

    `received`: bytes that have come.
    """
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return _explain_status(error.response, place)
    if isinstance(error, _Changed):
        return Failure("the file was replaced on the server meanwhile", "try again", transient=True, wait_s=0)
    if not isinstance(error, requests.RequestException | HTTPError | UnicodeError):
        return None
    request = getattr(error, "request", None)
    host = urlsplit(getattr(request, "url", None) or "").hostname or place.host
    causes = _causes(error)
    if any(isinstance(cause, requests.Timeout | ReadTimeoutError) for cause in causes):
        advice = "try again, or raise fetch.timeout_s in params.yaml"
        return Failure(f"{host} sent nothing for {limits.timeout_s:g} s", advice, transient=True)
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Failure(f"the host name {host!r} is not known", "check the address and the network")
    if isinstance(error, requests.exceptions.SSLError):
        advice = "check the address and the machine's certificates"
        return Failure(f"the TLS certificate of {host} is not accepted", advice)
    if isinstance(error, requests.exceptions.ProxyError):
        return Failure("the proxy does not answer", "check the variables HTTPS_PROXY and NO_PROXY")
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Failure("it redirects without end", place.missing)
    if isinstance(error, ProtocolError):
        return Failure(f"the connection broke after {received:,} bytes", "try again", transient=True)
    if isinstance(error, DecodeError | requests.exceptions.ContentDecodingError):
        return Failure("the compressed answer is damaged", "try again", transient=True)
    if isinstance(error, requests.ConnectionError):
        return Failure(f"no connection to {host}", "check the address and the network", transient=True)
    return Failure(f"no usable answer ({type(error).__name__})", place.missing)


@dataclass
class _Parked:
    """The bytes of a download on their way, and the validator that the server gave them."""

    body: Path

    @property
    def state(self) -> Path:
        return self.body.with_suffix(".json")

    def size(self) -> int:
        return self.body.stat().st_size if self.body.exists() else 0

    def etag(self) -> str | None:
        """The validator; None where the bytes cannot be gone on from."""
        try:
            return str(read_json(self.state)["etag"]) if self.size() else None
        except (UserError, KeyError, TypeError):
            return None

    def start(self, etag: str | None) -> None:
        """Begin anew. The old bytes go first: they must never stand beside the new validator."""
        self.body.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)
        if etag is not None:
            write_json(self.state, {"etag": etag})


def _validator(response: requests.Response) -> str | None:
    """The ETag, where it vouches for every byte as they are counted here: a strong one, of a body not compressed."""
    etag = response.headers.get("ETag")
    if etag is None or etag.startswith("W/") or response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    return etag


def _goes_on(response: requests.Response, have: int, etag: str | None) -> bool:
    """Whether an answer is the rest of the file of which `have` bytes are here, by its range and its validator."""
    start = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0].strip()
    return start == str(have) and _validator(response) == etag


def _receive(request: Request, parked: _Parked, limits: Limits, name: str) -> None:
    """One attempt: ask for what lacks and append it to what is there."""
    etag = parked.etag()
    have = parked.size() if etag else 0
    # The length announced of a compressed body says nothing about the bar's end or the limit.
    headers = {"Accept-Encoding": "identity"}
    if etag:
        # If-Range: the rest only if the file is still the same, else all of it.
        headers |= {"Range": f"bytes={have}-", "If-Range": etag}
    with request(headers) as response:
        status = response.status_code
        if etag and (status == 416 or (status == 206 and not _goes_on(response, have, etag))):
            parked.start(None)
            raise _Changed
        if status == 200:
            have = 0
            parked.start(_validator(response))
        elif status != 206 or not etag:
            raise requests.HTTPError(response=response)
        length = response.headers.get("Content-Length", "")
        plain = response.headers.get("Content-Encoding", "identity") == "identity"
        total = have + int(length) if length.isdecimal() and plain else None
        if (total or 0) > limits.max_bytes:
            raise too_large(name, total or 0, limits)
        bar = tqdm(
            total=total,
            initial=have,
            desc=name.rpartition("/")[2],
            unit="B",
            unit_scale=True,
            mininterval=1,
            leave=False,
            dynamic_ncols=True,
        )
        with bar, parked.body.open("ab") as file:
            # read1 gives what has come; read would wait for a whole chunk and lose a part of one at a break.
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                have += len(chunk)
                if have > limits.max_bytes:
                    parked.start(None)
                    raise too_large(name, have, limits)
                file.write(chunk)
                bar.update(len(chunk))


def download(request: Request, target: Path, parking: Path, limits: Limits, place: Place, identity: str) -> None:
    """Write what `request` answers into `target`, with a progress bar on standard error.

    `parking`: a folder on the same disk for the bytes on their way; it stays behind, after a failure or a SIGKILL, only
    where a later call can go on from it. `identity`: what is downloaded, the same at every call for the same file (it
    is kept only as a digest). Raises UserError, naming the place: no connection, an error status, no byte for
    `limits.timeout_s`, more than `limits.max_bytes`, a body shorter than announced, another process at the same
    download. OSError of the disk is left as it is.
    """
    parking.mkdir(parents=True, exist_ok=True)
    parked = _Parked(parking / hashlib.sha256(identity.encode()).hexdigest()[:16])
    lock = FileLock(parking / "lock")
    try:
        # A stage goes on when only the `dvc` above it was killed: two must not write into one file.
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"{place.name}: another process is downloading it; wait for that one, or end it and run this again"
        ) from None
    try:
        for other in parking.iterdir():
            if other.name not in ("lock", parked.body.name, parked.state.name):
                other.unlink()
        with_retries(
            place.name,
            lambda: _receive(request, parked, limits, place.name),
            lambda error: explain_failure(error, place, limits, parked.size()),
        )
        os.replace(parked.body, target)
    finally:
        if parked.etag() is None:
            shutil.rmtree(parking, ignore_errors=True)
        lock.release()
