"""Sources of kind `dataworld`: a CSV file of a data.world data set, over its HTTPS API (v0) with a bearer token.

The site's own client, `datadotworld`, cannot be installed beside this project's packages.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase

from brandmlm.config.params.sources import DataWorldSource
from brandmlm.core.errors import UserError
from brandmlm.core.retries import with_retries
from brandmlm.data.sources.archive import pick_csv
from brandmlm.data.sources.arrival import Arrival
from brandmlm.data.sources.credentials import clean_token
from brandmlm.data.sources.download import Limits, Place, download, explain_failure

API: Final = "https://api.data.world"  # the variable DW_API_HOST, known from the site's own client, replaces it

WAY: Final = "set DW_AUTH_TOKEN to the API token that data.world shows under Settings, Advanced"


class _Bearer(AuthBase):
    """As an object, not a header: requests would let ~/.netrc replace a header, and take it to other hosts."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _api() -> str:
    address = os.environ.get("DW_API_HOST", API).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise UserError("DW_API_HOST: not an https:// address; the token would travel in the clear")
    return address


def bring(source: DataWorldSource, target: Path, parking: Path, limits: Limits, key: str) -> Arrival:
    """Download a file of a data set: the one that `source` names, else the only CSV."""
    name = f"data.world:{source.dataset}"
    token = clean_token(os.environ.get("DW_AUTH_TOKEN", ""), name, WAY)
    if not token:
        raise UserError(f"{name}: no data.world credentials; {WAY}")
    api, auth = _api(), _Bearer(token)

    def ask(path: str, headers: dict[str, str]) -> requests.Response:
        return requests.get(f"{api}/v0/{path}", auth=auth, headers=headers, stream=True, timeout=limits.timeout_s)

    def place(name: str) -> Place:
        return Place(
            name,
            host=urlsplit(api).hostname or api,
            denied=f"check the token ({WAY}), and whether {key}.dataset names a data set that you may read",
            missing=f"check {key}.dataset and file in params.yaml",
        )

    def describe() -> dict[str, Any]:
        with ask(f"datasets/{quote(source.dataset)}", {}) as response:
            if response.status_code != requests.codes.ok:
                raise requests.HTTPError(response=response)
            return dict(response.json())

    described = with_retries(name, describe, lambda error: explain_failure(error, place(name), limits))
    sizes = {str(file["name"]): file.get("sizeInBytes") for file in described.get("files") or []}
    file = pick_csv(list(sizes), source.file, name, key)
    name += f"/{file}"
    path = f"file_download/{quote(source.dataset)}/{quote(file, safe='')}"
    download(lambda headers: ask(path, headers), target, parking, limits, place(name), identity=name)
    return Arrival(name, version=described.get("version"), file=file, announced=sizes[file])
