"""Several processes for one training, on one machine or many, by torch's own launcher and conventions.

The stage restarts itself under torch's elastic launcher if `execution.processes` is greater than one. Under `torchrun`
or `accelerate launch` (several machines) the processes exist already, and the launcher's variables identify this one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist

from brandmlm.modeling.masking import Ints


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
    return DistributedContext(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))


@contextmanager
def process_group(device: torch.device) -> Iterator[DistributedContext]:
    """Connect this process with the others of the training, if there are any."""
    context = distributed_context()
    if context.processes == 1:
        yield context
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield context
    finally:
        dist.destroy_process_group()


def launched() -> bool:
    """Whether a launcher started this process."""
    return "RANK" in os.environ


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
