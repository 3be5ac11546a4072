"""What all sections of `params.yaml` share: frozen, strict models that refuse unknown keys, and common types."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]

Positive = Annotated[int, Field(gt=0)]

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

OwnerName = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]  # as the sites write it: owner/name


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
