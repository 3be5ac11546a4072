"""The base class of the sections of `params.yaml` and the types that they share."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]

Positive = Annotated[int, Field(gt=0, le=1_000_000_000)]

Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what the generators of numpy and torch take

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

_NAME: Final = re.compile(r"[A-Za-z0-9_][\w-]*", re.ASCII)


def check_name(name: str) -> str:
    """Check a name that becomes a folder's, or a part of a key of DVC's. Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError("write letters, digits, - and _ only")
    return name


FolderName = Annotated[str, AfterValidator(check_name)]

OwnerName = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]  # owner/name


class Section(BaseModel):
    """Frozen and strict; unknown keys and infinite numbers are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
