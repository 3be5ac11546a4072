"""Data-parallel gradients: threads of a process, each with a replica of the model, and several processes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Final

import torch

from brandmlm.config.params.train import Train
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.steps import Step

MIN_WORKER_TOKENS: Final = 512  # of a step, per worker: smaller products are slower


class Workers:
    """Threads that share the micro-batches of a step, each with a replica of the objective and gradients of its own.

    Threads synchronise once per step. Threads inside operations would at each of them and wait for the slowest, which
    costs a fifth of the speed on two idle cores and more on a busy machine.
    """

    def __init__(
        self,
        replicas: Sequence[torch.nn.Module],
        parameters: Iterable[torch.Tensor],
        context: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
    ) -> None:
        """
        Args:
            replicas: one per worker; each maps a micro-batch to the objective and the negative log-likelihood of its
                masked tokens (sums, nats).
            parameters: that the optimizer updates, in the order of a replica's own trainable ones. A replica either
                has these or their data, or the caller updates it after each step.
        """
        self.replicas = list(replicas)
        self.parameters = list(parameters)
        self.context = context
        # Within a replica, few threads: all of a single one's, a share of them otherwise.
        threads = max(1, torch.get_num_threads() // len(self.replicas))
        self.pool = ThreadPoolExecutor(len(self.replicas), initializer=torch.set_num_threads, initargs=(threads,))

    def backward(self, step: Step) -> torch.Tensor:
        """Leave the gradient of the mean objective of the step's masked tokens in `parameters`.

        Micro-batch i belongs to worker i modulo their number, and sums are taken in that order, so that the result is
        the same to the byte.

        Returns:
            The mean negative log-likelihood (nats), a scalar.
        """
        number = len(self.replicas)
        shares = [step.micro_batches[worker::number] for worker in range(number)]
        run = map if number == 1 else self.pool.map
        losses = list(run(_backward, self.replicas, shares, repeat(step.masked)))
        with torch.no_grad():
            for replica in self.replicas:
                for shared, own in zip(self.parameters, _trained(replica), strict=True):
                    if own is not shared and own.grad is not None:
                        gradient = own.grad.to(shared)
                        shared.grad = gradient if shared.grad is None else shared.grad.add_(gradient)
                        own.grad = None
        loss = torch.stack(losses).sum()
        gradients = [value.grad for value in self.parameters if value.grad is not None]
        self.context.all_reduce([*gradients, loss])
        return loss


def _trained(module: torch.nn.Module) -> list[torch.nn.Parameter]:
    return [value for value in module.parameters() if value.requires_grad]


def _backward(replica: torch.nn.Module, micro_batches: list[dict[str, torch.Tensor]], masked: int) -> torch.Tensor:
    """Add the gradients of some micro-batches to a replica's; return their part of the step's mean loss."""
    device = next(replica.parameters()).device
    replica.train()
    total = torch.zeros((), device=device)
    for batch in micro_batches:
        objective, nll = replica(**{name: value.to(device) for name, value in batch.items()})
        (objective / masked).backward()
        total += nll.detach() / masked
    return total


def make_workers(
    objective: torch.nn.Module,
    number: int,
    context: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
) -> Workers:
    """Workers that train `objective`: its replicas share its weights, which the optimizer updates in place."""
    replicas = [objective] + [copy.deepcopy(objective) for _ in range(number - 1)]
    for replica in replicas[1:]:
        for own, shared in zip(replica.parameters(), objective.parameters(), strict=True):
            own.data = shared.data
    return Workers(replicas, _trained(objective), context)


def worker_count(device: torch.device, params: Train, context: DistributedContext, compiled: bool = False) -> int:
    """How many workers to train with: one per core, each with `MIN_WORKER_TOKENS` or more of every step.

    One on a GPU or in several processes, with compiled layers (a replica is not compiled), and with dropout, whose
    draws come in one order from one generator.
    """
    if device.type != "cpu" or context.processes > 1 or compiled or params.dropout:
        return 1
    return max(1, min(torch.get_num_threads(), params.batch_tokens // MIN_WORKER_TOKENS))
