"""The kinds of raw sources: one module each, picked by `kind`. Each brings a source's bytes and says where from."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from brandmlm.config.params.sources import AnySource, DataWorldSource, FileSource, KaggleSource, SampleSource
from brandmlm.core.errors import UserError
from brandmlm.data.sources import dataworld, file, kaggle, sample
from brandmlm.data.sources.archive import is_zip, unpack_csv
from brandmlm.data.sources.arrival import Arrival
from brandmlm.data.sources.download import Limits


def _bring(source: AnySource, target: Path, parking: Path, limits: Limits, key: str) -> Arrival:
    match source:
        case SampleSource():
            return sample.bring(source, target, limits)
        case FileSource():
            return file.bring(source, target, parking, limits, key)
        case KaggleSource():
            return kaggle.bring(source, target, parking, limits, key)
        case DataWorldSource():
            return dataworld.bring(source, target, parking, limits, key)
        case _:
            assert_never(source)


def bring(source: AnySource, target: Path, parking: Path, limits: Limits, key: str) -> Arrival:
    """Write the source's CSV into `target`, byte for byte, out of its zip archive where it comes in one.

    `parking`: a folder for the bytes of a download on their way. `key`: the source's name in params.yaml
    (`sources.reviews`). Raises UserError where the source cannot be had.
    """
    arrival = _bring(source, target, parking, limits, key)
    if is_zip(target):
        packed = target.with_name("archive.zip")
        target.rename(packed)
        unpack_csv(packed, target, arrival.file, limits, arrival.retrieved_from, key)
        packed.unlink()
    size = target.stat().st_size
    # Fewer bytes than the site lists are a truncated file. More are none: what exactly a site counts is not documented.
    # A pinned digest, which the caller checks, says more than a size.
    if source.sha256 is None and arrival.announced is not None and size < arrival.announced:
        raise UserError(
            f"{arrival.retrieved_from}: {size:,} bytes came of the {arrival.announced:,} that the site lists; try again"
        )
    return arrival
