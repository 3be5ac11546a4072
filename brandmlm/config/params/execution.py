"""The section `execution` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.params.section import Positive, Section


class Execution(Section):
    device: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["auto", "fp32", "bf16"]
    threads: Annotated[int, Field(ge=0, le=1024)]
    processes: Annotated[int, Field(gt=0, le=256)]
    checkpoint_s: Annotated[float, Field(ge=0, le=1e9)]
    micro_batch_tokens: Positive
    compile: bool
    # Of the data stages. Left out of dumps, which tell one training from another.
    workers: Annotated[int, Field(gt=0, le=256, exclude=True)] = 1
    scheduler: Annotated[str | None, Field(pattern=r"^[a-z]+://", exclude=True)] = None
