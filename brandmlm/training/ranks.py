"""Which of a training's processes this one is, by the variables of its launcher.

Without torch, which takes seconds to import: a mistake in `params.yaml` is reported before.
"""

from __future__ import annotations

import os
from typing import Final

from brandmlm.core.errors import UserError

_PORT: Final = "29500"  # as torch's launchers


class LostProcess(UserError):
    """Another process of the training has ended."""


def adopt_slurm() -> None:
    """Describe a task that `srun` started by the variables of torch's launchers.

    Raises:
        UserError: the address of the first task's machine is not given.
    """
    variables = os.environ
    step = variables.get("SLURM_STEP_NUM_TASKS")  # not in a batch script, outside of `srun`
    tasks = step or variables.get("SLURM_NTASKS", "1")
    if "RANK" in variables or "SLURM_PROCID" not in variables or tasks == "1":
        return
    if "MASTER_ADDR" in variables:
        local = variables.get("SLURM_LOCALID", "0")
        variables.update(RANK=variables["SLURM_PROCID"], WORLD_SIZE=tasks, LOCAL_RANK=local)
        variables.setdefault("MASTER_PORT", _PORT)
    elif step:
        raise UserError(
            f"MASTER_ADDR is not set, and srun started {tasks} tasks: set it to the machine of the first one, "
            'with `export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)`'
        )


def launched() -> bool:
    """Whether a launcher started this process, perhaps as one of several."""
    return "RANK" in os.environ


def own_rank() -> int:
    return int(os.environ.get("RANK", 0))


def process_count() -> int:
    return int(os.environ.get("WORLD_SIZE", 1))
