"""Sources of kind `kaggle`: a CSV file of a Kaggle data set.

Kaggle's client (kagglesdk, on which the `kaggle` package is built) finds the credentials, calls the API and returns the
address of the file; our downloader fetches it from there. Importing the `kaggle` package itself would sign in at once,
to the real site whatever KAGGLE_API_ENVIRONMENT says, and print advice into the stage's output.
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
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter

from brandmlm.config.params.sources import KaggleSource
from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.retries import with_retries
from brandmlm.data.sources.archive import pick_csv
from brandmlm.data.sources.download import download
from brandmlm.data.sources.http_failures import explain_failure
from brandmlm.data.sources.remote import Limits, Remote
from brandmlm.data.sources.retrieved import Retrieved

SIGN_IN: Final = (
    "set KAGGLE_API_TOKEN, or save the token as ~/.kaggle/access_token, or run `kaggle auth login` "
    "(a token is made under Settings, API, on kaggle.com)"
)

PAGE: Final = 200  # files per page of a listing

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


def _remote(name: str, key: str) -> Remote:
    return Remote(
        name,
        host="kaggle.com",
        if_denied=f"check the credentials ({SIGN_IN}), and whether {key}.dataset names a data set that you may read",
        if_missing=f"check {key}.dataset, version and file in params.yaml",
    )


def call(method: Callable[[], T], limits: Limits, name: str, key: str) -> T:
    """Call a method of Kaggle's client; retry transient failures. Raises UserError if it fails."""
    return with_retries(name, method, lambda error: explain_failure(error, _remote(name, key), limits))


def retrieve(source: KaggleSource, target: Path, folder: Path, limits: Limits, key: str) -> Retrieved:
    """Download a file of a data set: the one that `source` names, or else the only CSV, of the version that it names,
    or else the current one; see `sources.retrieve`."""
    from kagglesdk.datasets.types.dataset_api_service import (
        ApiDownloadDatasetRequest,
        ApiGetDatasetRequest,
        ApiListDatasetFilesRequest,
    )

    owner, _, slug = source.dataset.partition("/")

    def asked(kind: type[Any], **fields: Any) -> Any:
        request = kind()
        for field, value in {"owner_slug": owner, "dataset_slug": slug, **fields}.items():
            setattr(request, field, value)
        return request

    name = f"kaggle:{source.dataset}"
    with connect(limits, name, key) as client:
        api = client.datasets.dataset_api_client
        # The same version for all requests: a new one may be published meanwhile.
        version = source.version
        if version is None:
            found = call(lambda: api.get_dataset(asked(ApiGetDatasetRequest)), limits, name, key)
            version = found.current_version_number or None
        name += f"/versions/{version}" if version else ""
        sizes: dict[str, int] = {}
        page: str | None = None
        while page != "":
            wanted = asked(ApiListDatasetFilesRequest, dataset_version_number=version, page_size=PAGE, page_token=page)
            listing = call(lambda wanted=wanted: api.list_dataset_files(wanted), limits, name, key)  # type: ignore[misc]
            sizes |= {file.name: file.total_bytes for file in listing.dataset_files}
            page = listing.next_page_token
        file = pick_csv(list(sizes), source.file, name, key)
        name += f"/{file}"

        def request(headers: dict[str, str]) -> requests.Response:
            # Requested at every attempt: the signature of the address that Kaggle returns expires.
            answer: requests.Response = api.download_dataset(
                asked(ApiDownloadDatasetRequest, dataset_version_number=version, file_name=file)
            )
            if not answer.is_redirect:
                return answer
            answer.close()
            address = urljoin(answer.url, answer.headers["Location"])
            return requests.get(address, stream=True, timeout=limits.timeout_s, headers=headers)

        download(request, target, folder, limits, _remote(name, key), identity=name)
    return Retrieved(name, version=version, file=file, listed_bytes=sizes[file])
