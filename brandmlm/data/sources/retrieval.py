"""Retrieve a source of any kind."""

from __future__ import annotations

from typing import assert_never

from brandmlm.config.params.sources import (
    AnySource,
    DataWorldSource,
    FileSource,
    HubSource,
    KaggleSource,
    SampleSource,
)
from brandmlm.data.sources import dataworld, file, hub, kaggle, sample
from brandmlm.data.sources.job import Job, Retrieved


def retrieve(source: AnySource, job: Job) -> Retrieved:
    """Write a source's files into the job's folder, as they are.

    Raises:
        UserError: the files cannot be retrieved.
    """
    match source:
        case SampleSource():
            return sample.retrieve(source, job)
        case FileSource():
            return file.retrieve(source, job)
        case KaggleSource():
            return kaggle.retrieve(source, job)
        case DataWorldSource():
            return dataworld.retrieve(source, job)
        case HubSource():
            return hub.retrieve(source, job)
        case _:
            assert_never(source)
