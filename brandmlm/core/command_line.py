"""What every command of the project shares: errors a user can act on, and the line that says what was done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from brandmlm.core.errors import UserError


def fail(message: str, status: int = 1) -> NoReturn:
    """Print one line on standard error and leave."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    raise SystemExit(status)


def run(
    main: Callable[[], None], interrupted: str = "nothing was changed, the next run starts this stage again"
) -> None:
    """Run a command: a `UserError` becomes one line and exit code 1; Ctrl-C becomes exit code 130.

    `interrupted`: what Ctrl-C leaves behind.
    """
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(f"interrupted; {interrupted}", 130)
    except BrokenPipeError:
        # The reader of our output (head, less) has gone: not an error of ours, and nobody is left to tell.
        sys.stderr.close()
        raise SystemExit(141) from None


def say(message: str) -> None:
    """Print what a stage did: a line or two on standard output, at once (DVC shows it as it comes)."""
    print(message, flush=True)
