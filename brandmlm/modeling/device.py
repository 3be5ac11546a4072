"""How the model runs (device, threads, precision, determinism): settings of speed that leave the recipe alone."""

from __future__ import annotations

import ctypes
import os
from contextlib import AbstractContextManager, nullcontext

import torch
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from brandmlm.config.params.execution import Execution
from brandmlm.core.errors import UserError

# oneDNN caches a compiled kernel and its scratch memory for each shape of a product, 1,024 by default.
KERNEL_CACHE = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256", "LRU_CACHE_CAPACITY": "256"}

# In glibc's malloc.h, with our values. By default, each thread has its own heap, whose free memory other threads cannot
# use, and large blocks are returned to the system, which fills them with zeros before they are used again.
M_TRIM_THRESHOLD, M_MMAP_MAX, M_ARENA_MAX = -1, -4, -8
MALLOC = {M_ARENA_MAX: 1, M_MMAP_MAX: 0, M_TRIM_THRESHOLD: 2**31 - 1}


def pick_device(execution: Execution) -> torch.device:
    """The configured device; `auto` prefers cuda, then mps, then cpu. Raises UserError if it is not available."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if execution.device == "auto":
        return torch.device(next(name for name, present in available.items() if present))
    if not available[execution.device]:
        raise UserError(f"params.yaml: execution.device: no {execution.device} device here; take auto or cpu")
    return torch.device(execution.device)


def has_bf16(device: torch.device) -> bool:
    """Whether the hardware computes bf16 products; in software they are slower than fp32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return False


def use_bf16(execution: Execution, device: torch.device) -> bool:
    """Whether `execution.precision` means bf16 on this device."""
    return execution.precision == "bf16" or (execution.precision == "auto" and has_bf16(device))


def fastest_attention(device: torch.device) -> str:
    """The name of the attention implementation in transformers that trains fastest on sentences.

    torch's fused kernel is made for long sequences: on a CPU its backward pass makes training slower by a quarter
    (`bench/README.md`).
    """
    return "eager" if device.type == "cpu" else "sdpa"


def compile_layers(model: PreTrainedModel) -> None:
    """Compile the model's layers in place, for batches of any shape.

    The layers are alike, so they share one compiled kernel; they are the modules that transformers marks for gradient
    checkpointing. A last layer that `masked_lm` computes piecewise runs uncompiled.

    Raises:
        UserError: the model has no such layers.
    """
    layers = [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]
    if not layers:
        raise UserError(
            f"params.yaml: execution.compile: model type {model.config.model_type!r} has no layers that can be "
            "compiled; set it to false"
        )
    for layer in layers:
        layer.compile(dynamic=True)


def autocast(bf16: bool, device: torch.device) -> AbstractContextManager[object]:
    """A context in which products are computed in bf16, or one without effect."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if bf16 else nullcontext()


def save_memory() -> None:
    """Set up the caches of oneDNN and glibc; call it before the first product. Results do not change.

    Measured in `bench/README.md`.
    """
    for name, capacity in KERNEL_CACHE.items():
        os.environ.setdefault(name, capacity)
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, value in MALLOC.items():
            libc.mallopt(option, value)


def set_up(execution: Execution, seed: int = 0) -> torch.device:
    """Set seed, threads, deterministic kernels and memory limits for this process; return the device.

    Results are the same to the byte on the same machine with the same number of threads.
    """
    save_memory()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with it
    if execution.threads:
        torch.set_num_threads(execution.threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # every tensor is written
    device = pick_device(execution)
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))  # one GPU per process
    return device
