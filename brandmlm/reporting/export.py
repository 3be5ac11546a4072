"""Files of an exported model."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def link(source: Path, target: Path) -> None:
    """A second name for a file, where the disk can; else a copy. (Outputs are replaced and never written into.)"""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copyfile(source, target)
