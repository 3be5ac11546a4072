"""The command line: errors in one line, exit codes, messages."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Final, NoReturn

from brandmlm.core import inputs
from brandmlm.core.errors import UserError, printable
from brandmlm.core.files import remedy, system_error

# Signals by which a program or the system ends a process, in place of a person's Ctrl-C.
ENDING: Final = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Terminated(BaseException):
    """A signal of `ENDING` has arrived; no handler of errors is meant to catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def fail(message: str, status: int = 1) -> NoReturn:
    """Print one line on standard error and exit."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    raise SystemExit(status)


def one_line_interrupts() -> None:
    """Report Ctrl-C in one line from now on: before `run` takes over, while modules are imported."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            print("error: interrupted; nothing was changed", file=sys.stderr, flush=True)
        else:
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = hook


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)  # a second one ends the process at once
    raise Terminated(number)


@contextmanager
def _raised_terminations() -> Iterator[None]:
    """Let signals of `ENDING` unwind the stack, so that temporary files are removed."""
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:  # not where `nohup` ignores it
                handlers[number] = signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def check_arguments() -> None:
    """Raise UserError if an argument of the command line is no text in the locale's encoding."""
    for word in sys.argv[1:]:
        if not word.isprintable() and any("\ud800" <= mark <= "\udfff" for mark in word):
            encoding = sys.getfilesystemencoding().upper()
            raise UserError(f"the argument {word}: not {encoding}; write it with that encoding")


def _end_stage() -> NoReturn:
    """End the process of a stage, whose inputs DVC reads next: nothing is left to do between our last look and its.

    Python would take the imported libraries down first, which costs tenths of a second.

    Raises:
        UserError: An input has changed.
    """
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    sys.stderr.flush()
    inputs.check_unchanged()
    os._exit(0)


def run(
    main: Callable[[], None], interrupted: str = "nothing was changed, the next run starts this stage again"
) -> None:
    """Run a command: a `UserError` or the system's becomes one line and exit code 1, Ctrl-C exit code 130, SIGTERM 143.

    Args:
        main: The command; it reads its arguments from `sys.argv`.
        interrupted: What Ctrl-C or SIGTERM leaves behind, for the message.
    """
    if not gc.isenabled():  # by stages/__init__.py, for the imports; these objects are never garbage
        gc.freeze()
        gc.enable()
    try:
        check_arguments()
        with _raised_terminations():
            main()
            sys.stdout.flush()
            if inputs.are_noted() and getattr(sys.modules["__main__"], "main", None) is main:
                _end_stage()
            inputs.check_unchanged()
    except UserError as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(f"interrupted; {interrupted}", 130)
    except Terminated as end:
        fail(f"ended by {signal.Signals(end.number).name}; {interrupted}", 128 + end.number)
    except BrokenPipeError:
        # The reader of our output (head, less) has exited: not our error, and nobody is left to tell.
        sys.stderr.close()
        raise SystemExit(141) from None
    except MemoryError:
        fail("out of memory; close other programs, or lower the sizes in params.yaml (`execution`)")
    except Exception as error:  # the system's, where no message of ours says more
        cause = error if isinstance(error, OSError) else system_error(error)
        if cause is None:
            raise
        fail(f"{printable(str(cause.filename or 'the system'))}: {remedy(cause)}")
    finally:
        inputs.end()


def say(message: str) -> None:
    """Print a message on standard output, unbuffered: DVC shows it while the stage runs."""
    print("\n".join(map(printable, message.split("\n"))), flush=True)
