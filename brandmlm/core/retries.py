"""Retry transient failures with exponential backoff, or after the wait that a server asks for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep
from typing import Final, TypeVar

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from brandmlm.core.errors import UserError

ATTEMPTS: Final = 4

BACKOFF_S: Final = 1.0  # seconds before the second attempt; doubled before each further one

MAX_WAIT_S: Final = 120.0  # if a server asks for a longer wait, the user decides

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """What went wrong and what to do about it: clauses of a message, without credentials."""

    what: str
    advice: str
    transient: bool = False  # whether another attempt may succeed
    wait_s: float | None = None  # seconds that the server asked to wait (Retry-After)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait (Retry-After, a number or a date); None if it does not ask."""
    try:
        return Retry().parse_retry_after(headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return None


def with_retries(name: str, attempt: Callable[[], T], explain: Callable[[Exception], Failure | None]) -> T:
    """Call `attempt` up to `ATTEMPTS` times and return its result.

    Args:
        name: What is being fetched; messages begin with it.
        attempt: The request.
        explain: Maps an exception to a failure. None means that the exception has another cause: it is raised as is.

    Raises:
        UserError: A permanent failure, or a transient one `ATTEMPTS` times. The message never quotes the exception,
            whose text may hold credentials.
    """
    for number in range(1, ATTEMPTS + 1):
        try:
            return attempt()
        except Exception as error:
            failure = explain(error)
            if failure is None:
                raise
        if not failure.transient:
            raise UserError(f"{name}: {failure.what}; {failure.advice}")
        if number == ATTEMPTS:
            raise UserError(f"{name}: {failure.what}, {ATTEMPTS} times in a row; {failure.advice}")
        wait = BACKOFF_S * 2 ** (number - 1) if failure.wait_s is None else failure.wait_s
        if wait > MAX_WAIT_S:
            raise UserError(f"{name}: {failure.what}, and the server asks to wait {wait:,.0f} s; run this again then")
        print(f"{name}: {failure.what}; attempt {number + 1} in {wait:.3g} s", file=sys.stderr, flush=True)
        sleep(wait)
    raise AssertionError("unreachable")
