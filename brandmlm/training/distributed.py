"""Several processes for one training, on one machine or many, by torch's own launcher and conventions.

The stage restarts itself under torch's elastic launcher if `execution.processes` is greater than one. Under `torchrun`,
`accelerate launch` or `srun` (several machines) the processes exist already, and the launcher's variables identify this
one. They find each other through the store of torch's rendezvous, which also carries an error to the first process.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import torch
import torch.distributed as dist
from torch.distributed.rendezvous import rendezvous

from brandmlm.modeling.masking import Ints
from brandmlm.training.ranks import LostProcess, own_rank, process_count

# Keys of the store.
_ERROR: Final = "error"
_READY: Final = "ready"

_CONNECT_S: Final = 10  # to the store, only to hand over an error
_LISTEN_S: Final = 1.0  # for an error of another process
_LINGER_S: Final = 2.0  # of a process after its error, until the others know: its end may end them or their store
_POLL_S: Final = 0.05

_stores: list[Any] = []  # `torch.distributed.Store` of this process: one at most


@dataclass(frozen=True)
class DistributedContext:
    """This process among those of the training."""

    rank: int = 0
    processes: int = 1

    def shard(self, items: Ints) -> Ints:
        """The items of this process: every `processes`-th one."""
        return items[self.rank :: self.processes]

    @property
    def is_main(self) -> bool:
        """Whether this process reports and writes the results."""
        return self.rank == 0

    def all_reduce(self, tensors: Sequence[torch.Tensor]) -> None:
        """Replace tensors of one type by their sums over all processes, in one exchange."""
        if self.processes > 1:
            flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
            dist.all_reduce(flat)
            for tensor, summed in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
                tensor.copy_(summed.view_as(tensor))

    def agree(self, value: bool, device: torch.device) -> bool:
        """The main process's value, in every process."""
        if self.processes == 1:
            return value
        shared = torch.tensor(int(value), device=device)
        dist.broadcast(shared, 0)
        return bool(shared)

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.processes > 1:
            dist.barrier()


def distributed_context() -> DistributedContext:
    """The context that the variables of torch's launchers describe."""
    return DistributedContext(own_rank(), process_count())


def _connect(timeout: timedelta = dist.constants.default_pg_timeout) -> Any:
    """The store of the launcher, or of the first process where the launcher has none."""
    if not _stores:
        store, _, _ = next(rendezvous("env://", timeout=timeout))
        _stores.append(store)
    return _stores[0]


def hand_over(message: str) -> None:
    """Tell the other processes of an error, so that the first one reports it; do nothing if they cannot be reached."""
    if own_rank() == 0 and not _stores:
        return  # it has not started: the others find nobody
    with suppress(RuntimeError):  # torch's errors of networks are such
        _connect(timedelta(seconds=_CONNECT_S)).set(_ERROR, message)
        time.sleep(_LINGER_S)


def error_of_others() -> str | None:
    """What another process has handed over; None if it has not, or the store is lost with its process."""
    if not _stores:
        return None
    deadline = time.monotonic() + _LISTEN_S
    with suppress(RuntimeError):
        while not _stores[0].check([_ERROR]):
            if time.monotonic() > deadline:
                return None
            time.sleep(_POLL_S)
        return str(_stores[0].get(_ERROR), "utf-8")
    return None


def _wait_for_all(store: Any, context: DistributedContext) -> None:
    """Wait, as the first process, until all are about to start. Raises LostProcess if one has ended or never comes."""
    store.set(f"{_READY}{context.rank}", "")
    missing = list(range(context.processes))
    deadline = time.monotonic() + dist.constants.default_pg_timeout.total_seconds()
    while context.is_main and missing:
        if store.check([_ERROR]) or time.monotonic() > deadline:
            raise LostProcess(f"process {missing[0]} of the training (counted from 0) did not start")
        missing = [rank for rank in missing if not store.check([f"{_READY}{rank}"])]
        time.sleep(_POLL_S)


@contextmanager
def process_group(device: torch.device) -> Iterator[DistributedContext]:
    """Connect this process with the others of the training, if there are any.

    Raises:
        LostProcess: another one has ended.
    """
    context = distributed_context()
    if context.processes == 1:
        yield context
        return
    try:
        store = _connect()
        _wait_for_all(store, context)
        backend = "nccl" if device.type == "cuda" else "gloo"
        group = dist.PrefixStore("group", store)  # type: ignore[attr-defined]
        dist.init_process_group(backend, store=group, rank=context.rank, world_size=context.processes)
        yield context
    except RuntimeError as error:
        if not _is_of_network(error):
            raise
        # Without the place in the backend's code, and its advice.
        reason = re.sub(r"^\[[^]]*\] ", "", str(error).strip()).partition("\n")[0].partition(". ")[0]
        raise LostProcess(
            f"another process of the training was lost ({reason}); start the same command again on every machine: "
            "it resumes from the last checkpoint"
        ) from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def _is_of_network(error: RuntimeError) -> bool:
    """Whether an operation of several processes failed; the backends raise errors of no common type."""
    return isinstance(error, dist.DistError) or any(name in str(error) for name in ("gloo", "Gloo", "NCCL"))


def launch(module: str, processes: int) -> int:
    """Run `python -m module` with this process's arguments in several processes of this machine.

    Returns:
        The exit status. A process that fails ends the others and has printed its error itself.
    """
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # By default, every process would use all cores.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, torch.get_num_threads() // processes)))
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=processes,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        run_id=module,
        monitor_interval=0.2,
        max_restarts=0,  # an error would only repeat itself
    )
    try:
        elastic_launch(config, sys.executable)("-m", module, *sys.argv[1:])
    except ChildFailedError as error:
        return max(1, *(failure.exitcode for failure in error.failures.values()))
    return 0
