"""Where the parts of a table are worked on: in this process, in a pool of processes, or on a cluster.

All three are a `concurrent.futures.Executor`, and a task is a function of a module with arguments that can be pickled.
Tasks are independent of each other, so that which process runs which one, and how often one is repeated, changes no
result.
"""

from __future__ import annotations

import importlib
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from brandmlm.core.errors import UserError
from brandmlm.core.lifetime import end_with_parent
from brandmlm.core.progress import progress_counter

T = TypeVar("T")

_AHEAD: Final = 2  # tasks per worker that are handed out; more would only wait

_GIVEN_UP: Final = "KilledWorker"  # Dask's error about a task whose workers died again and again

_CONNECT_S: Final = 30  # to a cluster's scheduler


class InlineExecutor(Executor):
    """Runs each task at once, in this process."""

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(function(*args, **kwargs))
        return future


@contextmanager
def open_executor(workers: int = 1, scheduler: str | None = None) -> Iterator[tuple[Executor, int]]:
    """Yield an executor, and how many tasks it runs at a time.

    Args:
        workers: processes on this machine.
        scheduler: the address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers run the tasks instead.

    Raises:
        UserError: the scheduler cannot be reached, or Dask is not installed.
    """
    if scheduler is not None:
        with _connect(scheduler) as client:
            threads = sum(client.nthreads().values())
            yield client.get_executor(pure=False, retries=3), max(1, threads)
    elif workers > 1:
        # Not by forking: libraries that this process imported have threads, and a lock that one holds is never freed.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=end_with_parent) as pool:
            try:
                yield pool, workers
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    else:
        yield InlineExecutor(), 1


def _connect(scheduler: str) -> Any:
    try:
        # By name: an optional package is no part of the code that decides a stage's result.
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise UserError(
            "params.yaml: execution.scheduler: Dask is not installed; run "
            "`pip install -r requirements-cluster.txt -c constraints.txt`, or set it to null"
        ) from None
    try:
        return distributed.Client(scheduler, timeout=_CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"params.yaml: execution.scheduler: {scheduler!r} cannot be reached ({error or type(error).__name__}); "
            "start one with `dask scheduler`, correct the address, or set it to null"
        ) from None


def run_tasks(
    executor: tuple[Executor, int],
    function: Callable[..., T],
    tasks: Sequence[tuple[Any, ...]],
    label: str,
    rows: Sequence[int],
) -> Iterator[T]:
    """Call a function for each task's arguments; yield the results in the order of the tasks.

    Args:
        executor: from `open_executor`.
        function: of a module.
        tasks: the arguments of each call.
        label: what the progress bar calls the work.
        rows: how many rows each task has, for the bar, which tells the rows done and the time left.

    Raises:
        UserError: a worker process died; or what the function raises.
    """
    pool, workers = executor
    waiting: deque[tuple[Future[T], int]] = deque()
    left = iter(zip(tasks, rows, strict=True))
    with progress_counter(label, sum(rows)) as bar:
        while True:
            while len(waiting) < (_AHEAD * workers if workers > 1 else 1) and (task := next(left, None)):
                waiting.append((pool.submit(function, *task[0]), task[1]))
            if not waiting:
                return
            future, size = waiting.popleft()
            try:
                result = future.result()
            except Exception as error:
                if isinstance(error, BrokenProcessPool) or type(error).__name__ == _GIVEN_UP:
                    raise UserError(
                        "worker processes died, perhaps for want of memory; run again with fewer of them "
                        "(execution.workers in params.yaml, or the cluster's): finished parts are kept"
                    ) from None
                raise
            bar.update(size)
            yield result
