"""Sources of kind `kaggle`: table files of a Kaggle data set.

Kaggle's client finds a file and returns its address; our downloader fetches it from there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin

import requests

from brandmlm.config.params.sources import KaggleSource
from brandmlm.data.sources.download import download
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile, pick_files, settle
from brandmlm.data.sources.kaggle_client import call, connect, remote

PAGE: Final = 200  # files per page of a listing


def _sizes(api: Any, new_request: Callable[..., Any], version: int | None, ask: Callable[..., Any]) -> dict[str, int]:
    """All files of a data set with their sizes in bytes."""
    from kagglesdk.datasets.types.dataset_api_service import ApiListDatasetFilesRequest

    sizes: dict[str, int] = {}
    page: str | None = None
    while page != "":
        wanted = new_request(
            ApiListDatasetFilesRequest, dataset_version_number=version, page_size=PAGE, page_token=page
        )
        listing = ask(partial(api.list_dataset_files, wanted))
        sizes |= {file.name: file.total_bytes for file in listing.dataset_files}
        page = listing.next_page_token
    return sizes


def retrieve(source: KaggleSource, job: Job) -> Retrieved:
    """Download the files of a data set that `source` picks, of the version that it names, or else the current one; see
    `sources.retrieve`."""
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest, ApiGetDatasetRequest

    owner, _, slug = source.dataset.partition("/")
    name, limits, key = f"kaggle:{source.dataset}", job.limits, job.key

    def new_request(kind: type[Any], **fields: Any) -> Any:
        request = kind()
        for field, value in {"owner_slug": owner, "dataset_slug": slug, **fields}.items():
            setattr(request, field, value)
        return request

    def ask(method: Callable[[], Any]) -> Any:
        return call(method, limits, name, key)

    with connect(limits, name, key) as client:
        api = client.datasets.dataset_api_client
        # The same version for all requests: a new one may be published meanwhile.
        version = source.version
        if version is None:
            found = ask(partial(api.get_dataset, new_request(ApiGetDatasetRequest)))
            version = found.current_version_number or None
        sizes = _sizes(api, new_request, version, ask)
        name += f"/versions/{version}" if version else ""

        def request(file: str, headers: dict[str, str]) -> requests.Response:
            # Requested at every attempt: the signature of the address that Kaggle returns expires.
            answer: requests.Response = api.download_dataset(
                new_request(ApiDownloadDatasetRequest, dataset_version_number=version, file_name=file)
            )
            if not answer.is_redirect:
                return answer
            answer.close()
            address = urljoin(answer.url, answer.headers["Location"])
            return requests.get(address, stream=True, timeout=limits.timeout_s, headers=headers)

        files = []
        for file in pick_files(list(sizes), source.file, job.options(name), "the data set"):
            one = RetrievedFile(job.target(file), f"{name}/{file}")
            download(partial(request, file), one.path, job.downloads, limits, remote(one.name, key), identity=one.name)
            settle(one.path, sizes[file] if source.sha256 is None else None, job.options(one.name, file))
            files.append(one)
    return Retrieved(f"{name}/{source.file}" if len(files) > 1 else files[0].name, files, version)
