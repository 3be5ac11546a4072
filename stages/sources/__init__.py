"""The kinds of raw sources: one module each, picked by `kind`. Each brings a source's bytes and says where from."""

from __future__ import annotations

from pathlib import Path

from stages.cli import UserError
from stages.download import Limits
from stages.params import AnySource, FileSource, SampleSource
from stages.sources import file, sample


def bring(source: AnySource, target: Path, limits: Limits, key: str) -> str:
    """Write the source's CSV into `target`, byte for byte; return where it came from, without credentials.

    `key` is the source's name in params.yaml (`sources.reviews`). Raises UserError where it cannot be had.
    """
    match source:
        case SampleSource():
            return sample.bring(source, target, limits)
        case FileSource():
            return file.bring(source, target, limits, key)
        case _:
            raise UserError(
                f"params.yaml: {key}.kind: {source.kind} is not available yet; download the CSV of {source.dataset} "
                "yourself and set kind to file and path to where it is"
            )
