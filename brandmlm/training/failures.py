"""One report of an error that ends a training of several processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from brandmlm.core.command_line import Terminated
from brandmlm.core.errors import UserError
from brandmlm.training.ranks import LostProcess, adopt_slurm, own_rank, process_count


@contextmanager
def reported_once() -> Iterator[None]:
    """Let the first process alone report an error of the block, also one that only another process has met.

    The others hand their errors to it, and exit with a status that says so to their launcher. One of each machine
    reports that the first process was lost.
    """
    try:
        adopt_slurm()
        yield
    except (UserError, Terminated, KeyboardInterrupt) as error:
        if process_count() == 1:
            raise
        # Imported only now: torch takes seconds.
        from brandmlm.training.distributed import error_of_others, hand_over

        if own_rank() == 0:
            if isinstance(error, LostProcess | Terminated) and (told := error_of_others()):
                raise UserError(told) from None
            if not isinstance(error, Terminated | KeyboardInterrupt):
                hand_over(str(error))
            raise
        if isinstance(error, LostProcess):
            if error_of_others() is None and os.environ.get("LOCAL_RANK", "0") == "0":
                raise
        elif isinstance(error, UserError):
            hand_over(str(error))
        raise SystemExit(1) from None
