"""Write a trained model and its card into a folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from brandmlm.config.params.sections import read_document
from brandmlm.core.errors import UserError
from brandmlm.core.recorded import digest, folder_digest, recorded_outputs
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.provenance import Build

TRAINING_RECORDS: Final = ("history.parquet", "training.json")  # not exported: no loader reads them


def check_recorded(folder: Path) -> None:
    """Check a folder against dvc.lock, byte by byte, where DVC runs the export: DVC itself trusts sizes and times.

    Raises:
        UserError: the folder is not what dvc.lock records.
    """
    lock = Path("dvc.lock")
    if "DVC_STAGE" not in os.environ or not lock.is_file():
        return
    recorded = recorded_outputs(parse_lock(lock.read_bytes(), "workspace")).get(folder.as_posix())
    if recorded is not None and folder_digest(folder) != recorded:
        raise UserError(f"{folder}: not the bytes that dvc.lock records; `brand-mlm verify` tells which and what to do")


def model_files(model: Path) -> list[Path]:
    """The files of a trained model that transformers and the hub read."""
    return sorted(file for file in model.iterdir() if file.name not in TRAINING_RECORDS)


def declared_params(path: Path, sections: Iterable[str]) -> dict[str, Any]:
    """Sections of params.yaml under the names by which a stage declares them: common ones, then the profile's."""
    document = read_document(path)
    profile = document["profile"]
    names = [*sections]
    common = {name: document[name] for name in names if name in document}
    return common | {f"{profile}.{name}": document[profile][name] for name in names if name in document[profile]}


def stage_build(name: str, inputs: Iterable[Path], params: dict[str, Any]) -> Build:
    """What the stage `export` makes a model's folder from: the files and folders that dvc.yaml declares."""
    return Build(f"export@{name}", {path.as_posix(): digest(path) for path in inputs}, params)


def write_export(files: list[Path], card: str, out: Path) -> None:
    """Put the files and the card (README.md) into a folder; files are hard links where the disk allows it."""
    for file in files:
        link_or_copy(file.resolve(), out / file.name)
    (out / "README.md").write_text(card, encoding="utf-8", newline="\n")


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it. DVC replaces outputs and never writes into them, so that a link is safe."""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copyfile(source, target)
