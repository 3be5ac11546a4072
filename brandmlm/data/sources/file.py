"""Sources of kind `file`: the user's table files at a path or a glob pattern, or at an address."""

from __future__ import annotations

import glob
import os
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests

from brandmlm.config.params.sources import FileSource
from brandmlm.core.errors import UserError
from brandmlm.data.sources import storage
from brandmlm.data.sources.download import download
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile
from brandmlm.data.sources.remote import Limits, Remote, redact, too_large


def is_address(path: str) -> bool:
    return "://" in path


def find_paths(path: str) -> list[tuple[str, Path]]:
    """The files that a path or a glob pattern names, each as written and as found, in alphabetical order.

    A relative path starts at the project's root ($DVC_ROOT), also inside `dvc exp run --temp`, which works in a copy
    without the files that git does not track.
    """
    root = Path(os.environ.get("DVC_ROOT", ""))
    try:
        expanded = Path(path).expanduser()
    except RuntimeError:
        raise UserError(f"{path}: no such user; write the file's whole path in params.yaml") from None
    whole = root / expanded
    if whole.exists() or not glob.has_magic(path):
        return [(path, whole)]
    found = sorted(Path(name) for name in glob.glob(str(whole), recursive=True) if Path(name).is_file())
    absolute = expanded.is_absolute()
    return [(str(each if absolute else each.relative_to(root)), each) for each in found]


def copy(path: Path, target: Path, limits: Limits, name: str) -> None:
    """Copy a file. Raises UserError, which begins with `name`, if it is missing, unreadable or too large."""
    if not path.exists():
        looked = "" if str(path) == name else f" (looked for {path})"
        raise UserError(f"{name}: no such file{looked}; check the path in params.yaml")
    if not path.is_file():
        raise UserError(
            f"{name}: not a file; the path in params.yaml must name a table file, or a pattern such as *.csv"
        )
    if path.stat().st_size > limits.max_bytes:
        raise too_large(name, path.stat().st_size, limits)
    if not os.access(path, os.R_OK):
        raise UserError(f"{name}: no permission to read it; grant it with `chmod +r`")
    shutil.copyfile(path, target)


def _copy_all(source: FileSource, job: Job) -> Retrieved:
    paths = find_paths(source.path)
    if not paths:
        raise UserError(f"{source.path}: no file fits this pattern; check {job.key}.path in params.yaml")
    files = []
    for name, path in paths:
        files.append(RetrievedFile(job.target(path.name), name))
        copy(path, files[-1].path, job.limits, name)
    return Retrieved(source.path, files)


def retrieve(source: FileSource, job: Job) -> Retrieved:
    """Copy or download the files; see `sources.retrieve`."""
    address = source.path
    if not is_address(address):
        return _copy_all(source, job)
    try:
        name, parts = redact(address), urlsplit(address)
    except ValueError as error:
        raise UserError(f"params.yaml: {job.key}.path: not a usable address ({error}); correct it") from None
    if parts.password:
        print(
            f"warning: {job.key}.path holds a password, which dvc.lock and git will keep; put it into ~/.netrc instead",
            file=sys.stderr,
            flush=True,
        )

    if parts.scheme.lower() not in ("http", "https"):
        return storage.retrieve(address, job)

    def request(headers: dict[str, str]) -> requests.Response:
        return requests.get(address, stream=True, timeout=job.limits.timeout_s, headers=headers)

    file = RetrievedFile(job.target(unquote(parts.path)), name)
    remote = Remote(name, host=parts.hostname or "?")
    download(request, file.path, job.downloads, job.limits, remote, identity=address)
    return Retrieved(name, [file])
