"""Sources of kind `file`: a CSV file of the user's, or a zip archive with one, at a path or an http(s) URL."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests

from brandmlm.config.params.sources import FileSource
from brandmlm.core.errors import UserError
from brandmlm.data.sources.arrival import Arrival
from brandmlm.data.sources.download import Limits, Place, download, redact, too_large


def user_path(path: str) -> Path:
    """Where a path of the user's points: a relative one starts at the project's root, also inside
    `dvc exp run --temp`, which works in a copy without the files that git does not track ($DVC_ROOT stays)."""
    return Path(os.environ.get("DVC_ROOT", "")) / Path(path).expanduser()


def copy(path: Path, target: Path, limits: Limits, name: str) -> None:
    """Copy a file's bytes. Raises UserError, which calls it `name`, where it is missing, unreadable or too large."""
    if not path.exists():
        looked = "" if str(path) == name else f" (looked for {path})"
        raise UserError(f"{name}: no such file{looked}; check the path in params.yaml")
    if not path.is_file():
        raise UserError(f"{name}: not a file; the path in params.yaml has to name a CSV file")
    if path.stat().st_size > limits.max_bytes:
        raise too_large(name, path.stat().st_size, limits)
    if not os.access(path, os.R_OK):
        raise UserError(f"{name}: no permission to read it; mend that with `chmod +r`")
    shutil.copyfile(path, target)


def bring(source: FileSource, target: Path, parking: Path, limits: Limits, key: str) -> Arrival:
    """Copy or download the file. `key`: the source's name in params.yaml."""
    address = source.path
    if "://" not in address:
        copy(user_path(address), target, limits, address)
        return Arrival(address, file=source.file)
    try:
        name, parts = redact(address), urlsplit(address)
    except ValueError as error:
        raise UserError(f"params.yaml: {key}.path: not a usable address ({error}); correct it") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise UserError(f"params.yaml: {key}.path: {name}: only paths and http(s) URLs are read; download it yourself")
    if parts.password:
        print(
            f"warning: {key}.path holds a password, which dvc.lock and git will keep; put it into ~/.netrc instead",
            file=sys.stderr,
            flush=True,
        )

    def request(headers: dict[str, str]) -> requests.Response:
        return requests.get(address, stream=True, timeout=limits.timeout_s, headers=headers)

    download(request, target, parking, limits, Place(name, host=parts.hostname or "?"), identity=address)
    return Arrival(name, file=source.file)
