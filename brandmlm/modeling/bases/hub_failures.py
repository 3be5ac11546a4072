"""What a failure of the hub's client means, in words without credentials."""

from __future__ import annotations

from typing import Final

from brandmlm.core.retries import Failure, retry_after

SET_TOKEN: Final = "set HF_TOKEN, or run `hf auth login`"


def explain_failure(error: Exception) -> Failure | None:
    """What an exception of the client means; None for one with another cause (the disk, a UserError)."""
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
            return Failure("no such revision", "check base.revision in params.yaml")
        case RepositoryNotFoundError():
            return Failure(
                f"no such repository, or none that you may read ({cause.response.status_code})",
                f"check base.repository in params.yaml; for a private one {SET_TOKEN}",
            )
        case HfHubHTTPError():
            status = cause.response.status_code
            if status in (401, 403):
                return Failure(f"access denied ({status})", f"check the token: {SET_TOKEN}")
            if status == 429 or status >= 500:
                what = "too many requests (429)" if status == 429 else f"the hub cannot answer now ({status})"
                return Failure(what, "try again later", transient=True, wait_s=retry_after(cause.response.headers))
            return Failure(f"unexpected answer ({status})", "check base in params.yaml and HF_ENDPOINT")
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
            return Failure(f"no usable answer ({type(cause).__name__})", "check base in params.yaml and HF_ENDPOINT")
        case _:
            return None
