"""The section `gates` of `params.yaml`: how far metrics may get worse in a pull request."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.params.section import Section


class Gate(Section):
    """How far one metric may get worse in a pull request (`brandmlm.commands.compare`). No stage reads it."""

    metric: str  # its keys in metrics/details.json, joined by dots
    better: Literal["lower", "higher"]
    may_worsen: Annotated[float, Field(ge=0)]  # in the metric's own unit, or a share of the base's value
    relative: bool = False  # whether it is a share
