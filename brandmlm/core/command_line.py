"""The command line: errors in one line, exit codes, messages."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import NoReturn

from brandmlm.core.errors import UserError


def fail(message: str, status: int = 1) -> NoReturn:
    """Print one line on standard error and exit."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    raise SystemExit(status)


def run(
    main: Callable[[], None], interrupted: str = "nothing was changed, the next run starts this stage again"
) -> None:
    """Run a command: a `UserError` becomes one line and exit code 1, Ctrl-C exit code 130.

    Args:
        main: The command; it reads its arguments from `sys.argv`.
        interrupted: What Ctrl-C leaves behind, for the message.
    """
    if not gc.isenabled():  # by stages/__init__.py, for the imports; these objects are never garbage
        gc.freeze()
        gc.enable()
    try:
        main()
        sys.stdout.flush()
    except UserError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(f"interrupted; {interrupted}", 130)
    except BrokenPipeError:
        # The reader of our output (head, less) has exited: not our error, and nobody is left to tell.
        sys.stderr.close()
        raise SystemExit(141) from None


def say(message: str) -> None:
    """Print a message on standard output, unbuffered: DVC shows it while the stage runs."""
    print(message, flush=True)
