"""The section `clean` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Positive, Section, Share


class Clean(Section):
    min_words: Positive
    near_duplicate: Annotated[float, Field(gt=0, le=1)]
    language_confidence: Share
    min_brand_share: Share
