"""The section `synthesize` of `params.yaml`."""

from __future__ import annotations

from brandmlm.config.params.section import Positive, Section, Share


class Synthesize(Section):
    seed: int
    sentences: Positive
    brand_share: Share
    wanted_share: Share
    unwanted_share: Share
