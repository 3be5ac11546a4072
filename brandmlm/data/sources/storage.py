"""Table files in storage that fsspec reads: buckets of S3, Google Cloud Storage and Azure, servers of SFTP and others.

Credentials and endpoints are those of the storage's own client, such as AWS_ACCESS_KEY_ID and AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import errno
from functools import partial
from glob import has_magic
from typing import Any, Final

from brandmlm.core.errors import UserError
from brandmlm.core.retries import Failure, with_retries
from brandmlm.data.sources.download import PartialFile, byte_bar, collect
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile
from brandmlm.data.sources.remote import Limits, redact, too_large

_BLOCK: Final = 1 << 22  # bytes of one request

_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)

_SET_CREDENTIALS: Final = "set the credentials of the storage's client, such as AWS_ACCESS_KEY_ID, or the right ones"


def retrieve(address: str, job: Job) -> Retrieved:
    """Download the file of an address such as s3://bucket/reviews.csv, or those that fit its pattern.

    Raises:
        UserError: The storage is unknown, its package is not installed, or a file cannot be downloaded.
    """
    name = redact(address)
    system, path = _connect(address, f"params.yaml: {job.key}.path: {name}")
    found = [path]
    if has_magic(path):
        found = with_retries(name, lambda: _find(system, path), _explain)
        if not found:
            raise UserError(f"{name}: no file fits this pattern; check {job.key}.path in params.yaml")
    files = []
    for each in found:
        own = f"{name.partition('://')[0]}://{each}" if has_magic(path) else name
        files.append(RetrievedFile(job.target(each), own))
        receive = partial(_receive, system, each, job.limits, own)
        collect(receive, _explain, files[-1].path, job.downloads, own, f"{address} {each}")
    return Retrieved(name, files)


def _find(system: Any, pattern: str) -> list[str]:
    return sorted(path for path, info in system.glob(pattern, detail=True).items() if info["type"] == "file")


def _connect(address: str, where: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it. `where`: how messages begin."""
    import fsspec

    scheme = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address, skip_instance_cache=True, use_listings_cache=False)
        return system, str(path)
    except ImportError as error:
        raise UserError(
            f"{where}: {scheme} needs a package that is not installed ({error}); install it with pip"
        ) from None
    except ValueError:
        raise UserError(
            f"{where}: {scheme!r} is no kind of storage that fsspec knows; write a path, an http(s) address, or one "
            "such as s3://bucket/table.csv"
        ) from None


def _receive(system: Any, path: str, limits: Limits, name: str, so_far: PartialFile) -> None:
    """One attempt: read what is missing, if the file is still the one whose bytes are here."""
    info = system.info(path)
    if info["type"] != "file":
        raise UserError(f"{name}: not a file; name a table file, or a pattern such as *.csv")
    size, validator = int(info.get("size") or 0), str(system.ukey(path))
    if size > limits.max_bytes:
        raise too_large(name, size, limits)
    if so_far.etag() != validator:
        so_far.restart(validator)
    received = so_far.size()
    with (
        system.open(path, "rb", block_size=_BLOCK) as stream,
        byte_bar(name, size or None, received) as bar,
        so_far.body.open("ab") as file,
    ):
        stream.seek(received)
        while block := stream.read(_BLOCK):
            file.write(block)
            bar.update(len(block))


def _explain(error: Exception, received: int = 0) -> Failure | None:
    """What an exception of a storage's client means. Clients raise types of their own: by their names."""
    if isinstance(error, UserError) or (isinstance(error, OSError) and error.errno in _DISK):
        return None
    kind = type(error).__name__
    if isinstance(error, FileNotFoundError):
        return Failure("no such file", "check the address in params.yaml")
    if isinstance(error, PermissionError) or "Credential" in kind:
        return Failure("access denied" if isinstance(error, PermissionError) else "no credentials", _SET_CREDENTIALS)
    what = f"the storage cannot be read ({kind})" + (f" after {received:,} bytes" if received else "")
    return Failure(what, "check address, network and credentials", transient=True)
