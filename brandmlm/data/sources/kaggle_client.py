"""Kaggle's client, signed in with the user's credentials.

The client is kagglesdk, on which the `kaggle` package is built. Importing that package would sign in at once, to the
real site whatever KAGGLE_API_ENVIRONMENT says, and print advice into the stage's output.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import requests
from requests.adapters import HTTPAdapter

from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.retries import with_retries
from brandmlm.data.sources.http_failures import explain_failure
from brandmlm.data.sources.remote import Limits, Remote

SIGN_IN: Final = (
    "set KAGGLE_API_TOKEN, or save the token as ~/.kaggle/access_token, or run `kaggle auth login` "
    "(a token is made under Settings, API, on kaggle.com)"
)

T = TypeVar("T")


class _Timed(HTTPAdapter):
    """Sets the timeout that Kaggle's client does not set."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        return super().send(request, *args, **{**kwargs, "timeout": self.timeout_s})


def _access_token(name: str) -> str | None:
    from kagglesdk import get_access_token_from_env

    try:
        token: str | None = get_access_token_from_env()[0]
    except OSError as error:
        # The client checks whether KAGGLE_API_TOKEN is the path of a file; a long token is too long for a path.
        if error.errno != errno.ENAMETOOLONG:
            raise UserError(f"{name}: the Kaggle access token cannot be read ({error.strerror}); {SIGN_IN}") from None
        token = os.environ["KAGGLE_API_TOKEN"]
    return clean_token(token, name, SIGN_IN) if token else None


def legacy_key() -> tuple[str, str] | None:
    """User name and key of the older kind of credentials, if there are any.

    KAGGLE_USERNAME and KAGGLE_KEY each take precedence over kaggle.json, which is read from the folder where the
    `kaggle` package looks for it (2.2.4, kaggle_api_extended.py, `config_dir`).
    """
    folder = Path(os.environ.get("KAGGLE_CONFIG_DIR") or "~/.kaggle").expanduser()
    if not os.environ.get("KAGGLE_CONFIG_DIR") and sys.platform.startswith("linux") and not folder.exists():
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "kaggle"
    try:
        saved = json.loads((folder / "kaggle.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        saved = {}
    saved = saved if isinstance(saved, dict) else {}
    user = os.environ.get("KAGGLE_USERNAME", saved.get("username"))
    key = os.environ.get("KAGGLE_KEY", saved.get("key"))
    return (str(user), str(key)) if user and key else None


@contextmanager
def connect(limits: Limits, name: str, key: str) -> Iterator[Any]:
    """Yield Kaggle's client, signed in by the first of: access token, user name and key, `kaggle auth login`.

    The session does not follow redirects, so that our downloader can.

    Raises:
        UserError: There are no credentials.
    """
    from kagglesdk import KaggleClient, KaggleCredentials

    def prepare(client: Any) -> None:
        session = client.http_client()._session
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Timed(limits.timeout_s))
        session.get_redirect_target = lambda response: None

    credentials: dict[str, str] = {}
    if token := _access_token(name):
        credentials = {"api_token": token}
    elif pair := legacy_key():
        credentials = {"username": pair[0], "password": pair[1]}
    try:
        client = KaggleClient(user_agent="brand-mlm", **credentials)
    except Exception:  # the client raises no narrower class, and only for this reason
        raise UserError("KAGGLE_API_ENVIRONMENT: Kaggle's client does not know this value; unset it") from None
    with client:
        prepare(client)
        if credentials:
            yield client
            return
        login = KaggleCredentials.load(client)
        if login is None:
            raise UserError(f"{name}: no Kaggle credentials; {SIGN_IN}")
        # If the login's short-lived token has expired, this call renews it over the network.
        fresh = call(login.get_access_token, limits, name, key)
    with KaggleClient(user_agent="brand-mlm", api_token=fresh) as client:
        prepare(client)
        yield client


def remote(name: str, key: str) -> Remote:
    """What messages say about a file or a call; `key`: the source's name in params.yaml."""
    return Remote(
        name,
        host="kaggle.com",
        if_denied=f"check the credentials ({SIGN_IN}), and whether {key}.dataset names a data set that you may read",
        if_missing=f"check {key}.dataset, version and file in params.yaml",
    )


def call(method: Callable[[], T], limits: Limits, name: str, key: str) -> T:
    """Call a method of Kaggle's client; retry transient failures. Raises UserError if it fails."""
    return with_retries(name, method, lambda error: explain_failure(error, remote(name, key), limits))
