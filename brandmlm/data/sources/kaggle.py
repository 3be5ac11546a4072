"""Sources of kind `kaggle`: a CSV file of a Kaggle data set.

Kaggle's client finds the file and returns its address; our downloader fetches it from there.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import requests

from brandmlm.config.params.sources import KaggleSource
from brandmlm.data.sources.archive import pick_csv
from brandmlm.data.sources.download import download
from brandmlm.data.sources.kaggle_client import call, connect, remote
from brandmlm.data.sources.remote import Limits
from brandmlm.data.sources.retrieved import Retrieved

PAGE: Final = 200  # files per page of a listing


def retrieve(source: KaggleSource, target: Path, folder: Path, limits: Limits, key: str) -> Retrieved:
    """Download a file of a data set: the one that `source` names, or else the only CSV, of the version that it names,
    or else the current one; see `sources.retrieve`."""
    from kagglesdk.datasets.types.dataset_api_service import (
        ApiDownloadDatasetRequest,
        ApiGetDatasetRequest,
        ApiListDatasetFilesRequest,
    )

    owner, _, slug = source.dataset.partition("/")

    def new_request(kind: type[Any], **fields: Any) -> Any:
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
            found = call(partial(api.get_dataset, new_request(ApiGetDatasetRequest)), limits, name, key)
            version = found.current_version_number or None
        name += f"/versions/{version}" if version else ""
        sizes: dict[str, int] = {}
        page: str | None = None
        while page != "":
            wanted = new_request(
                ApiListDatasetFilesRequest, dataset_version_number=version, page_size=PAGE, page_token=page
            )
            listing = call(partial(api.list_dataset_files, wanted), limits, name, key)
            sizes |= {file.name: file.total_bytes for file in listing.dataset_files}
            page = listing.next_page_token
        file = pick_csv(list(sizes), source.file, name, key)
        name += f"/{file}"

        def request(headers: dict[str, str]) -> requests.Response:
            # Requested at every attempt: the signature of the address that Kaggle returns expires.
            answer: requests.Response = api.download_dataset(
                new_request(ApiDownloadDatasetRequest, dataset_version_number=version, file_name=file)
            )
            if not answer.is_redirect:
                return answer
            answer.close()
            address = urljoin(answer.url, answer.headers["Location"])
            return requests.get(address, stream=True, timeout=limits.timeout_s, headers=headers)

        download(request, target, folder, limits, remote(name, key), identity=name)
    return Retrieved(name, version=version, file=file, listed_bytes=sizes[file])
