"""The base class of the sections of `params.yaml` and the types that they share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]

Positive = Annotated[int, Field(gt=0, le=1_000_000_000)]

Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what the generators of numpy and torch take

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

OwnerName = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]  # owner/name


class Section(BaseModel):
    """Frozen and strict; unknown keys and infinite numbers are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
