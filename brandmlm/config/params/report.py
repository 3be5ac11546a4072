"""The section `report` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Section


class Report(Section):
    top: Annotated[int, Field(gt=0, le=1000)]
