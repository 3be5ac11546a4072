"""Sources of kind `dataworld`: table files of a data.world data set, fetched over its HTTPS API (v0).

The site's own client, `datadotworld`, cannot be installed beside this project's packages.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase

from brandmlm.config.params.sources import DataWorldSource
from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.retries import with_retries
from brandmlm.data.sources.download import download
from brandmlm.data.sources.http_failures import explain_failure
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile, pick_files, settle
from brandmlm.data.sources.remote import Remote

API: Final = "https://api.data.world"  # overridden by the variable DW_API_HOST, as in the site's own client

SET_TOKEN: Final = "set DW_AUTH_TOKEN to the API token that data.world shows under Settings, Advanced"


class _Bearer(AuthBase):
    """Sets the token. If it were a header, requests would let ~/.netrc replace it and send it to other hosts."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def _api() -> str:
    address = os.environ.get("DW_API_HOST", API).rstrip("/")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise UserError("DW_API_HOST: not an https:// address, which would expose the token; correct or unset it")
    return address


def retrieve(source: DataWorldSource, job: Job) -> Retrieved:
    """Download the files of a data set that `source` picks; see `sources.retrieve`."""
    limits, key, name = job.limits, job.key, f"data.world:{source.dataset}"
    token = clean_token(os.environ.get("DW_AUTH_TOKEN", ""), name, SET_TOKEN)
    if not token:
        raise UserError(f"{name}: no data.world credentials; {SET_TOKEN}")
    api, auth = _api(), _Bearer(token)

    def ask(path: str, headers: dict[str, str]) -> requests.Response:
        return requests.get(f"{api}/v0/{path}", auth=auth, headers=headers, stream=True, timeout=limits.timeout_s)

    def remote(name: str) -> Remote:
        return Remote(
            name,
            host=urlsplit(api).hostname or api,
            if_denied=f"check the token ({SET_TOKEN}), and whether {key}.dataset names a data set that you may read",
            if_missing=f"check {key}.dataset and file in params.yaml",
        )

    def describe() -> dict[str, Any]:
        with ask(f"datasets/{quote(source.dataset)}", {}) as response:
            if response.status_code != requests.codes.ok:
                raise requests.HTTPError(response=response)
            return dict(response.json())

    described = with_retries(name, describe, lambda error: explain_failure(error, remote(name), limits))
    sizes = {str(file["name"]): file.get("sizeInBytes") for file in described.get("files") or []}
    files = []
    for file in pick_files(list(sizes), source.file, job.options(name), "the data set"):
        one = RetrievedFile(job.target(file), f"{name}/{file}")
        path = f"file_download/{quote(source.dataset)}/{quote(file, safe='')}"
        download(partial(ask, path), one.path, job.downloads, limits, remote(one.name), identity=one.name)
        settle(one.path, sizes[file] if source.sha256 is None else None, job.options(one.name, file))
        files.append(one)
    origin = f"{name}/{source.file}" if len(files) > 1 else files[0].name
    return Retrieved(origin, files, described.get("version"))
