"""The section `fetch` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Positive, Section


class Fetch(Section):
    timeout_s: Annotated[float, Field(gt=0, le=86_400)]
    max_megabytes: Positive
