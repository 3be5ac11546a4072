"""Write a trained model and its card into a folder of its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

TRAINING_RECORDS: Final = ("history.parquet", "training.json")  # not exported: no loader reads them


def model_files(model: Path) -> list[Path]:
    """The files of a trained model that transformers and the hub read."""
    return sorted(file for file in model.iterdir() if file.name not in TRAINING_RECORDS)


def write_export(files: list[Path], card: str, out: Path) -> None:
    """Put the files and the card (README.md) into a folder; files are hard links where the disk allows it."""
    for file in files:
        _link(file.resolve(), out / file.name)
    (out / "README.md").write_text(card, encoding="utf-8", newline="\n")


def _link(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it. DVC replaces outputs and never writes into them, so that a link is safe."""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copyfile(source, target)
