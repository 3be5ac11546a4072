"""Another try where a failure may pass, after waits that grow or that the server asks for."""

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

BACK_OFF_S = 1.0  # seconds before the second attempt; each further wait is twice as long

MAX_WAIT_S: Final = 120.0  # where a server asks for more patience than this, the user decides

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """What went wrong and what to do about it: clauses for a message, without credentials."""

    what: str
    advice: str
    passing: bool = False  # whether another try may succeed
    wait_s: float | None = None  # what the server asked for (Retry-After)


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait (Retry-After, a number or a date), if it does."""
    try:
        return Retry().parse_retry_after(headers["Retry-After"])
    except (KeyError, InvalidHeader):
        return None


def persist(name: str, attempt: Callable[[], T], explain: Callable[[Exception], Failure | None]) -> T:
    """The result of `attempt`, which is called up to `ATTEMPTS` times.

    `explain` says of an exception what it means; None: not ours, raised as it is. Raises UserError, which begins with
    `name`, for a failure that does not pass. Nothing of the exception's own text gets out: it may hold credentials.
    """
    for number in range(1, ATTEMPTS + 1):
        try:
            return attempt()
        except Exception as error:
            failure = explain(error)
            if failure is None:
                raise
        if not failure.passing:
            raise UserError(f"{name}: {failure.what}; {failure.advice}")
        if number == ATTEMPTS:
            raise UserError(f"{name}: {failure.what}, {ATTEMPTS} times in a row; {failure.advice}")
        wait = BACK_OFF_S * 2 ** (number - 1) if failure.wait_s is None else failure.wait_s
        if wait > MAX_WAIT_S:
            raise UserError(f"{name}: {failure.what} and asks to wait {wait:,.0f} s; run this again then")
        print(f"{name}: {failure.what}; attempt {number + 1} in {wait:.3g} s", file=sys.stderr, flush=True)
        sleep(wait)
    raise AssertionError("unreachable")
