"""Remote files: limits of a download, and what messages say about its address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from brandmlm.core.errors import UserError


@dataclass(frozen=True)
class Limits:
    """When a download is given up."""

    timeout_s: float  # seconds for a connection, and seconds without a byte
    max_bytes: int


@dataclass(frozen=True)
class Remote:
    """What messages say about a remote file, and what to do if it cannot be downloaded."""

    name: str  # without credentials
    host: str
    if_denied: str = "check the credentials (~/.netrc holds a host's user and password)"
    if_missing: str = "check the address"


def redact(url: str) -> str:
    """Return a URL without user, password, query and fragment, which may hold credentials."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def too_large(name: str, size: int, limits: Limits) -> UserError:
    """The error for a file over the limit."""
    return UserError(
        f"{name}: {size / 1e6:,.0f} MB or more, over the limit of {limits.max_bytes / 1e6:,.0f} MB; "
        "raise fetch.max_megabytes, or the source's max_megabytes, in params.yaml if the file is right"
    )
