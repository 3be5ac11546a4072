"""Tasks run in this process or in a pool, in order; a worker that dies is one line."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import Future
from typing import Any

import pytest

from brandmlm.core.errors import UserError
from brandmlm.core.executors import InlineExecutor, open_executor, run_tasks


def slow_first(number: int) -> tuple[int, int]:
    time.sleep(0.2 if number == 0 else 0)
    return number, os.getpid()


def die(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_inline_tasks_run_in_this_process_one_at_a_time() -> None:
    submitted = []

    class Noting(InlineExecutor):
        def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            submitted.append(args[0])
            return super().submit(function, *args, **kwargs)

    results = run_tasks((Noting(), 1), slow_first, [(1,), (2,), (3,)], "testing", [1, 1, 1])
    assert next(results) == (1, os.getpid()) and submitted == [1]
    assert [number for number, _ in results] == [2, 3]


@pytest.mark.slow
def test_a_pool_gives_results_in_the_order_of_the_tasks() -> None:
    with open_executor(2) as executor:
        results = list(run_tasks(executor, slow_first, [(number,) for number in range(9)], "testing", [1] * 9))
    assert [number for number, _ in results] == list(range(9))
    assert os.getpid() not in {process for _, process in results}


@pytest.mark.slow
def test_a_worker_that_is_killed_is_one_line() -> None:
    with open_executor(2) as executor, pytest.raises(UserError, match="worker processes died"):
        list(run_tasks(executor, die, [(number,) for number in range(9)], "testing", [1] * 9))


def test_another_error_of_a_task_is_raised_as_it_is() -> None:
    with open_executor() as executor, pytest.raises(ZeroDivisionError):
        list(run_tasks(executor, divmod, [(1, 0)], "testing", [1]))
