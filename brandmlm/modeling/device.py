"""Where and how the model runs: device, threads, precision, determinism. It changes speed, not the recipe."""

from __future__ import annotations

import ctypes
import os
from contextlib import AbstractContextManager, nullcontext

import torch
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from brandmlm.config.params.execution import Execution
from brandmlm.core.errors import UserError

# oneDNN keeps a compiled kernel and its scratch memory for each shape of a product, 1,024 of them unless told otherwise
# by these variables. Shapes seldom return here (other lengths, other numbers of masked tokens): a step's own will do.
KERNELS = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32", "LRU_CACHE_CAPACITY": "32"}

M_ARENA_MAX = -8  # in glibc's malloc.h


def pick_device(execution: Execution) -> torch.device:
    """The device asked for; `auto` prefers cuda, then mps, then cpu. Raises UserError where it is not there."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if execution.device == "auto":
        return torch.device(next(name for name, there in found.items() if there))
    if not found[execution.device]:
        raise UserError(f"params.yaml: execution.device: no {execution.device} device here; take auto or cpu")
    return torch.device(execution.device)


def has_bf16(device: torch.device) -> bool:
    """Whether bf16 products are computed in hardware (in software they are slower than fp32)."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        found = torch.cpu.get_capabilities()
        return bool(found.get("avx512_bf16") or found.get("amx_bf16") or found.get("bf16"))
    return False


def use_bf16(execution: Execution, device: torch.device) -> bool:
    return execution.precision == "bf16" or (execution.precision == "auto" and has_bf16(device))


def fastest_attention(device: torch.device) -> str:
    """What transformers calls it. torch's fused kernel is made for long sequences: on a processor its backward pass
    makes a training on sentences slower by a quarter (`bench/README.md`)."""
    return "eager" if device.type == "cpu" else "sdpa"


def compile_layers(model: PreTrainedModel) -> None:
    """Compile the model's layers in place, for batches of any shape. They are alike, so what is compiled for one does
    for all; transformers marks them as the parts that gradient checkpointing may compute again. A last layer that
    `heads` takes apart is left as it is. Raises UserError where the model has no such layers."""
    layers = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise UserError(
            f"params.yaml: execution.compile: model type {model.config.model_type!r} has no layers to compile one by "
            "one; set it to false"
        )
    for layer in layers:
        layer.compile(dynamic=True)


def autocast(bf16: bool, device: torch.device) -> AbstractContextManager[object]:
    return torch.autocast(device.type, dtype=torch.bfloat16) if bf16 else nullcontext()


def save_memory() -> None:
    """Let the libraries hoard less; call it before the first product. Speed and bytes stay (`bench/README.md`).

    Every thread would else have a heap of its own (glibc), with what it freed kept from the others.
    """
    for name, capacity in KERNELS.items():
        os.environ.setdefault(name, capacity)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)


def set_up(execution: Execution, seed: int = 0) -> torch.device:
    """Fix seeds, threads where asked for, deterministic kernels and modest memory for this process; return the device.

    The same bytes come out on the same machine with the same number of threads.
    """
    save_memory()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with it
    if execution.threads:
        torch.set_num_threads(execution.threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # all of it is written
    device = pick_device(execution)
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))  # each process of a training has its own
    return device
