"""The section `filter` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.params.section import Positive, Section


class Filter(Section):
    rule: str
    match: Literal["word", "substring"]
    positive_threshold: Annotated[float, Field(ge=-1, le=1)]
    min_words: Positive
    max_words: Positive
    drift_warm_up: Positive
