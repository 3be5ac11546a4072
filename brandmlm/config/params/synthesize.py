"""The section `synthesize` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Section, Seed, Share


class Synthesize(Section):
    seed: Seed
    sentences: Annotated[int, Field(gt=0, le=1_000_000)]
    brand_share: Share
    wanted_share: Share
    unwanted_share: Share
