"""Sources of kind `file`: the user's CSV file, or a zip archive with one, at a path or an http(s) URL."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests

from brandmlm.config.params.sources import FileSource
from brandmlm.core.errors import UserError
from brandmlm.data.sources.download import download
from brandmlm.data.sources.remote import Limits, Remote, redact, too_large
from brandmlm.data.sources.retrieved import Retrieved


def _resolve(path: str) -> Path:
    """Resolve a relative path from the project's root ($DVC_ROOT), also inside `dvc exp run --temp`, which works in a
    copy without the files that git does not track."""
    return Path(os.environ.get("DVC_ROOT", "")) / Path(path).expanduser()


def copy(path: Path, target: Path, limits: Limits, name: str) -> None:
    """Copy a file. Raises UserError, which begins with `name`, if it is missing, unreadable or too large."""
    if not path.exists():
        looked = "" if str(path) == name else f" (looked for {path})"
        raise UserError(f"{name}: no such file{looked}; check the path in params.yaml")
    if not path.is_file():
        raise UserError(f"{name}: not a file; the path in params.yaml must name a CSV file")
    if path.stat().st_size > limits.max_bytes:
        raise too_large(name, path.stat().st_size, limits)
    if not os.access(path, os.R_OK):
        raise UserError(f"{name}: no permission to read it; grant it with `chmod +r`")
    shutil.copyfile(path, target)


def retrieve(source: FileSource, target: Path, folder: Path, limits: Limits, key: str) -> Retrieved:
    """Copy or download the file; see `sources.retrieve`."""
    address = source.path
    if "://" not in address:
        copy(_resolve(address), target, limits, address)
        return Retrieved(address, file=source.file)
    try:
        name, parts = redact(address), urlsplit(address)
    except ValueError as error:
        raise UserError(f"params.yaml: {key}.path: not a usable address ({error}); correct it") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise UserError(
            f"params.yaml: {key}.path: {name}: only paths and http(s) URLs are supported; download it yourself"
        )
    if parts.password:
        print(
            f"warning: {key}.path holds a password, which dvc.lock and git will keep; put it into ~/.netrc instead",
            file=sys.stderr,
            flush=True,
        )

    def request(headers: dict[str, str]) -> requests.Response:
        return requests.get(address, stream=True, timeout=limits.timeout_s, headers=headers)

    download(request, target, folder, limits, Remote(name, host=parts.hostname or "?"), identity=address)
    return Retrieved(name, file=source.file)
