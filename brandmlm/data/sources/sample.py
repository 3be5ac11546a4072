"""Sources of kind `sample`: a table file of this project."""

from __future__ import annotations

from pathlib import Path

from brandmlm.config.params.sources import SampleSource
from brandmlm.core import inputs
from brandmlm.data.sources.file import copy
from brandmlm.data.sources.job import Job, Retrieved, RetrievedFile


def retrieve(source: SampleSource, job: Job) -> Retrieved:
    """Copy the file from the working directory, where DVC puts the version that the stage depends on."""
    inputs.note(Path(source.path))
    file = RetrievedFile(job.target(source.path), source.path)
    copy(Path(source.path), file.path, job.limits, source.path)
    return Retrieved(source.path, [file])
