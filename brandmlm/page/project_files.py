"""The files of a project that the page reads, and the one that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProjectFiles:
    """Paths from the project's root folder."""

    models: Mapping[str, Path]  # folder by the name that the page shows: base, v1, v2
    lexicon: Path  # the only file that the page writes
    probes: Path
    training: Path  # corpus tables: all training rows, those that the filter kept, and their signals
    kept: Path
    signals: Path
    evaluations: Path  # with a folder per model
