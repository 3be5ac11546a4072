"""`brand-mlm verify`: all outputs and cached objects against dvc.lock, byte by byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import typer

from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.recorded import cached_objects, check_object, check_output, recorded_outputs

EXAMPLE: Final = "brand-mlm verify"

LOCK: Final = Path("dvc.lock")


def cache_folder() -> Path:
    """DVC's cache of the current project, wherever its configuration puts it."""
    done = subprocess.run([sys.executable, "-m", "dvc", "cache", "dir"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(f"dvc cache dir: {done.stderr}")
    return Path(done.stdout.strip(), "files", "md5")


def find_faults(cache: Path) -> tuple[list[str], str]:
    """A line for each fault, and what was checked."""
    from brandmlm.reporting.comparison.locks import parse_lock

    if not LOCK.is_file():
        raise UserError(f"{LOCK}: not found; run `make repro` to make it")
    outputs = recorded_outputs(parse_lock(LOCK.read_bytes(), "workspace"))
    try:
        objects = cached_objects(outputs.values(), cache)
        faults = [fault for digest, file in objects.items() if (fault := check_object(digest, file))]
        for path, digest in outputs.items():
            faults += check_output(Path(path), digest, cache)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror}); check the disk") from None
    return faults, f"{len(outputs)} outputs of {LOCK}, {len(objects)} objects in the cache"


def verify() -> None:
    """Check outputs and cache against dvc.lock, all bytes."""
    enter_project()
    faults, checked = find_faults(cache_folder())
    for fault in faults:
        say(fault)
    say(f"verify: {checked}: {f'{len(faults)} faults' if faults else 'all bytes as recorded'}")
    raise typer.Exit(1 if faults else 0)
