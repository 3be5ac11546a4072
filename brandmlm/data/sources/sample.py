"""Sources of kind `sample`: a CSV file of the project's own, in the schema of the real source."""

from __future__ import annotations

from pathlib import Path

from brandmlm.config.params.sources import SampleSource
from brandmlm.data.sources.arrival import Arrival
from brandmlm.data.sources.download import Limits
from brandmlm.data.sources.file import copy


def bring(source: SampleSource, target: Path, limits: Limits) -> Arrival:
    """Copy the project's file from the working directory: there DVC puts the version that the stage depends on."""
    copy(Path(source.path), target, limits, source.path)
    return Arrival(source.path)
