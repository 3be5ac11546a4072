"""Download a file, by default over HTTP: limited in time and size, with a progress bar, retries and resumption.

The bytes are collected in a folder beside the output, together with the validator (ETag) that the server sent. A later
attempt, in this process or after it was killed, resumes only if the server confirms that its file still has that
validator. Libraries do not: urllib3's `Retry` ends where the body begins, and pooch always starts again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import requests
from filelock import FileLock, Timeout
from tqdm import tqdm

from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json, write_json
from brandmlm.core.retries import Failure, with_retries
from brandmlm.data.sources.http_failures import FileChanged, explain_failure
from brandmlm.data.sources.remote import Limits, Remote, too_large

CHUNK: Final = 1 << 16  # bytes

# Sends a request for the file with these additional headers; returns the answer with its body unread.
Request = Callable[[dict[str, str]], requests.Response]


@dataclass
class PartialFile:
    """The bytes downloaded so far, and the validator that came with them."""

    body: Path

    @property
    def state(self) -> Path:
        return self.body.with_suffix(".json")

    def size(self) -> int:
        return self.body.stat().st_size if self.body.exists() else 0

    def etag(self) -> str | None:
        """The validator; None if the download cannot be resumed."""
        try:
            return str(read_json(self.state)["etag"]) if self.size() else None
        except (UserError, KeyError, TypeError):
            return None

    def restart(self, etag: str | None) -> None:
        """Discard the bytes. They go before the new validator is written: the two must never be mixed."""
        self.body.unlink(missing_ok=True)
        self.state.unlink(missing_ok=True)
        if etag is not None:
            write_json(self.state, {"etag": etag})


def _is_plain(response: requests.Response) -> bool:
    """Whether the body is not compressed: the lengths in the headers then count the bytes of the file."""
    return bool(response.headers.get("Content-Encoding", "identity") == "identity")


def _validator(response: requests.Response) -> str | None:
    """The ETag if it identifies the bytes of the file: a strong one, of a body that is not compressed."""
    etag = response.headers.get("ETag")
    return None if etag is None or etag.startswith("W/") or not _is_plain(response) else etag


def _resumes(response: requests.Response, received: int, etag: str | None) -> bool:
    """Whether an answer is the rest of the file after `received` bytes, by its range and its validator."""
    start = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0].strip()
    return start == str(received) and _validator(response) == etag


def _open(request: Request, partial: PartialFile) -> tuple[requests.Response, int]:
    """Send the request; return the answer, and the number of bytes that are here already."""
    etag = partial.etag()
    received = partial.size() if etag else 0
    headers = {"Accept-Encoding": "identity"}
    if etag:
        # If-Range: the rest only if the file is unchanged, else all of it.
        headers |= {"Range": f"bytes={received}-", "If-Range": etag}
    response = request(headers)
    status = response.status_code
    if status == 200:
        partial.restart(_validator(response))
        return response, 0
    if status == 206 and etag and _resumes(response, received, etag):
        return response, received
    response.close()
    if etag and status in (206, 416):
        partial.restart(None)
        raise FileChanged
    raise requests.HTTPError(response=response)


def _receive(request: Request, partial: PartialFile, limits: Limits, name: str) -> None:
    """One attempt: request what is missing and append it to what is there."""
    response, received = _open(request, partial)
    with response:
        length = response.headers.get("Content-Length", "")
        total = received + int(length) if length.isdecimal() and _is_plain(response) else None
        if (total or 0) > limits.max_bytes:
            raise too_large(name, total or 0, limits)
        with byte_bar(name, total, received) as bar, partial.body.open("ab") as file:
            # read1 returns what has arrived; read would wait for a whole chunk and lose part of it on a break.
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                received += len(chunk)
                if received > limits.max_bytes:
                    partial.restart(None)
                    raise too_large(name, received, limits)
                file.write(chunk)
                bar.update(len(chunk))


def byte_bar(name: str, total: int | None, received: int) -> tqdm[NoReturn]:
    """A progress bar of bytes."""
    return tqdm(
        total=total, initial=received, desc=name.rpartition("/")[2], unit="B", unit_scale=True, mininterval=1,
        leave=False, dynamic_ncols=True,
    )  # fmt: skip


def download(request: Request, target: Path, folder: Path, limits: Limits, remote: Remote, identity: str) -> None:
    """Write the body that `request` returns to `target`, with a progress bar on standard error.

    Args:
        request: Sends the request.
        target: The file to write; it appears only when it is complete.
        folder: See `collect`.
        limits: When to give up.
        remote: What messages say about the file.
        identity: See `collect`.

    Raises:
        UserError: The file cannot be downloaded, is too large, or another process is downloading it.
        OSError: The disk failed.
    """
    collect(
        lambda partial: _receive(request, partial, limits, remote.name),
        lambda error, received: explain_failure(error, remote, limits, received),
        target, folder, remote.name, identity,
    )  # fmt: skip


def collect(
    receive: Callable[[PartialFile], None],
    explain: Callable[[Exception, int], Failure | None],
    target: Path,
    folder: Path,
    name: str,
    identity: str,
) -> None:
    """Collect the bytes of a file beside the output, in several attempts, and move them to `target`.

    Args:
        receive: One attempt: appends what is missing, or restarts.
        explain: See `with_retries`; it is also told how many bytes are there.
        target: The file to write; it appears only when it is complete.
        folder: Where the bytes are collected, on the same disk. After a failure or SIGKILL it remains only if a later
            call can resume.
        name: What messages call the file.
        identity: Identifies the file across calls; only its digest is written.

    Raises:
        UserError: It cannot be downloaded, or another process is downloading it; or what `receive` raises.
        OSError: The disk failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = PartialFile(folder / hashlib.sha256(identity.encode()).hexdigest()[:16])
    lock = FileLock(folder / "lock")
    try:
        # A stage survives when only the `dvc` that started it is killed: two must not write to one file.
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"{name}: another process is downloading it; wait for it, or stop it and run this again"
        ) from None
    try:
        for other in folder.iterdir():
            if other.name not in ("lock", partial.body.name, partial.state.name):
                other.unlink()
        with_retries(name, lambda: receive(partial), lambda error: explain(error, partial.size()))
        os.replace(partial.body, target)
    finally:
        if partial.etag() is None:
            shutil.rmtree(folder, ignore_errors=True)
        lock.release()
