"""Data-parallel worker threads on a processor."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import torch

from brandmlm.config.params.train import Train
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loss import Objective

WORKER_TOKENS: Final = 1024  # of a step, at least, for a worker: smaller products are slower


class CpuWorkers:
    """Threads that share the micro-batches of a step on a processor, each with one core and gradients of its own.

    They meet once a step. Threads inside operations meet at every one of them and wait there for the slowest: on two
    quiet cores that costs a fifth of the speed, on a busy machine more.
    """

    def __init__(self, objective: Objective, number: int) -> None:
        self.objective = objective
        self.replicas = [objective] + [copy.deepcopy(objective) for _ in range(number - 1)]
        for replica in self.replicas[1:]:
            for own, shared in zip(replica.parameters(), objective.parameters(), strict=True):
                own.data = shared.data  # the optimiser writes in place: one set of weights
        threads = max(1, torch.get_num_threads() // number)
        self.pool = ThreadPoolExecutor(number, initializer=torch.set_num_threads, initargs=(threads,))

    def backward(self, parts: list[dict[str, torch.Tensor]], masked: int) -> torch.Tensor:
        """Leave the gradient of the mean objective over `masked` tokens in the model's parameters; return the mean
        negative log-likelihood (nats).

        Part p is always worker p's (modulo their number), and sums are taken in that order: the same bytes each time.
        """

        def work(replica: Objective, own: list[dict[str, torch.Tensor]]) -> torch.Tensor:
            replica.train()
            total = torch.zeros(())
            for part in own:
                objective, nll = replica(**part)
                (objective / masked).backward()
                total += nll.detach() / masked
            return total

        shares = [parts[number :: len(self.replicas)] for number in range(len(self.replicas))]
        losses = list(self.pool.map(work, self.replicas, shares))
        with torch.no_grad():
            for replica in self.replicas[1:]:
                for shared, own in zip(self.objective.parameters(), replica.parameters(), strict=True):
                    if own.grad is not None:
                        shared.grad = own.grad if shared.grad is None else shared.grad.add_(own.grad)
                        own.grad = None
        return torch.stack(losses).sum()


def worker_count(device: torch.device, params: Train, share: DistributedContext, compiled: bool = False) -> int:
    """How many `Workers` to train with: one a core, each with a thousand tokens or more of every step.

    One where a GPU or several processes do the work, where the layers are compiled (a copy is not), and where dropout
    draws, in one order, from one generator.
    """
    if device.type != "cpu" or share.processes > 1 or compiled or params.dropout:
        return 1
    return max(1, min(torch.get_num_threads(), params.batch_tokens // WORKER_TOKENS))
