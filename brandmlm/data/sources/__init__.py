"""Sources: one module for each kind of raw data set (a file, a site); each retrieves a CSV file and its origin."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from brandmlm.config.params.sources import AnySource, DataWorldSource, FileSource, KaggleSource, SampleSource
from brandmlm.core.errors import UserError
from brandmlm.data.sources import dataworld, file, kaggle, sample
from brandmlm.data.sources.archive import is_zip, unpack_csv
from brandmlm.data.sources.remote import Limits
from brandmlm.data.sources.retrieved import Retrieved


def _retrieve(source: AnySource, target: Path, folder: Path, limits: Limits, key: str) -> Retrieved:
    match source:
        case SampleSource():
            return sample.retrieve(source, target, limits)
        case FileSource():
            return file.retrieve(source, target, folder, limits, key)
        case KaggleSource():
            return kaggle.retrieve(source, target, folder, limits, key)
        case DataWorldSource():
            return dataworld.retrieve(source, target, folder, limits, key)
        case _:
            assert_never(source)


def retrieve(source: AnySource, target: Path, folder: Path, limits: Limits, key: str) -> Retrieved:
    """Write a source's CSV file to `target`, byte for byte, unpacked if it comes in a zip archive.

    Args:
        source: Where the file is.
        target: The file to write.
        folder: Where the bytes of a download are collected.
        limits: When to give up.
        key: The source's name in params.yaml (`sources.reviews`), for messages.

    Raises:
        UserError: The file cannot be retrieved.
    """
    retrieved = _retrieve(source, target, folder, limits, key)
    if is_zip(target):
        packed = target.with_name("archive.zip")
        target.rename(packed)
        unpack_csv(packed, target, retrieved.file, limits, retrieved.retrieved_from, key)
        packed.unlink()
    size, listed = target.stat().st_size, retrieved.listed_bytes
    # Fewer bytes than the site lists mean a truncated file; more do not, because sites do not document what they count.
    # A pinned digest, which the caller checks, says more than a size.
    if source.sha256 is None and listed is not None and size < listed:
        raise UserError(
            f"{retrieved.retrieved_from}: {size:,} bytes arrived of the {listed:,} that the site lists; try again"
        )
    return retrieved
