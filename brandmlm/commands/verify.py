"""`brand-mlm verify`: outputs and cache against dvc.lock, all bytes; an export against its statement; a rebuild."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.commands.project import enter_project, find_root
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
    from brandmlm.commands.verify_export import check_workspace_exports
    from brandmlm.reporting.comparison.locks import parse_lock
    from brandmlm.reporting.lock_builds import broken_links

    if not LOCK.is_file():
        raise UserError(f"{LOCK}: not found; run `make repro` to make it")
    lock = parse_lock(LOCK.read_bytes(), "workspace")
    outputs = recorded_outputs(lock)
    try:
        objects = cached_objects(outputs.values(), cache)
        faults = [*broken_links(lock)]
        faults += [fault for digest, file in objects.items() if (fault := check_object(digest, file))]
        for path, digest in outputs.items():
            faults += check_output(Path(path), digest, cache)
        faults += check_workspace_exports(lock)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be read ({error.strerror}); check the disk") from None
    return faults, f"{len(outputs)} outputs of {LOCK}, {len(objects)} objects in the cache"


def find_export_faults(folder: Path) -> tuple[list[str], str]:
    """A line for each fault of an exported folder, which may lie anywhere, and what was checked."""
    from brandmlm.commands.verify_export import check_export

    if not folder.is_dir():
        raise UserError(f"{folder}: not a folder; name the folder of an export")
    if find_root(Path.cwd()):
        absolute = folder.absolute()
        enter_project()
        folder = Path(os.path.relpath(absolute))
    return check_export(folder, find_root(Path.cwd()) is not None)


def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="EXPORT", help="An exported folder, anywhere, to check alone.", show_default=False),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Run the pipeline in a temporary clone of HEAD and compare the results.")
    ] = False,
) -> None:
    """Check outputs and cache against dvc.lock, all bytes.

    Checks the exports' statements of provenance, too; with EXPORT, one exported folder against its own.
    """
    if folder and rebuild:
        raise UserError("verify: a folder cannot be rebuilt; leave out one of EXPORT and --rebuild")
    if folder:
        faults, checked = find_export_faults(folder)
    else:
        enter_project()
        if rebuild:
            from brandmlm.commands.rebuild import rebuild as rebuild_head

            faults, checked = rebuild_head()
        else:
            faults, checked = find_faults(cache_folder())
    for fault in faults:
        say(fault)
    said = "nothing differs" if folder else "" if rebuild else "all bytes as recorded"
    told = f"{len(faults)} faults" if faults else said
    say(f"verify: {checked}{': ' if told else ''}{told}")
    raise typer.Exit(1 if faults else 0)
