"""The hub's client (huggingface_hub): what its failures mean, without credentials; its progress bar; damaged files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from brandmlm.core.files import sha256
from brandmlm.core.retries import Failure, retry_after

SET_TOKEN: Final = "set HF_TOKEN, or run `hf auth login`"


def progress_bar_for(file: str) -> type[tqdm[Any]]:
    """A progress bar labelled with the file; the client would show the signed address instead."""

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "desc": file, "mininterval": 1, "leave": False, "dynamic_ncols": True})

    return Bar


def is_damaged(file: Path) -> bool:
    """Whether a file of the cache differs from what the hub listed: its blob is named by the SHA-256 of the right
    content, or by the git object id for a small file. False if the cache has no blobs (no symbolic links)."""
    name = file.resolve().name
    if len(name) == 64:
        return sha256(file) != name
    if len(name) == 40:
        content = file.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() != name
    return False


def explain_failure(error: Exception, key: str = "base") -> Failure | None:
    """What an exception of the client means; None for one with another cause (the disk, a UserError).

    Args:
        error: what was raised.
        key: what asked for the repository: the section or source in params.yaml.
    """
    import httpx
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    chain: list[BaseException] = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(inner)
    # The client says "not in the cache either" or "cannot be resolved"; the cause is an HTTP error further down. An
    # error of the disk is its own cause, whatever came before it.
    disk_error = isinstance(error, OSError) and error.errno is not None
    cause = error if disk_error else next((one for one in chain if isinstance(one, httpx.HTTPError)), error)
    match cause:
        case GatedRepoError():
            return Failure(
                "access denied: its owner requires a request", f"request access on its page, then {SET_TOKEN}"
            )
        case RevisionNotFoundError():
            return Failure("no such revision", f"check {key}.revision in params.yaml")
        case RepositoryNotFoundError():
            return Failure(
                f"no such repository, or none that you may read ({cause.response.status_code})",
                f"check {key}.repository in params.yaml; for a private one {SET_TOKEN}",
            )
        case HfHubHTTPError():
            status = cause.response.status_code
            if status in (401, 403):
                return Failure(f"access denied ({status})", f"check the token: {SET_TOKEN}")
            if status == 429 or status >= 500:
                what = "too many requests (429)" if status == 429 else f"the hub cannot answer now ({status})"
                return Failure(what, "try again later", transient=True, wait_s=retry_after(cause.response.headers))
            return Failure(f"unexpected answer ({status})", f"check {key} in params.yaml and HF_ENDPOINT")
        case httpx.ProxyError():
            return Failure("the proxy does not answer", "check the variables HTTPS_PROXY and NO_PROXY")
        case httpx.TimeoutException():
            return Failure("the hub sent nothing for too long", "try again, or raise HF_HUB_DOWNLOAD_TIMEOUT", True)
        case httpx.ConnectError():
            advice = "check the network and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses what is in the cache"
            return Failure("no connection to the hub", advice, transient=True)
        case httpx.HTTPError():
            return Failure("the connection to the hub broke", "try again", transient=True)
        case OSError() if cause.errno is None:  # raised by the client: a file of another size than announced
            return Failure("a file arrived incomplete", "try again", transient=True)
        case ValueError():  # the answer does not have the form of the hub's
            return Failure(f"no usable answer ({type(cause).__name__})", f"check {key} in params.yaml and HF_ENDPOINT")
        case _:
            return None
