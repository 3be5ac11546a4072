"""The section `split` of `params.yaml`."""

from __future__ import annotations

from brandmlm.config.params.section import Section, Share


class Split(Section):
    salt: str
    validation: Share
    test: Share
