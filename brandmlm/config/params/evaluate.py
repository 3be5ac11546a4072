"""The section `evaluate` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Positive, Section


class Evaluate(Section):
    mask_folds: Annotated[int, Field(gt=0, le=1000)]
    max_length: Annotated[int, Field(ge=8, le=1_000_000)]
    real_rows: Positive
    synthetic_rows: Positive
    depth: Positive
    pseudo_perplexity: bool
