"""Data-parallel gradients: threads of a process, each with a replica of the model, and several processes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import repeat
from typing import Any, Final

import torch
from torch.autograd.function import once_differentiable

from brandmlm.config.params.train import Train
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loss import Objective
from brandmlm.training.steps import Step

MIN_WORKER_TOKENS: Final = 128  # of a step, per worker: smaller products are slower


class Replica:
    """An objective that a worker computes, and the sums of its gradients in float32.

    With weights in bf16, gradients of one micro-batch are rounded to bf16, but not their sums.
    """

    def __init__(self, objective: torch.nn.Module) -> None:
        """
        Args:
            objective: maps a micro-batch to the objective and the negative log-likelihood of its masked tokens (sums,
                nats). Its parameters have no `grad` after a backward pass: that is here.
        """
        self.objective = objective
        self.parameters = [value for value in objective.parameters() if value.requires_grad]
        self.sums = [torch.empty(0)] * len(self.parameters)
        self.have = [False] * len(self.parameters)  # a gradient in `sums`
        self.looked_up: list[tuple[int, torch.Tensor, torch.Tensor]] = []
        for index, parameter in enumerate(self.parameters):
            parameter.register_post_accumulate_grad_hook(partial(self._take, index))

    def _take(self, index: int, parameter: torch.Tensor) -> None:
        gradient, parameter.grad = parameter.grad, None
        if gradient is None:  # it was only looked up
            return
        total = self._sum(index, gradient.shape, gradient.device)
        if self.have[index]:
            total.add_(gradient.to(total))
        else:
            total.copy_(gradient)
        self.have[index] = True

    def _sum(self, index: int, shape: torch.Size, device: torch.device) -> torch.Tensor:
        if self.sums[index].shape != shape:
            self.sums[index] = torch.empty(shape, device=device)
        return self.sums[index]

    def look_up_sparsely(self) -> None:
        """Let embeddings add the gradients of the rows that were looked up, instead of a matrix that is mostly zero."""
        places = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        for module in self.objective.modules():
            if type(module) is not torch.nn.Embedding or module.max_norm or id(module.weight) not in places:
                continue
            index = places[id(module.weight)]
            module.forward = partial(self._look_up, module, index)  # type: ignore[method-assign]

    def _look_up(self, module: torch.nn.Embedding, index: int, ids: torch.Tensor) -> Any:
        apply: Any = _LookUp.apply
        return apply(module.weight, ids, module.padding_idx, partial(self._keep, index))

    def _keep(self, index: int, ids: torch.Tensor, gradient: torch.Tensor) -> None:
        self.looked_up.append((index, ids, gradient))

    def backward(self, micro_batches: Sequence[dict[str, torch.Tensor]], masked: int) -> torch.Tensor:
        """Sum the gradients of some micro-batches of a step with so many masked tokens.

        Returns:
            Their part of the step's mean loss.
        """
        device = next(self.objective.parameters()).device
        self.objective.train()
        self.have = [False] * len(self.parameters)
        total = torch.zeros((), device=device)
        for batch in micro_batches:
            objective, nll = self.objective(**{name: value.to(device) for name, value in batch.items()})
            (objective / masked).backward()
            for index, ids, gradient in self.looked_up:
                at = self._sum(index, self.parameters[index].shape, device)
                if not self.have[index]:
                    at.zero_()
                self.have[index] = True
                at.index_add_(0, ids, gradient.to(at))
            self.looked_up.clear()
            total += nll.detach() / masked
        return total


class _LookUp(torch.autograd.Function):
    """Rows of an embedding; the gradient is given to `keep` as indices (rows,) and gradients (rows, size)."""

    @staticmethod
    def forward(ctx: Any, weight: torch.Tensor, ids: torch.Tensor, padding: int | None, keep: Any) -> torch.Tensor:
        ctx.save_for_backward(ids)
        ctx.padding, ctx.keep = padding, keep
        return torch.nn.functional.embedding(ids, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[None, None, None, None]:
        (ids,) = ctx.saved_tensors
        gradient = outer[0]
        if ctx.padding is not None:  # its row is not trained
            used = ids != ctx.padding
            ids, gradient = ids[used], gradient[used]
        ctx.keep(ids.flatten(), gradient.flatten(0, -2))
        return None, None, None, None


class Workers:
    """Threads that share the micro-batches of a step, each with a replica of the objective and gradients of its own.

    Threads synchronise once per step. Threads inside operations would at each of them and wait for the slowest.
    """

    def __init__(
        self,
        replicas: Sequence[Replica],
        parameters: Iterable[torch.Tensor],
        context: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
        copies: Sequence[torch.Tensor] = (),
    ) -> None:
        """
        Args:
            replicas: one per worker.
            parameters: that the optimizer updates, in the order of a replica's own trainable ones. A replica has their
                data, or `copies`, or the caller updates it after each step.
            copies: of the parameters, in another precision; they are updated before each step.
        """
        self.replicas = list(replicas)
        self.parameters = list(parameters)
        self.context = context
        self.copies = list(copies)
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
        with torch.no_grad():
            for own, shared in zip(self.copies, self.parameters, strict=False):
                own.copy_(shared)
        losses = list(run(Replica.backward, self.replicas, shares, repeat(step.masked)))
        with torch.no_grad():
            for index, shared in enumerate(self.parameters):
                for gradient in (replica.sums[index] for replica in self.replicas if replica.have[index]):
                    shared.grad = gradient.to(shared) if shared.grad is None else shared.grad.add_(gradient.to(shared))
        loss = torch.stack(losses).sum()
        gradients = [value.grad for value in self.parameters if value.grad is not None]
        self.context.all_reduce([*gradients, loss])
        return loss


def make_workers(
    objective: Objective,
    number: int,
    context: DistributedContext = DistributedContext(),  # noqa: B008 (frozen)
) -> Workers:
    """Workers that train `objective`, whose weights the optimizer updates in place.

    Replicas share these weights, or, if products are computed in bf16, one copy of them in bf16: weights are rounded
    once a step instead of in every forward pass.
    """
    masters = list(objective.parameters())
    dtype = torch.bfloat16 if objective.bf16 else torch.float32
    shared = [value.detach().to(dtype) for value in masters]  # the same memory if the type is the same
    replicas = []
    for _ in range(number):
        own = {
            id(value): torch.nn.Parameter(data, requires_grad=value.requires_grad)
            for value, data in zip(masters, shared, strict=True)
        }
        replica = copy.deepcopy(objective, dict(own))
        replica.bf16 = False
        for module, of in zip(replica.modules(), objective.modules(), strict=True):
            if of._compiled_call_impl is not None:  # which is not copied
                module.compile(dynamic=True)
        replicas.append(Replica(replica))
        replicas[-1].look_up_sparsely()
    trained = [(value, data) for value, data in zip(masters, shared, strict=True) if value.requires_grad]
    copies = [data for value, data in trained] if objective.bf16 else []
    return Workers(replicas, [value for value, _ in trained], context, copies)


def worker_count(device: torch.device, params: Train, context: DistributedContext, compiled: bool = False) -> int:
    """How many workers to train with: one per core, each with `MIN_WORKER_TOKENS` or more of every step.

    One on a GPU or in several processes, with compiled layers (a replica is not compiled), and with dropout, whose
    draws come in one order from one generator. Never decided by a timing: the number changes the order of sums, so a
    training that was resumed with another would end with other bytes. Measured in `bench/README.md`.
    """
    if device.type != "cpu" or context.processes > 1 or compiled or params.dropout:
        return 1
    return max(1, min(torch.get_num_threads(), params.step_tokens // MIN_WORKER_TOKENS))
