"""Several processes for one training, on one machine or many: torch's own launcher and conventions.

A stage that is asked for more than one process starts itself again under torch's elastic launcher. Under `torchrun` or
`accelerate launch` (several machines) the variables it sets say which process this is, and nothing is started.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

import torch

from brandmlm.modeling.masking import Ints


@dataclass(frozen=True)
class DistributedContext:
    """What part of the work is this process's."""

    rank: int = 0
    processes: int = 1

    def of(self, items: Ints) -> Ints:
        return items[self.rank :: self.processes]


def distributed_context() -> DistributedContext:
    """From the variables that torch's launchers set."""
    return DistributedContext(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))


def launched() -> bool:
    return "RANK" in os.environ


def launch(module: str, processes: int) -> int:
    """Run `python -m module` with this process's arguments in several processes of this machine; the exit status.

    A process that fails ends the others and has said why itself.
    """
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # Left alone, every process would take all cores.
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
    )
    try:
        elastic_launch(config, sys.executable)("-m", module, *sys.argv[1:])
    except ChildFailedError as error:
        return max(1, *(failure.exitcode for failure in error.failures.values()))
    return 0
