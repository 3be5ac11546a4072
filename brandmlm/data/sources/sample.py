"""Sources of kind `sample`: a CSV file of this project, with the columns of the real source."""

from __future__ import annotations

from pathlib import Path

from brandmlm.config.params.sources import SampleSource
from brandmlm.data.sources.file import copy
from brandmlm.data.sources.remote import Limits
from brandmlm.data.sources.retrieved import Retrieved


def retrieve(source: SampleSource, target: Path, limits: Limits) -> Retrieved:
    """Copy the file from the working directory, where DVC puts the version that the stage depends on."""
    copy(Path(source.path), target, limits, source.path)
    return Retrieved(source.path)
