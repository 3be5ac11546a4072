"""The section `report` of `params.yaml`."""

from __future__ import annotations

from brandmlm.config.params.section import Positive, Section


class Report(Section):
    top: Positive
